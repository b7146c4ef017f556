import { digitsOf, hexOf } from '../line/framing.ts';
import type { Quantity } from './units.ts';

/** The value of a record as JSON carries it; null: the meter says that there is none, or the bytes are none. */
export type RecordValue = number | string | null;

/** DIF, low four bits: how long the data is, and what it is. */
export type DataField = number;
export const readoutSelection = 8;
export const variableLength = 13;

/** Bytes of the data, for all fields whose length the field itself says. */
const lengths: readonly (number | undefined)[] = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, undefined, 6, undefined];

export function lengthOf(field: DataField): number | undefined {
  return lengths[field];
}

/** `exponent`: of the quantity and its modifiers together. */
export function readValue(field: DataField, quantity: Quantity, exponent: number, bytes: Uint8Array): RecordValue {
  if (quantity.kind === 'time') return timeOf(bytes);
  if (field === 5) return realOf(bytes, exponent, quantity.factor);
  if (isDecimal(field)) return decimalOf(digitsOf(bytes), quantity, exponent);
  const isSigned = quantity.kind !== 'flags' && quantity.kind !== 'identity';
  return integerOf(bytes, quantity, exponent, isSigned);
}

function isDecimal(field: DataField): boolean {
  return field >= 9 && field !== variableLength;
}

/** 变长数据 LVAR (EN 13757-3): its first byte says what it is and how long. */
export interface Variable {
  readonly kind: 'text' | 'decimal' | 'negative-decimal' | 'binary' | 'reserved';
  readonly bytes: number;
}

export function variableOf(first: number): Variable {
  if (first < 0xc0) return { kind: 'text', bytes: first };
  if (first <= 0xc9) return { kind: 'decimal', bytes: first - 0xc0 };
  if (first >= 0xd0 && first <= 0xd9) return { kind: 'negative-decimal', bytes: first - 0xd0 };
  if (first >= 0xe0 && first <= 0xef) return { kind: 'binary', bytes: first - 0xe0 };
  if (first >= 0xf0 && first <= 0xf4) return { kind: 'binary', bytes: 4 * (first - 0xec) };
  if (first === 0xf5) return { kind: 'binary', bytes: 48 };
  return first === 0xf6 ? { kind: 'binary', bytes: 64 } : { kind: 'reserved', bytes: 0 };
}

export function readVariable({ kind }: Variable, quantity: Quantity, exponent: number, bytes: Uint8Array): RecordValue {
  if (kind === 'text') return textOf(bytes);
  if (kind === 'decimal') return decimalOf(digitsOf(bytes), quantity, exponent);
  if (kind === 'negative-decimal') return decimalOf(`F${digitsOf(bytes)}`, quantity, exponent);
  if (bytes.length === 0) return null;
  // A number longer than eight bytes is a key or a container and no measured value.
  return bytes.length <= 8 ? integerOf(bytes, quantity, exponent, quantity.kind === undefined) : hexOf(bytes.toReversed());
}

/** Text is sent last character first (EN 13757-3); what cannot be printed becomes a dot. */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes.toReversed(), (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    .join('')
    .trim();
}

/** Digits high first; F in front is a minus, any other letter no number (type A). */
function decimalOf(digits: string, { kind, factor }: Quantity, exponent: number): RecordValue {
  const isNegative = digits.startsWith('F');
  const own = isNegative ? digits.slice(1) : digits;
  if (!/^\d+$/.test(own)) return null;
  if (kind === 'identity') return isNegative ? null : own;
  return scaled(BigInt(own) * (isNegative ? -1n : 1n), factor, exponent);
}

/** Low byte first (types B and C). The most negative number is the sign that there is none. */
function integerOf(bytes: Uint8Array, { kind, factor }: Quantity, exponent: number, isSigned: boolean): RecordValue {
  if (bytes.length === 0) return null;
  const whole = BigInt(`0x${digitsOf(bytes)}`);
  const bits = bytes.length * 8;
  const value = isSigned ? BigInt.asIntN(bits, whole) : whole;
  if (kind === 'identity') return value.toString();
  if (isSigned && value === -(2n ** BigInt(bits - 1))) return null;
  return scaled(value, factor, exponent);
}

function realOf(bytes: Uint8Array, exponent: number, factor = 1): RecordValue {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(0, true);
  if (!Number.isFinite(value)) return null;
  const [digits = '0', power = '0'] = String(shortest(value) * factor).split('e');
  return Number(`${digits}e${Number(power) + exponent}`);
}

/** The shortest decimal that is this single-precision number: 230.2 and not 230.1999969482422. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** Exact: the double nearest to the decimal. */
function scaled(value: bigint, factor = 1, exponent = 0): number {
  return Number(`${value * BigInt(factor)}e${exponent}`) + 0;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Types F, G, I and J (EN 13757-3 annex A) in the meter's own time; null where the meter marks it invalid or it is no date. */
function timeOf(bytes: Uint8Array): string | null {
  const at = (index: number): number => bytes[index] ?? 0;
  if (bytes.length === 2) return dateOf(at(0), at(1), 0);
  if (bytes.length === 4)
    return (at(0) & 0x80) !== 0 ? null : joined(dateOf(at(2), at(3), (at(1) >> 5) & 3), at(1) & 0x1f, at(0) & 0x3f);
  if (bytes.length === 6) {
    if ((at(1) & 0x80) !== 0) return null;
    const time = joined(dateOf(at(3), at(4), 0), at(2) & 0x1f, at(1) & 0x3f);
    return time === null || (at(0) & 0x3f) > 59 ? time : `${time}:${two(at(0) & 0x3f)}`;
  }
  if (bytes.length === 3 && (at(2) & 0x1f) < 24 && (at(1) & 0x3f) < 60 && (at(0) & 0x3f) < 60)
    return `${two(at(2) & 0x1f)}:${two(at(1) & 0x3f)}:${two(at(0) & 0x3f)}`;
  return null;
}

function joined(date: string | null, hour: number, minute: number): string | null {
  return date === null || hour > 23 || minute > 59 ? null : `${date}T${two(hour)}:${two(minute)}`;
}

/** Type G: day in bits 0–4, month in 8–11, year in 5–7 and 12–15; `hundreds`: of years behind 1900, where the type has it. */
function dateOf(low: number, high: number, hundreds: number): string | null {
  const [day, month, year] = [low & 0x1f, high & 0x0f, (low >> 5) | ((high >> 4) << 3)];
  if (day < 1 || day > 31 || month < 1 || month > 12 || year > 99) return null;
  const full = hundreds === 0 ? (year > 80 ? 1900 : 2000) + year : 1900 + hundreds * 100 + year;
  return `${full}-${two(month)}-${two(day)}`;
}
