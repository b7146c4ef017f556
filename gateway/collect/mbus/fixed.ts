import { digitsOf } from '../line/framing.ts';
import type { DataRecord } from './records.ts';
import type { Quantity } from './units.ts';
import type { RecordValue } from './value.ts';

/** 固定数据结构, CI 73 (EN 1434-3): a number, an access number, a status, two counters. */
export interface FixedData {
  readonly id: string;
  readonly access: number;
  readonly status: number;
  /** Code of the medium, four bits. */
  readonly medium: number;
  readonly records: readonly DataRecord[];
}

const fixedLength = 16;
/** The second counter has the unit of the first and is the one of the settling day. */
const sameButStored = 0x3e;

interface Unit {
  readonly key: string;
  readonly zh: string;
  readonly en: string;
  readonly unit: string;
  /** Of the lowest code of its row. */
  readonly exponent: number;
}

/** The rows of the table of units: from this code on, ×1, ×10, ×100, and the next. */
const rows: readonly (Unit & { from: number; to: number })[] = [
  { from: 0x02, to: 0x0a, key: 'energy', zh: '能量', en: 'energy', unit: 'kWh', exponent: -3 },
  { from: 0x0b, to: 0x13, key: 'energy-joule', zh: '能量', en: 'energy', unit: 'MJ', exponent: -3 },
  { from: 0x14, to: 0x1c, key: 'power', zh: '功率', en: 'power', unit: 'W', exponent: 0 },
  { from: 0x1d, to: 0x25, key: 'power-joule', zh: '功率', en: 'power', unit: 'MJ/h', exponent: -3 },
  { from: 0x26, to: 0x2e, key: 'volume', zh: '体积', en: 'volume', unit: 'm³', exponent: -6 },
  { from: 0x2f, to: 0x37, key: 'flow', zh: '流量', en: 'flow', unit: 'm³/h', exponent: -6 },
  { from: 0x38, to: 0x38, key: 'temperature', zh: '温度', en: 'temperature', unit: '°C', exponent: -3 },
];

/** `data`: behind CI. Undefined where there are not 16 bytes. */
export function readFixed(data: Uint8Array): FixedData | undefined {
  if (data.length < fixedLength) return undefined;
  const status = data[5] as number;
  const [first, second] = [data[6] as number, data[7] as number];
  const isBinary = (status & 1) !== 0;
  const isStored = (status & 2) !== 0;
  const sameUnit = (second & 0x3f) === sameButStored;
  return {
    id: digitsOf(data.subarray(0, 4)),
    access: data[4] as number,
    status,
    medium: (first >> 6) | ((second >> 6) << 2),
    records: [
      counter(data.slice(8, 12), first & 0x3f, isStored ? 1 : 0, isBinary, 1),
      counter(data.slice(12, 16), (sameUnit ? first : second) & 0x3f, sameUnit || isStored ? 1 : 0, isBinary, 2),
    ],
  };
}

/** A second counter of the same kind is another unit of the meter, as in the variable structure. */
function counter(bytes: Uint8Array, code: number, storage: number, isBinary: boolean, which: 1 | 2): DataRecord {
  const row = rows.find(({ from, to }) => code >= from && code <= to);
  const quantity: Quantity = row ?? { key: `counter${which}`, zh: '计数', en: 'counter' };
  const exponent = row === undefined ? 0 : row.exponent + (code - row.from);
  const isOther = which === 2 && storage === 0;
  return {
    key: `${quantity.key}.inst.${storage}${isOther && row !== undefined ? '.unit1' : ''}`,
    quantity: { key: quantity.key, zh: quantity.zh, en: quantity.en, ...(row === undefined ? {} : { unit: row.unit }) },
    value: valueOf(bytes, isBinary, exponent),
    bytes,
  };
}

function valueOf(bytes: Uint8Array, isBinary: boolean, exponent: number): RecordValue {
  const digits = digitsOf(bytes);
  if (!isBinary && !/^\d+$/.test(digits)) return null;
  return Number(`${isBinary ? BigInt(`0x${digits}`) : BigInt(digits)}e${exponent}`);
}
