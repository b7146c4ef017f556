import type { Encoding, Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import { calendarText, timeOfBytes } from './calendar.ts';
import { float16, float32, float64, shortest16, shortest32 } from './float.ts';
import { wordsText } from './text.ts';

/** What stands on the wire, before scale and names. `undefined`: the words are no such value (a bad text). */
export type Raw = number | bigint | boolean | string;
export type ReadRaw = (words: readonly number[], index: number) => Raw | undefined;

export interface WireFormat {
  readonly type: WireType;
  readonly order: Order;
  /** Registers of a string. */
  readonly length?: number | undefined;
  readonly encoding?: Encoding | undefined;
  readonly byte?: 'low' | 'high' | undefined;
  readonly bits?: { shift: number; width: number } | undefined;
  readonly signed?: boolean | undefined;
}

/** A reader of one value at `index` of the words; NaN stands for every value that is no number. */
export function compileRead(format: WireFormat): ReadRaw {
  const { type } = format;
  if (type === 'string') return stringReader(format);
  if (type.includes('time')) return timeReader(format);
  if (type === 'bit') return bitReader(format.bits?.shift ?? 0);
  if (type.startsWith('f')) return floatReader(type, format.order);
  if (type.startsWith('bcd')) return bcdReader(format);
  const read = integerReader(format);
  return format.bits === undefined ? read : bitRange(read, format.bits);
}

/**
 * The word that holds the bytes of significance `rank` (0 is the highest) of a value of `count` registers.
 * A single register is big-endian by the Modbus protocol (§4.2); an order that swaps bytes says that this device is not.
 */
function pickWord(order: Order, count: number): (words: readonly number[], index: number, rank: number) => number {
  const last = count - 1;
  switch (order) {
    case 'ABCD':
      return (words, index, rank) => words[index + rank] ?? 0;
    case 'CDAB':
      return (words, index, rank) => words[index + last - rank] ?? 0;
    case 'BADC':
      return (words, index, rank) => swapBytes(words[index + rank] ?? 0);
    case 'DCBA':
      return (words, index, rank) => swapBytes(words[index + last - rank] ?? 0);
  }
}

function swapBytes(word: number): number {
  return ((word & 0xff) << 8) | (word >> 8);
}

function stringReader(format: WireFormat): ReadRaw {
  const length = format.length ?? 1;
  const lowFirst = format.order === 'BADC' || format.order === 'DCBA';
  const encoding = format.encoding ?? 'ascii';
  return (words, index) => wordsText(words, index, length, lowFirst, encoding);
}

/** Two numbers of the calendar in a register, the year first; as the text that `calendarText` writes. */
function timeReader({ type, order }: WireFormat): ReadRaw {
  const count = registerCount(type);
  const word = pickWord(order, count);
  return (words, index) => {
    const bytes = Array.from({ length: count }, (_, rank) => word(words, index, rank)).flatMap((each) => [
      each >> 8,
      each & 0xff,
    ]);
    const time = timeOfBytes(type, Uint8Array.from(bytes.slice(-Number(type.at(-1)))));
    return time === undefined ? undefined : calendarText(time);
  };
}

function bitReader(shift: number): ReadRaw {
  return (words, index) => (((words[index] ?? 0) >> shift) & 1) === 1;
}

function floatReader(type: WireType, order: Order): ReadRaw {
  const word = pickWord(order, registerCount(type));
  if (type === 'f16') return (words, index) => shortest16(float16(word(words, index, 0)));
  if (type === 'f32') return (words, index) => shortest32(float32(word(words, index, 0), word(words, index, 1)));
  return (words, i) => float64(word(words, i, 0), word(words, i, 1), word(words, i, 2), word(words, i, 3));
}

function integerReader(format: WireFormat): ReadRaw {
  const signed = format.type.startsWith('s');
  const bits = Number(format.type.slice(1));
  if (bits === 8) return byteReader(format.byte ?? 'low', signed);
  if (bits === 64) return longReader(format.order, signed);
  const count = Math.ceil(bits / 16);
  const word = pickWord(format.order, count);
  const sign = 2 ** (bits - 1);
  const span = 2 ** bits;
  const unsigned = unsignedReader(word, count, span);
  if (!signed) return unsigned;
  return (words, index) => {
    const value = unsigned(words, index);
    return value >= sign ? value - span : value;
  };
}

/** Up to 48 bits, which a number carries. */
function unsignedReader(
  word: (words: readonly number[], index: number, rank: number) => number,
  count: number,
  span: number,
): (words: readonly number[], index: number) => number {
  if (count === 1) return (words, index) => word(words, index, 0);
  if (count === 2) return (words, index) => (word(words, index, 0) * 0x10000 + word(words, index, 1)) % span;
  return (words, index) => (word(words, index, 0) * 0x10000 + word(words, index, 1)) * 0x10000 + word(words, index, 2);
}

function byteReader(byte: 'low' | 'high', signed: boolean): ReadRaw {
  const shift = byte === 'high' ? 8 : 0;
  return (words, index) => {
    const value = ((words[index] ?? 0) >> shift) & 0xff;
    return signed && value > 0x7f ? value - 0x100 : value;
  };
}

function longReader(order: Order, signed: boolean): ReadRaw {
  const word = pickWord(order, 4);
  return (words, index) => {
    const high = BigInt(word(words, index, 0) * 0x10000 + word(words, index, 1));
    const value = (high << 32n) | BigInt(word(words, index, 2) * 0x10000 + word(words, index, 3));
    return signed ? BigInt.asIntN(64, value) : value;
  };
}

/** Packed decimal, four digits a register; with `signed` the highest bit is the sign (DL/T 645-2007 A.4). */
function bcdReader(format: WireFormat): ReadRaw {
  const nibbles = Number(format.type.slice(3)) / 4;
  const count = registerCount(format.type);
  const word = pickWord(format.order, count);
  const signed = format.signed === true;
  return (words, index) => {
    let value = 0;
    let sign = 1;
    for (let place = nibbles - 1; place >= 0; place--) {
      let digit = (word(words, index, count - 1 - (place >> 2)) >> ((place & 3) * 4)) & 0xf;
      if (signed && place === nibbles - 1 && digit & 8) {
        sign = -1;
        digit &= 7;
      }
      if (digit > 9) return NaN;
      value = value * 10 + digit;
    }
    return sign * value;
  };
}

function bitRange(read: ReadRaw, { shift, width }: { shift: number; width: number }): ReadRaw {
  const from = BigInt(shift);
  return (words, index) => {
    const whole = read(words, index);
    if (typeof whole === 'bigint') return BigInt.asUintN(width, whole >> from);
    return typeof whole === 'number' ? Number(BigInt.asUintN(width, BigInt(whole) >> from)) : whole;
  };
}
