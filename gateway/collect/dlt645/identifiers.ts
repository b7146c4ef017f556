/** 数据标识 DI: what the common ones are, for people who read a frame. Values go by the profile and not by this. */
export interface IdentifierName {
  readonly zh: string;
  readonly en: string;
  /** Packed decimal with so many places behind the point; without it the bytes are no plain number. */
  readonly places?: number;
  readonly bytes?: number;
  readonly unit?: string;
  /** The highest bit is the sign. */
  readonly isSigned?: boolean;
}

interface Family extends IdentifierName {
  readonly pattern: RegExp;
}

const phases: Readonly<Record<string, { zh: string; en: string }>> = {
  '00': { zh: '总', en: 'total' },
  '01': { zh: 'A 相', en: 'phase A' },
  '02': { zh: 'B 相', en: 'phase B' },
  '03': { zh: 'C 相', en: 'phase C' },
  FF: { zh: '数据块', en: 'block' },
};

/** DL/T 645-2007 annex A: energy, variables, parameters. The group is the phase, tariff or number. */
const families: readonly Family[] = [
  { pattern: /^0000(..)00$/, zh: '组合有功电能', en: 'combined active energy', places: 2, bytes: 4, unit: 'kWh', isSigned: true },
  { pattern: /^0001(..)00$/, zh: '正向有功电能', en: 'forward active energy', places: 2, bytes: 4, unit: 'kWh' },
  { pattern: /^0002(..)00$/, zh: '反向有功电能', en: 'reverse active energy', places: 2, bytes: 4, unit: 'kWh' },
  {
    pattern: /^0003(..)00$/,
    zh: '组合无功 1 电能',
    en: 'combined reactive energy 1',
    places: 2,
    bytes: 4,
    unit: 'kvarh',
    isSigned: true,
  },
  {
    pattern: /^0004(..)00$/,
    zh: '组合无功 2 电能',
    en: 'combined reactive energy 2',
    places: 2,
    bytes: 4,
    unit: 'kvarh',
    isSigned: true,
  },
  { pattern: /^00900100$/, zh: '剩余电量', en: 'remaining energy', places: 2, bytes: 4, unit: 'kWh' },
  { pattern: /^00900101$/, zh: '透支电量', en: 'overdrawn energy', places: 2, bytes: 4, unit: 'kWh' },
  { pattern: /^00900200$/, zh: '剩余金额', en: 'remaining money', places: 2, bytes: 4, unit: '元' },
  { pattern: /^00900201$/, zh: '透支金额', en: 'overdrawn money', places: 2, bytes: 4, unit: '元' },
  { pattern: /^0201(..)00$/, zh: '电压', en: 'voltage', places: 1, bytes: 2, unit: 'V' },
  { pattern: /^0202(..)00$/, zh: '电流', en: 'current', places: 3, bytes: 3, unit: 'A', isSigned: true },
  { pattern: /^0203(..)00$/, zh: '瞬时有功功率', en: 'active power', places: 4, bytes: 3, unit: 'kW', isSigned: true },
  { pattern: /^0204(..)00$/, zh: '瞬时无功功率', en: 'reactive power', places: 4, bytes: 3, unit: 'kvar', isSigned: true },
  { pattern: /^0205(..)00$/, zh: '瞬时视在功率', en: 'apparent power', places: 4, bytes: 3, unit: 'kVA', isSigned: true },
  { pattern: /^0206(..)00$/, zh: '功率因数', en: 'power factor', places: 3, bytes: 2, isSigned: true },
  { pattern: /^0207(..)00$/, zh: '相角', en: 'phase angle', places: 1, bytes: 2, unit: '°' },
  { pattern: /^02800001$/, zh: '零线电流', en: 'neutral current', places: 3, bytes: 3, unit: 'A', isSigned: true },
  { pattern: /^02800002$/, zh: '电网频率', en: 'grid frequency', places: 2, bytes: 2, unit: 'Hz' },
  { pattern: /^02800007$/, zh: '表内温度', en: 'temperature in the meter', places: 1, bytes: 2, unit: '℃', isSigned: true },
  { pattern: /^02800008$/, zh: '时钟电池电压', en: 'clock battery voltage', places: 2, bytes: 2, unit: 'V' },
  { pattern: /^0280000A$/, zh: '内部电池工作时间', en: 'battery operating time', places: 0, bytes: 4, unit: 'min' },
  { pattern: /^04000101$/, zh: '日期及星期', en: 'date and weekday' },
  { pattern: /^04000102$/, zh: '时间', en: 'time of day' },
  { pattern: /^04000401$/, zh: '通信地址', en: 'communication address' },
  { pattern: /^04000402$/, zh: '表号', en: 'meter number' },
  { pattern: /^0400050(.)$/, zh: '电表运行状态字', en: 'meter status word' },
  { pattern: /^040005FF$/, zh: '电表运行状态字数据块', en: 'block of the meter status words' },
  // DL/T 645-1997 annex A.
  { pattern: /^9010$/, zh: '正向有功总电能', en: 'forward active energy', places: 2, bytes: 4, unit: 'kWh' },
  { pattern: /^9020$/, zh: '反向有功总电能', en: 'reverse active energy', places: 2, bytes: 4, unit: 'kWh' },
  { pattern: /^B61([123])$/, zh: '电压', en: 'voltage', places: 0, bytes: 2, unit: 'V' },
  { pattern: /^B62([123])$/, zh: '电流', en: 'current', places: 2, bytes: 2, unit: 'A' },
  { pattern: /^B63([0123])$/, zh: '瞬时有功功率', en: 'active power', places: 4, bytes: 3, unit: 'kW' },
  { pattern: /^B65([0123])$/, zh: '功率因数', en: 'power factor', places: 3, bytes: 2 },
  { pattern: /^C020$/, zh: '电表运行状态字', en: 'meter status word' },
];

/** `02010100` → A 相 电压. Undefined for one that is not in the list. */
export function nameOf(identifier: string): IdentifierName | undefined {
  const family = families.find(({ pattern }) => pattern.test(identifier));
  if (family === undefined) return undefined;
  const part = family.pattern.exec(identifier)?.[1];
  const { pattern: _, ...name } = family;
  if (part === undefined) return name;
  const which = whichOf(identifier, part.padStart(2, '0'));
  return { ...name, zh: `${which.zh} ${name.zh}`, en: `${name.en}, ${which.en}` };
}

function whichOf(identifier: string, part: string): { zh: string; en: string } {
  const isPhase = /^02|^B6/.test(identifier);
  if (isPhase || part === '00' || part === 'FF') return phases[part] ?? { zh: part, en: part };
  const number = parseInt(part, 16);
  return identifier.startsWith('04')
    ? { zh: `第 ${number} 个`, en: `number ${number}` }
    : { zh: `费率 ${number}`, en: `tariff ${number}` };
}

/** The value as the display shows it, such as `-12.3456 kW`; undefined where the bytes are no such number. */
export function shownValue({ places, bytes, unit = '', isSigned }: IdentifierName, lowFirst: Uint8Array): string | undefined {
  if (places === undefined || bytes === undefined || lowFirst.length < bytes) return undefined;
  const own = lowFirst.slice(0, bytes);
  const top = own[bytes - 1] as number;
  const isNegative = isSigned === true && (top & 0x80) !== 0;
  if (isNegative) own[bytes - 1] = top & 0x7f;
  const digits = Array.from(own.toReversed(), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!/^\d+$/.test(digits)) return undefined;
  const whole = digits.slice(0, digits.length - places).replace(/^0+(?=\d)/, '');
  const number = places === 0 ? whole : `${whole}.${digits.slice(-places)}`;
  return `${isNegative ? '-' : ''}${number} ${unit}`.trim();
}
