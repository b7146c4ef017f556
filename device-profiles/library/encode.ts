import type { Encoding, Order, WireType } from '../vocabulary/point.ts';
import { byteCount } from './byte-count.ts';

/** How a value stands in registers; the same words a profile's point uses. */
export interface WireShape {
  readonly type: WireType;
  readonly order: Order;
  readonly signed?: boolean | undefined;
  /** Registers of a string. */
  readonly length?: number | undefined;
  readonly encoding?: Encoding | undefined;
  readonly byte?: 'low' | 'high' | undefined;
  readonly bits?: { shift: number; width: number } | undefined;
}

export type RawValue = number | bigint | boolean | string;

/**
 * A raw value as 16-bit registers, in the order they stand at rising addresses. Written apart from the decoder, from
 * the vocabulary's own words, so that one checks the other. Throws RangeError for a value the type cannot hold.
 */
export function encodeWords(shape: WireShape, value: RawValue): number[] {
  const bytes = bytesOf(shape, value);
  // Bytes and bits are named by their place in the register and not by an order.
  const order = /^([us]8|bit)$/.test(shape.type) ? 'ABCD' : shape.order;
  return toWords(bytes, order, shape.type === 'string');
}

/** Bytes with the most significant first, an even number of them. */
function bytesOf(shape: WireShape, value: RawValue): Buffer {
  const { type } = shape;
  if (type === 'string') return textBytes(String(value), (shape.length ?? 1) * 2, shape.encoding ?? 'ascii');
  if (type.includes('time')) return padded(timeBytes(type, String(value)));
  if (type === 'bit') return integerBytes(value ? 1n << BigInt(shape.bits?.shift ?? 0) : 0n, 16, false);
  if (type.startsWith('f')) return floatBytes(type, Number(value));
  if (type.startsWith('bcd')) return bcdBytes(Number(type.slice(3)), Number(value), shape.signed === true);
  const width = Number(type.slice(1));
  const whole = wholeNumber(value);
  // A bit range is a part of the register, whatever the register's own sign is.
  if (shape.bits) return integerBytes(inRange(whole, shape.bits.width, false) << BigInt(shape.bits.shift), width, false);
  if (width === 8 && shape.byte === 'high') return Buffer.from([Number(BigInt.asUintN(8, inRange(whole, 8, type === 's8'))), 0]);
  return integerBytes(whole, width, type.startsWith('s'));
}

function wholeNumber(value: RawValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && !/^-?\d+$/.test(value)) throw new RangeError(`${value} is no whole number`);
  return typeof value === 'number' ? BigInt(Math.round(value)) : BigInt(value);
}

function inRange(value: bigint, width: number, signed: boolean): bigint {
  const fits = signed ? BigInt.asIntN(width, value) === value : BigInt.asUintN(width, value) === value;
  if (!fits) throw new RangeError(`${value} does not fit into ${width} ${signed ? 'signed' : 'unsigned'} bits`);
  return value;
}

function integerBytes(value: bigint, width: number, signed: boolean): Buffer {
  const registers = Math.ceil(width / 16);
  const digits = BigInt.asUintN(width, inRange(value, width, signed))
    .toString(16)
    .padStart(registers * 4, '0');
  return Buffer.from(digits, 'hex');
}

function floatBytes(type: WireType, value: number): Buffer {
  if (type === 'f16') return halfBytes(value);
  const bytes = Buffer.alloc(type === 'f32' ? 4 : 8);
  if (type === 'f32' && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
    throw new RangeError(`${value} does not fit into 32 bits of a float`);
  if (type === 'f32') bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits; ties to even. */
function halfBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(halfBits(value));
  return bytes;
}

function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(size === 0 ? -14 : Math.floor(Math.log2(size)), -14);
  const steps = toEven(size / 2 ** (exponent - 10));
  return steps < 1024 ? sign | steps : sign | (((exponent + 15) << 10) + (steps - 1024));
}

function toEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Packed decimal, one digit in four bits; with `signed` the highest bit is the sign. */
function bcdBytes(width: number, value: number, signed: boolean): Buffer {
  const digits = width / 4;
  const text = Math.round(Math.abs(value)).toString().padStart(digits, '0');
  const top = Number(text[0]);
  const fits = text.length === digits && (value >= 0 || signed) && (!signed || top < 8);
  if (!fits) throw new RangeError(`${value} does not fit into ${digits} decimal digits`);
  const bytes = Buffer.from(text.padStart(Math.ceil(width / 16) * 4, '0'), 'hex');
  const first = bytes.length - width / 8;
  if (signed && value < 0) bytes.writeUInt8(bytes.readUInt8(first) | 0x80, first);
  return bytes;
}

function textBytes(text: string, length: number, encoding: Encoding): Buffer {
  const bytes = encodeText(text, encoding);
  if (bytes.length > length) throw new RangeError(`the text takes more than ${length} bytes`);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

/** Text as bytes. Throws RangeError where the encoding has no code for a character. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  return encoding === 'gb18030' ? gb18030(text) : Buffer.from(text, encoding);
}

/** `YYYY-MM-DD HH:mm:ss` as the bytes of a time type, year first. */
function timeBytes(type: WireType, text: string): Buffer {
  const [year = 0, ...rest] = text.split(/[^0-9]/).map(Number);
  const count = Number(type.at(-1));
  if (rest.length < Math.min(count, 6) - 1 || [year, ...rest].some(Number.isNaN)) throw new RangeError(`${text} is no time`);
  const numbers = [...(count === 7 ? [Math.floor(year / 100)] : []), year % 100, ...rest].slice(0, count);
  return Buffer.from(numbers.map((n) => (type.startsWith('bcd') ? Math.floor(n / 10) * 16 + (n % 10) : n)));
}

/** Right-aligned in whole registers. */
function padded(bytes: Buffer): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]);
}

/** A value's own bytes, as they stand in an item, a struct or a TLV record. Throws RangeError for a value the type cannot hold. */
export function encodeBytes(shape: Omit<WireShape, 'order' | 'byte'>, isLittle: boolean, value: RawValue): Buffer {
  const { type, length = 1, encoding = 'ascii' } = shape;
  if (type === 'string') {
    const text = textBytes(String(value), length, encoding);
    return encoding === 'hex' && isLittle ? text.reverse() : text;
  }
  const whole = bytesOf({ ...shape, order: 'ABCD' }, value);
  const own = whole.subarray(whole.length - byteCount(shape));
  return isLittle ? Buffer.from(own).reverse() : own;
}

/**
 * GB 18030 by turning the platform's own decoder round: it knows the table, and Node has no encoder for it. Covers the
 * one- and two-byte codes, which hold all common Chinese characters.
 */
function gb18030(text: string): Buffer {
  const codes = twoByteCodes();
  return Buffer.concat(
    Array.from(text, (character) => {
      if (character.charCodeAt(0) < 0x80) return Buffer.from(character);
      const code = codes.get(character);
      if (code === undefined) throw new RangeError(`${character} has no two-byte code in GB 18030`);
      return Buffer.from([code >> 8, code & 0xff]);
    }),
  );
}

let codesByCharacter: Map<string, number> | undefined;

function twoByteCodes(): Map<string, number> {
  if (codesByCharacter) return codesByCharacter;
  const decoder = new TextDecoder('gb18030');
  const codes = new Map<string, number>();
  for (let code = 0x8140; code <= 0xfefe; code++) {
    const low = code & 0xff;
    if (low < 0x40 || low === 0x7f || low === 0xff) continue;
    codes.set(decoder.decode(Buffer.from([code >> 8, low])), code);
  }
  codesByCharacter = codes;
  return codes;
}

/**
 * `ABCD`: as it is. `CDAB`: registers reversed. `BADC`: the bytes of each register swapped. `DCBA`: both.
 * Text is not reversed, only swapped.
 */
function toWords(bytes: Buffer, order: Order, isText: boolean): number[] {
  const words = Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readUInt16BE(at * 2));
  if ((order === 'CDAB' || order === 'DCBA') && !isText) words.reverse();
  return order === 'BADC' || order === 'DCBA' ? words.map((word) => ((word & 0xff) << 8) | (word >> 8)) : words;
}
