import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import { type Identification, identificationLength, takeIdentification } from './identification.ts';

/** The part of a Modbus message that is the same on every wire (Modbus Application Protocol 1.1b3, §4.1 and §6). */

export type ReadFunction = 1 | 2 | 3 | 4;
export type WriteFunction = 5 | 6 | 15 | 16;

/** A read or a write. `start` is zero-based; `values` only for writes: 0 or 1 for coils, 0…65535 for registers. */
export interface PlainRequest {
  readonly unit: number;
  readonly fn: ReadFunction | WriteFunction;
  readonly start: number;
  readonly count: number;
  readonly values?: readonly number[];
}

/** §6.16: register = (register AND `and`) OR (`or` AND NOT `and`). */
export interface MaskRequest {
  readonly unit: number;
  readonly fn: 22;
  readonly start: number;
  readonly and: number;
  readonly or: number;
}

/** §6.17: writes `values` from `writeStart`, then reads `count` from `start`. */
export interface ReadWriteRequest {
  readonly unit: number;
  readonly fn: 23;
  readonly start: number;
  readonly count: number;
  readonly writeStart: number;
  readonly values: readonly number[];
}

/** §6.21: 1 basic, 2 regular, 3 extended: a stream of objects from `object`; 4: this one object. */
export interface IdentifyRequest {
  readonly unit: number;
  readonly fn: 43;
  readonly code: 1 | 2 | 3 | 4;
  readonly object: number;
}

export type Request = PlainRequest | MaskRequest | ReadWriteRequest | IdentifyRequest;

export type Answer =
  | { readonly kind: 'words'; readonly words: number[] }
  | { readonly kind: 'bits'; readonly bits: boolean[] }
  | { readonly kind: 'written' }
  | ({ readonly kind: 'identification' } & Identification)
  | { readonly kind: 'exception'; readonly code: number };

/** §6.1–6.4: at most 2000 bits or 125 registers in one read. */
export const maxBits = 2000;
export const maxRegisters = 125;
/** §6.11, §6.12: at most 1968 coils or 123 registers in one write; §6.17: 121 registers beside a read. */
const maxWrittenBits = 1968;
const maxWrittenRegisters = 123;
const maxExchangedRegisters = 121;

const functionOf: Record<Table, ReadFunction> = { coil: 1, discrete: 2, holding: 3, input: 4 };

export function readRequest(unit: number, table: Table, start: number, count: number): PlainRequest {
  return { unit, fn: functionOf[table], start, count };
}

export function isWrite({ fn }: Request): boolean {
  return fn > 4 && fn !== 43;
}

const largestCount: Record<PlainRequest['fn'] | 23, number> = {
  1: maxBits,
  2: maxBits,
  3: maxRegisters,
  4: maxRegisters,
  5: 1,
  6: 1,
  15: maxWrittenBits,
  16: maxWrittenRegisters,
  23: maxRegisters,
};

/** Throws a RangeError for a request that the standard does not allow: asking for it is a fault of ours, never of the wire. */
export function assertRequest(request: Request): void {
  const { unit, fn } = request;
  assertWhole(unit, 255, 'unit');
  if (fn === 43) return assertWhole(request.object, 255, 'object');
  if (fn === 22) {
    assertWhole(request.and, 0xffff, 'mask');
    assertWhole(request.or, 0xffff, 'mask');
    return assertSpan(request.start, 1);
  }
  const { start, count, values } = request;
  if (!Number.isInteger(count) || count < 1 || count > largestCount[fn])
    throw new RangeError(`count ${count} is not 1…${largestCount[fn]} for function ${fn}`);
  assertSpan(start, count);
  for (const value of values ?? []) assertWhole(value, fn === 5 || fn === 15 ? 1 : 0xffff, 'value');
  if (fn === 23) {
    if (request.values.length < 1 || request.values.length > maxExchangedRegisters)
      throw new RangeError(`function 23 writes 1…${maxExchangedRegisters} registers`);
    return assertSpan(request.writeStart, request.values.length);
  }
  if (fn > 4 && values?.length !== count) throw new RangeError(`function ${fn} needs ${count} values`);
  return undefined;
}

function assertWhole(value: number, most: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${what} ${value} is not 0…${most}`);
}

function assertSpan(start: number, count: number): void {
  if (!Number.isInteger(start) || start < 0 || start + count > 0x10000)
    throw new RangeError(`address ${start} with ${count} values is not within 0…65535`);
}

function isBits(fn: Request['fn']): boolean {
  return fn === 1 || fn === 2 || fn === 15;
}

/** Bytes that the values of `count` addresses take. */
export function dataBytes(fn: Request['fn'], count: number): number {
  return isBits(fn) ? (count + 7) >> 3 : count * 2;
}

export function requestLength(request: Request): number {
  if (request.fn === 43) return 4;
  if (request.fn === 22) return 7;
  if (request.fn === 23) return 10 + request.values.length * 2;
  return request.fn === 15 || request.fn === 16 ? 6 + dataBytes(request.fn, request.count) : 5;
}

/** Writes the request at `at` and returns the offset behind it. */
export function putRequest(request: Request, buffer: Buffer, at: number): number {
  buffer[at] = request.fn;
  if (request.fn === 43) return buffer.writeUInt8(request.object, putBytes(buffer, at + 1, 14, request.code));
  buffer.writeUInt16BE(request.start, at + 1);
  switch (request.fn) {
    case 1:
    case 2:
    case 3:
    case 4:
      return buffer.writeUInt16BE(request.count, at + 3);
    case 5:
      return buffer.writeUInt16BE(request.values?.[0] ? 0xff00 : 0, at + 3);
    case 6:
      return buffer.writeUInt16BE(request.values?.[0] ?? 0, at + 3);
    case 15:
    case 16:
      return putValues(request.fn, request.values ?? [], buffer, buffer.writeUInt16BE(request.count, at + 3));
    case 22:
      return buffer.writeUInt16BE(request.or, buffer.writeUInt16BE(request.and, at + 3));
    case 23: {
      const writeAt = buffer.writeUInt16BE(request.writeStart, buffer.writeUInt16BE(request.count, at + 3));
      return putValues(16, request.values, buffer, buffer.writeUInt16BE(request.values.length, writeAt));
    }
  }
}

function putBytes(buffer: Buffer, at: number, ...bytes: number[]): number {
  buffer.set(bytes, at);
  return at + bytes.length;
}

/** The byte count and the values, from `at`. */
function putValues(fn: 15 | 16, values: readonly number[], buffer: Buffer, at: number): number {
  const bytes = dataBytes(fn, values.length);
  buffer[at] = bytes;
  const from = at + 1;
  buffer.fill(0, from, from + bytes);
  values.forEach((value, i) => {
    if (fn === 16) buffer.writeUInt16BE(value, from + i * 2);
    else if (value) buffer[from + (i >> 3)] = (buffer[from + (i >> 3)] ?? 0) | (1 << (i & 7));
  });
  return from + bytes;
}

/** Length of the longest good answer; of the one good answer, where it is always the same. */
export function answerLength(request: Request): number {
  if (request.fn === 43) return 253;
  if (request.fn === 22) return 7;
  return request.fn <= 4 || request.fn === 23 ? 2 + dataBytes(request.fn, request.count) : 5;
}

/** Function code, bit 7, and the code behind it (§7). */
export const exceptionLength = 2;

/** How long the answer to `request` is that may stand at `at`, as far as it can be told; undefined where none can stand there. */
export function lengthAt(request: Request, buffer: Buffer, at: number, end: number): number | undefined {
  if (buffer[at] === (request.fn | 0x80)) return exceptionLength;
  if (buffer[at] !== request.fn) return undefined;
  return request.fn === 43 ? identificationLength(buffer, at, end) : answerLength(request);
}

/** The answer that stands in `length` bytes from `at`, or nothing unless function, byte count and length all fit. */
export function takeAnswer(request: Request, buffer: Buffer, at: number, length: number): Answer | undefined {
  const fn = buffer[at];
  if (fn === (request.fn | 0x80)) {
    const code = buffer[at + 1] ?? 0;
    return length === exceptionLength && code > 0 ? { kind: 'exception', code } : undefined;
  }
  if (fn !== request.fn) return undefined;
  if (request.fn === 43) {
    const identification = takeIdentification(request, buffer, at, length);
    return identification && { kind: 'identification', ...identification };
  }
  if (length !== answerLength(request)) return undefined;
  return request.fn <= 4 || request.fn === 23
    ? takeValues(request as PlainRequest | ReadWriteRequest, buffer, at)
    : takeWritten(request, buffer, at);
}

function takeValues(request: PlainRequest | ReadWriteRequest, buffer: Buffer, at: number): Answer | undefined {
  const { fn, count } = request;
  if (buffer[at + 1] !== dataBytes(fn, count)) return undefined;
  const from = at + 2;
  if (isBits(fn)) {
    const bits: boolean[] = [];
    for (let i = 0; i < count; i += 1) bits.push((((buffer[from + (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1);
    return { kind: 'bits', bits };
  }
  const words: number[] = [];
  for (let i = 0; i < count; i += 1) words.push(((buffer[from + i * 2] ?? 0) << 8) | (buffer[from + i * 2 + 1] ?? 0));
  return { kind: 'words', words };
}

/** §6.5, 6.6, 6.11, 6.12, 6.16: the answer repeats the address and the value, the count, or the masks. */
function takeWritten(request: Request, buffer: Buffer, at: number): Answer | undefined {
  const length = answerLength(request);
  const expected = Buffer.allocUnsafe(requestLength(request));
  putRequest(request, expected, 0);
  return buffer.compare(expected, 0, length, at, at + length) === 0 ? { kind: 'written' } : undefined;
}
