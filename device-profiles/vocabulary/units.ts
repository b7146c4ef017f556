import { z } from 'zod';

interface UnitFacts {
  /** Unified Code for Units of Measure; what UCUM lacks carries an annotation. */
  readonly ucum: string;
  readonly zh: string;
  readonly symbol: string;
  /** Name in SenML and LwM2M (RFC 8428 §12.1, RFC 8798 §2 and §3), where there is one. */
  readonly senml?: string;
  /** What a unit is a multiple of. A unit without it stands for itself and is converted into nothing else. */
  readonly of?: string;
  /** One of it, in the unit it is a multiple of. */
  readonly times?: number;
  /** Added before multiplying: scales whose zero is elsewhere. */
  readonly plus?: number;
}

/** 单位: the closed list. The key is our id, as written in profiles. Conversion is within one `of`, and nowhere else. */
export const units = {
  // electricity
  V: { ucum: 'V', zh: '伏', symbol: 'V', senml: 'V', of: 'V', times: 1 },
  mV: { ucum: 'mV', zh: '毫伏', symbol: 'mV', senml: 'mV', of: 'V', times: 1e-3 },
  A: { ucum: 'A', zh: '安', symbol: 'A', senml: 'A', of: 'A', times: 1 },
  mA: { ucum: 'mA', zh: '毫安', symbol: 'mA', senml: 'mA', of: 'A', times: 1e-3 },
  'A.h': { ucum: 'A.h', zh: '安时', symbol: 'Ah', senml: 'Ah' },
  W: { ucum: 'W', zh: '瓦', symbol: 'W', senml: 'W', of: 'W', times: 1 },
  kW: { ucum: 'kW', zh: '千瓦', symbol: 'kW', senml: 'kW', of: 'W', times: 1e3 },
  VA: { ucum: 'V.A', zh: '伏安', symbol: 'VA', senml: 'VA', of: 'VA', times: 1 },
  kVA: { ucum: 'kV.A', zh: '千伏安', symbol: 'kVA', senml: 'kVA', of: 'VA', times: 1e3 },
  var: { ucum: 'V.A{reactive}', zh: '乏', symbol: 'var', senml: 'var', of: 'var', times: 1 },
  kvar: { ucum: 'kV.A{reactive}', zh: '千乏', symbol: 'kvar', senml: 'kvar', of: 'var', times: 1e3 },
  'W.h': { ucum: 'W.h', zh: '瓦时', symbol: 'Wh', senml: 'Wh', of: 'J', times: 3.6e3 },
  'kW.h': { ucum: 'kW.h', zh: '千瓦时', symbol: 'kWh', senml: 'kWh', of: 'J', times: 3.6e6 },
  'MW.h': { ucum: 'MW.h', zh: '兆瓦时', symbol: 'MWh', of: 'J', times: 3.6e9 },
  'kvar.h': { ucum: 'kV.A{reactive}.h', zh: '千乏时', symbol: 'kvarh', senml: 'kvarh' },
  'kVA.h': { ucum: 'kV.A.h', zh: '千伏安时', symbol: 'kVAh', senml: 'kVAh' },
  Hz: { ucum: 'Hz', zh: '赫兹', symbol: 'Hz', senml: 'Hz' },
  ohm: { ucum: 'Ohm', zh: '欧', symbol: 'Ω', senml: 'Ohm' },
  'uS/cm': { ucum: 'uS/cm', zh: '微西每厘米', symbol: 'µS/cm' },
  // heat
  J: { ucum: 'J', zh: '焦', symbol: 'J', senml: 'J', of: 'J', times: 1 },
  MJ: { ucum: 'MJ', zh: '兆焦', symbol: 'MJ', of: 'J', times: 1e6 },
  GJ: { ucum: 'GJ', zh: '吉焦', symbol: 'GJ', of: 'J', times: 1e9 },
  Cel: { ucum: 'Cel', zh: '摄氏度', symbol: '℃', senml: 'Cel', of: 'Cel', times: 1 },
  degF: { ucum: '[degF]', zh: '华氏度', symbol: '℉', of: 'Cel', times: 5 / 9, plus: -32 },
  K: { ucum: 'K', zh: '开', symbol: 'K', senml: 'K', of: 'Cel', times: 1, plus: -273.15 },
  // shares
  '1': { ucum: '1', zh: '无量纲', symbol: '', senml: '/', of: '1', times: 1 },
  '%': { ucum: '%', zh: '百分比', symbol: '%', senml: '/100', of: '1', times: 1e-2 },
  ppm: { ucum: '[ppm]', zh: '百万分之一', symbol: 'ppm', senml: 'ppm', of: '1', times: 1e-6 },
  ppb: { ucum: '[ppb]', zh: '十亿分之一', symbol: 'ppb', of: '1', times: 1e-9 },
  '%vol': { ucum: '%{vol}', zh: '体积百分比', symbol: '%VOL', of: '1', times: 1e-2 },
  '%RH': { ucum: '%{RH}', zh: '相对湿度', symbol: '%RH', senml: '%RH' },
  '%LEL': { ucum: '%{LEL}', zh: '爆炸下限百分比', symbol: '%LEL' },
  count: { ucum: '{count}', zh: '次', symbol: '', senml: 'count' },
  // air, sound, light, water
  'ug/m3': { ucum: 'ug/m3', zh: '微克每立方米', symbol: 'µg/m³', senml: 'ug/m3', of: 'mg/m3', times: 1e-3 },
  'mg/m3': { ucum: 'mg/m3', zh: '毫克每立方米', symbol: 'mg/m³', of: 'mg/m3', times: 1 },
  'mg/L': { ucum: 'mg/L', zh: '毫克每升', symbol: 'mg/L', of: 'mg/m3', times: 1e3 },
  'dB/m': { ucum: 'dB/m', zh: '分贝每米', symbol: 'dB/m' },
  'dB{A}': { ucum: 'dB{A}', zh: '分贝（A 计权）', symbol: 'dB(A)' },
  dB: { ucum: 'dB', zh: '分贝', symbol: 'dB', senml: 'dB' },
  dBm: { ucum: 'dB{mW}', zh: '分贝毫瓦', symbol: 'dBm', senml: 'dBm' },
  lx: { ucum: 'lx', zh: '勒克斯', symbol: 'lx', senml: 'lx' },
  'W/m2': { ucum: 'W/m2', zh: '瓦每平方米', symbol: 'W/m²', senml: 'W/m2' },
  'mm/h': { ucum: 'mm/h', zh: '毫米每小时', symbol: 'mm/h', senml: 'mm/h' },
  pH: { ucum: '[pH]', zh: '酸碱度', symbol: 'pH', senml: 'pH' },
  NTU: { ucum: '{NTU}', zh: '浊度单位', symbol: 'NTU', senml: 'NTU' },
  // pressure
  Pa: { ucum: 'Pa', zh: '帕', symbol: 'Pa', senml: 'Pa', of: 'Pa', times: 1 },
  hPa: { ucum: 'hPa', zh: '百帕', symbol: 'hPa', senml: 'hPa', of: 'Pa', times: 1e2 },
  kPa: { ucum: 'kPa', zh: '千帕', symbol: 'kPa', of: 'Pa', times: 1e3 },
  MPa: { ucum: 'MPa', zh: '兆帕', symbol: 'MPa', of: 'Pa', times: 1e6 },
  bar: { ucum: 'bar', zh: '巴', symbol: 'bar', of: 'Pa', times: 1e5 },
  mbar: { ucum: 'mbar', zh: '毫巴', symbol: 'mbar', of: 'Pa', times: 1e2 },
  psi: { ucum: '[psi]', zh: '磅每平方英寸', symbol: 'psi', of: 'Pa', times: 6894.757293168 },
  mH2O: { ucum: 'm[H2O]', zh: '米水柱', symbol: 'mH₂O', of: 'Pa', times: 9806.65 },
  // volume and flow
  m3: { ucum: 'm3', zh: '立方米', symbol: 'm³', senml: 'm3', of: 'm3', times: 1 },
  L: { ucum: 'L', zh: '升', symbol: 'L', senml: 'l', of: 'm3', times: 1e-3 },
  Nm3: { ucum: 'm3{std}', zh: '标准立方米', symbol: 'Nm³' },
  'm3/h': { ucum: 'm3/h', zh: '立方米每小时', symbol: 'm³/h', of: 'm3/h', times: 1 },
  'm3/min': { ucum: 'm3/min', zh: '立方米每分钟', symbol: 'm³/min', of: 'm3/h', times: 60 },
  'L/s': { ucum: 'L/s', zh: '升每秒', symbol: 'L/s', senml: 'l/s', of: 'm3/h', times: 3.6 },
  'L/min': { ucum: 'L/min', zh: '升每分钟', symbol: 'L/min', of: 'm3/h', times: 0.06 },
  'L/h': { ucum: 'L/h', zh: '升每小时', symbol: 'L/h', of: 'm3/h', times: 1e-3 },
  'Nm3/h': { ucum: 'm3{std}/h', zh: '标准立方米每小时', symbol: 'Nm³/h' },
  // length, angle, motion, weight
  m: { ucum: 'm', zh: '米', symbol: 'm', senml: 'm', of: 'm', times: 1 },
  cm: { ucum: 'cm', zh: '厘米', symbol: 'cm', senml: 'cm', of: 'm', times: 1e-2 },
  mm: { ucum: 'mm', zh: '毫米', symbol: 'mm', senml: 'mm', of: 'm', times: 1e-3 },
  deg: { ucum: 'deg', zh: '度', symbol: '°', senml: 'deg' },
  'm/s': { ucum: 'm/s', zh: '米每秒', symbol: 'm/s', senml: 'm/s', of: 'm/s', times: 1 },
  'mm/s': { ucum: 'mm/s', zh: '毫米每秒', symbol: 'mm/s', of: 'm/s', times: 1e-3 },
  'km/h': { ucum: 'km/h', zh: '千米每小时', symbol: 'km/h', senml: 'km/h', of: 'm/s', times: 1 / 3.6 },
  'm/s2': { ucum: 'm/s2', zh: '米每二次方秒', symbol: 'm/s²', senml: 'm/s2' },
  rpm: { ucum: '{rev}/min', zh: '转每分钟', symbol: 'r/min', senml: '1/min' },
  kg: { ucum: 'kg', zh: '千克', symbol: 'kg', senml: 'kg', of: 'kg', times: 1 },
  g: { ucum: 'g', zh: '克', symbol: 'g', senml: 'g', of: 'kg', times: 1e-3 },
  // time
  ms: { ucum: 'ms', zh: '毫秒', symbol: 'ms', senml: 'ms', of: 's', times: 1e-3 },
  s: { ucum: 's', zh: '秒', symbol: 's', senml: 's', of: 's', times: 1 },
  min: { ucum: 'min', zh: '分钟', symbol: 'min', senml: 'min', of: 's', times: 60 },
  h: { ucum: 'h', zh: '小时', symbol: 'h', senml: 'h', of: 's', times: 3600 },
  d: { ucum: 'd', zh: '天', symbol: '天', of: 's', times: 86_400 },
  '/min': { ucum: '/min', zh: '次每分钟', symbol: '/min', senml: '1/min' },
  // money
  CNY: { ucum: '{CNY}', zh: '元', symbol: '元' },
} as const satisfies Record<string, UnitFacts>;

export type Unit = keyof typeof units;
export const Unit = z.enum(Object.keys(units) as [Unit, ...Unit[]]);

/** The facts of a unit; `undefined` for a word that is none. */
export function unitFacts(id: string): UnitFacts | undefined {
  return Object.hasOwn(units, id) ? units[id as Unit] : undefined;
}

export function isConvertible(from: string, to: string): boolean {
  const [a, b] = [unitFacts(from), unitFacts(to)];
  return a !== undefined && b !== undefined && (from === to || (a.of !== undefined && a.of === b.of));
}

/** `value` in `from` as it is in `to`, to twelve digits; `undefined` where the two have nothing in common. */
export function convert(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const [a, b] = [unitFacts(from), unitFacts(to)];
  if (a?.of === undefined || a.of !== b?.of) return undefined;
  const plain = (value + (a.plus ?? 0)) * (a.times ?? 1);
  return Number((plain / (b.times ?? 1) - (b.plus ?? 0)).toPrecision(12));
}
