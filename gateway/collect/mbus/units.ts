/** What a record speaks of. Values are given in `unit`: raw × factor × 10^exponent. */
export interface Quantity {
  /** The first part of the record's key. */
  readonly key: string;
  readonly zh: string;
  readonly en: string;
  readonly unit?: string;
  readonly exponent?: number;
  readonly factor?: number;
  /** `number`: as it is. `time`: a date. `identity`: digits that name something. `flags`: bits, never negative. */
  readonly kind?: 'time' | 'identity' | 'flags';
}

interface Family extends Quantity {
  readonly from: number;
  readonly to: number;
  /** For how many low bits n of the code: exponent + n, or the n-th factor. */
  readonly factors?: readonly number[];
}

const seconds = [1, 60, 3_600, 86_400];
/** Hours, days, months, years have no fixed number of seconds; they are given in hours and days, and in months. */
const hoursDays = [1, 24];

/** Primary VIF, 7 bits (EN 13757-3, primary VIF codes). */
const primary: readonly Family[] = [
  { from: 0x00, to: 0x07, key: 'energy', zh: '能量', en: 'energy', unit: 'kWh', exponent: -6 },
  { from: 0x08, to: 0x0f, key: 'energy-joule', zh: '能量', en: 'energy', unit: 'MJ', exponent: -6 },
  { from: 0x10, to: 0x17, key: 'volume', zh: '体积', en: 'volume', unit: 'm³', exponent: -6 },
  { from: 0x18, to: 0x1f, key: 'mass', zh: '质量', en: 'mass', unit: 'kg', exponent: -3 },
  { from: 0x20, to: 0x23, key: 'on-time', zh: '通电时间', en: 'on time', unit: 's', factors: seconds },
  { from: 0x24, to: 0x27, key: 'operating-time', zh: '运行时间', en: 'operating time', unit: 's', factors: seconds },
  { from: 0x28, to: 0x2f, key: 'power', zh: '功率', en: 'power', unit: 'W', exponent: -3 },
  { from: 0x30, to: 0x37, key: 'power-joule', zh: '功率', en: 'power', unit: 'MJ/h', exponent: -6 },
  { from: 0x38, to: 0x3f, key: 'flow', zh: '流量', en: 'flow', unit: 'm³/h', exponent: -6 },
  { from: 0x40, to: 0x47, key: 'flow', zh: '流量', en: 'flow', unit: 'm³/h', exponent: -7, factor: 60 },
  { from: 0x48, to: 0x4f, key: 'flow', zh: '流量', en: 'flow', unit: 'm³/h', exponent: -9, factor: 3_600 },
  { from: 0x50, to: 0x57, key: 'mass-flow', zh: '质量流量', en: 'mass flow', unit: 'kg/h', exponent: -3 },
  { from: 0x58, to: 0x5b, key: 'flow-temperature', zh: '供水温度', en: 'flow temperature', unit: '°C', exponent: -3 },
  { from: 0x5c, to: 0x5f, key: 'return-temperature', zh: '回水温度', en: 'return temperature', unit: '°C', exponent: -3 },
  { from: 0x60, to: 0x63, key: 'temperature-difference', zh: '温差', en: 'temperature difference', unit: 'K', exponent: -3 },
  { from: 0x64, to: 0x67, key: 'external-temperature', zh: '环境温度', en: 'external temperature', unit: '°C', exponent: -3 },
  { from: 0x68, to: 0x6b, key: 'pressure', zh: '压力', en: 'pressure', unit: 'kPa', exponent: -1 },
  { from: 0x6c, to: 0x6c, key: 'date', zh: '日期', en: 'date', kind: 'time' },
  { from: 0x6d, to: 0x6d, key: 'time', zh: '时间', en: 'time', kind: 'time' },
  { from: 0x6e, to: 0x6e, key: 'heat-cost-units', zh: '热分配单位', en: 'units of a heat cost allocator' },
  { from: 0x70, to: 0x73, key: 'averaging-duration', zh: '平均时段', en: 'averaging duration', unit: 's', factors: seconds },
  { from: 0x74, to: 0x77, key: 'actuality-duration', zh: '数据时效', en: 'actuality duration', unit: 's', factors: seconds },
  { from: 0x78, to: 0x78, key: 'fabrication-number', zh: '出厂编号', en: 'fabrication number', kind: 'identity' },
  { from: 0x79, to: 0x79, key: 'identification', zh: '识别号', en: 'identification', kind: 'identity' },
  { from: 0x7a, to: 0x7a, key: 'bus-address', zh: '总线地址', en: 'bus address' },
];

/** Behind VIF FD (EN 13757-3, first extension table). */
const extensionFd: readonly Family[] = [
  { from: 0x00, to: 0x03, key: 'credit', zh: '贷方金额', en: 'credit', exponent: -3 },
  { from: 0x04, to: 0x07, key: 'debit', zh: '借方金额', en: 'debit', exponent: -3 },
  { from: 0x08, to: 0x08, key: 'access-number', zh: '访问号', en: 'access number' },
  { from: 0x09, to: 0x09, key: 'medium', zh: '介质', en: 'medium' },
  { from: 0x0a, to: 0x0a, key: 'manufacturer', zh: '制造商', en: 'manufacturer', kind: 'identity' },
  { from: 0x0b, to: 0x0b, key: 'parameter-set', zh: '参数集', en: 'parameter set', kind: 'identity' },
  { from: 0x0c, to: 0x0c, key: 'model', zh: '型号', en: 'model', kind: 'identity' },
  { from: 0x0d, to: 0x0d, key: 'hardware-version', zh: '硬件版本', en: 'hardware version', kind: 'identity' },
  { from: 0x0e, to: 0x0e, key: 'firmware-version', zh: '固件版本', en: 'firmware version', kind: 'identity' },
  { from: 0x0f, to: 0x0f, key: 'software-version', zh: '软件版本', en: 'software version', kind: 'identity' },
  { from: 0x10, to: 0x10, key: 'customer-location', zh: '用户位置', en: 'customer location', kind: 'identity' },
  { from: 0x11, to: 0x11, key: 'customer', zh: '用户', en: 'customer', kind: 'identity' },
  { from: 0x17, to: 0x17, key: 'error-flags', zh: '错误标志', en: 'error flags', kind: 'flags' },
  { from: 0x18, to: 0x18, key: 'error-mask', zh: '错误掩码', en: 'error mask', kind: 'flags' },
  { from: 0x1a, to: 0x1a, key: 'digital-output', zh: '数字输出', en: 'digital output', kind: 'flags' },
  { from: 0x1b, to: 0x1b, key: 'digital-input', zh: '数字输入', en: 'digital input', kind: 'flags' },
  { from: 0x1c, to: 0x1c, key: 'baud-rate', zh: '波特率', en: 'baud rate' },
  { from: 0x1d, to: 0x1d, key: 'response-delay', zh: '应答延时', en: 'response delay' },
  { from: 0x1e, to: 0x1e, key: 'retry', zh: '重试', en: 'retries' },
  { from: 0x20, to: 0x20, key: 'first-storage', zh: '首个存储号', en: 'first storage number' },
  { from: 0x21, to: 0x21, key: 'last-storage', zh: '最后存储号', en: 'last storage number' },
  { from: 0x22, to: 0x22, key: 'storage-size', zh: '存储块大小', en: 'size of the storage block' },
  { from: 0x24, to: 0x27, key: 'storage-interval', zh: '存储间隔', en: 'storage interval', unit: 's', factors: seconds },
  { from: 0x28, to: 0x28, key: 'storage-interval-months', zh: '存储间隔（月）', en: 'storage interval, months' },
  { from: 0x29, to: 0x29, key: 'storage-interval-years', zh: '存储间隔（年）', en: 'storage interval, years' },
  { from: 0x2c, to: 0x2f, key: 'since-readout', zh: '距上次抄表', en: 'since the last readout', unit: 's', factors: seconds },
  { from: 0x30, to: 0x30, key: 'tariff-start', zh: '费率开始', en: 'start of the tariff', kind: 'time' },
  {
    from: 0x31,
    to: 0x33,
    key: 'tariff-duration',
    zh: '费率时长',
    en: 'duration of the tariff',
    unit: 's',
    factors: seconds.slice(1),
  },
  { from: 0x34, to: 0x37, key: 'tariff-period', zh: '费率周期', en: 'period of the tariff', unit: 's', factors: seconds },
  { from: 0x3a, to: 0x3a, key: 'dimensionless', zh: '无量纲', en: 'dimensionless' },
  { from: 0x40, to: 0x4f, key: 'voltage', zh: '电压', en: 'voltage', unit: 'V', exponent: -9 },
  { from: 0x50, to: 0x5f, key: 'current', zh: '电流', en: 'current', unit: 'A', exponent: -12 },
  { from: 0x60, to: 0x60, key: 'reset-counter', zh: '复位次数', en: 'reset counter' },
  { from: 0x61, to: 0x61, key: 'cumulation-counter', zh: '累计次数', en: 'cumulation counter' },
  { from: 0x62, to: 0x62, key: 'control-signal', zh: '控制信号', en: 'control signal', kind: 'flags' },
  { from: 0x63, to: 0x63, key: 'weekday', zh: '星期', en: 'day of the week' },
  { from: 0x64, to: 0x64, key: 'week', zh: '周数', en: 'week number' },
  { from: 0x65, to: 0x65, key: 'day-change', zh: '换日时刻', en: 'time of the day change' },
  { from: 0x66, to: 0x66, key: 'parameter-state', zh: '参数激活状态', en: 'state of parameter activation' },
  { from: 0x67, to: 0x67, key: 'supplier-information', zh: '供应商信息', en: 'supplier information', kind: 'identity' },
  {
    from: 0x68,
    to: 0x69,
    key: 'since-cumulation',
    zh: '距上次累计',
    en: 'since the last cumulation',
    unit: 'h',
    factors: hoursDays,
  },
  {
    from: 0x6c,
    to: 0x6d,
    key: 'battery-operating-time',
    zh: '电池工作时间',
    en: 'battery operating time',
    unit: 'h',
    factors: hoursDays,
  },
  {
    from: 0x6e,
    to: 0x6f,
    key: 'battery-operating-months',
    zh: '电池工作时间（月）',
    en: 'battery operating time, months',
    factors: [1, 12],
  },
  { from: 0x70, to: 0x70, key: 'battery-change', zh: '换电池时间', en: 'battery change', kind: 'time' },
  { from: 0x71, to: 0x71, key: 'signal', zh: '信号强度', en: 'signal', unit: 'dBm' },
  { from: 0x74, to: 0x74, key: 'battery-days', zh: '电池剩余天数', en: 'remaining battery life', unit: 'd' },
  { from: 0x75, to: 0x75, key: 'stops', zh: '停表次数', en: 'number of stops' },
];

/** Behind VIF FB (EN 13757-3, second extension table). */
const extensionFb: readonly Family[] = [
  { from: 0x00, to: 0x01, key: 'energy', zh: '能量', en: 'energy', unit: 'kWh', exponent: 2 },
  { from: 0x02, to: 0x03, key: 'reactive-energy', zh: '无功电能', en: 'reactive energy', unit: 'kvarh', exponent: 0 },
  { from: 0x04, to: 0x05, key: 'apparent-energy', zh: '视在电能', en: 'apparent energy', unit: 'kVAh', exponent: 0 },
  { from: 0x08, to: 0x09, key: 'energy-joule', zh: '能量', en: 'energy', unit: 'MJ', exponent: 2 },
  { from: 0x0c, to: 0x0f, key: 'energy-calorie', zh: '能量', en: 'energy', unit: 'Mcal', exponent: -1 },
  { from: 0x10, to: 0x11, key: 'volume', zh: '体积', en: 'volume', unit: 'm³', exponent: 2 },
  { from: 0x14, to: 0x17, key: 'reactive-power', zh: '无功功率', en: 'reactive power', unit: 'var', exponent: 0 },
  { from: 0x18, to: 0x19, key: 'mass', zh: '质量', en: 'mass', unit: 'kg', exponent: 5 },
  { from: 0x1a, to: 0x1b, key: 'humidity', zh: '相对湿度', en: 'relative humidity', unit: '%RH', exponent: -1 },
  { from: 0x28, to: 0x29, key: 'power', zh: '功率', en: 'power', unit: 'W', exponent: 5 },
  { from: 0x2a, to: 0x2a, key: 'phase-voltage-angle', zh: '电压相角', en: 'phase angle U–U', unit: '°', exponent: -1 },
  { from: 0x2b, to: 0x2b, key: 'phase-current-angle', zh: '电流相角', en: 'phase angle U–I', unit: '°', exponent: -1 },
  { from: 0x2c, to: 0x2f, key: 'frequency', zh: '频率', en: 'frequency', unit: 'Hz', exponent: -3 },
  { from: 0x30, to: 0x31, key: 'power-joule', zh: '功率', en: 'power', unit: 'MJ/h', exponent: 2 },
  { from: 0x34, to: 0x37, key: 'apparent-power', zh: '视在功率', en: 'apparent power', unit: 'VA', exponent: 0 },
  { from: 0x74, to: 0x77, key: 'temperature-limit', zh: '冷热限温', en: 'cold/warm temperature limit', unit: '°C', exponent: -3 },
  { from: 0x78, to: 0x7f, key: 'power-cumulated', zh: '累计最大功率', en: 'cumulated maximum power', unit: 'W', exponent: -3 },
];

const tables = { primary, fd: extensionFd, fb: extensionFb };

/** The quantity of a code, its low seven bits; undefined for one that is reserved. */
export function quantityOf(table: keyof typeof tables, code: number): Quantity | undefined {
  const family = tables[table].find(({ from, to }) => code >= from && code <= to);
  if (family === undefined) return undefined;
  const { from, to: _, factors, exponent, ...quantity } = family;
  const step = code - from;
  if (factors !== undefined) return { ...quantity, factor: factors[step] as number };
  return exponent === undefined ? quantity : { ...quantity, exponent: exponent + step };
}
