import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';

/** The part of a Modbus message that is the same on every wire (Modbus Application Protocol 1.1b3, §4.1 and §6). */

export type ReadFunction = 1 | 2 | 3 | 4;
export type WriteFunction = 5 | 6 | 15 | 16;

/** One request. `start` is zero-based; `values` only for writes: 0 or 1 for coils, 0…65535 for registers. */
export interface Request {
  readonly unit: number;
  readonly fn: ReadFunction | WriteFunction;
  readonly start: number;
  readonly count: number;
  readonly values?: readonly number[];
}

export type Answer =
  | { readonly kind: 'words'; readonly words: number[] }
  | { readonly kind: 'bits'; readonly bits: boolean[] }
  | { readonly kind: 'written' }
  | { readonly kind: 'exception'; readonly code: number };

/** §6.1–6.4: at most 2000 bits or 125 registers in one read. */
export const maxBits = 2000;
export const maxRegisters = 125;
/** §6.11, §6.12: at most 1968 coils or 123 registers in one write. */
const maxWrittenBits = 1968;
const maxWrittenRegisters = 123;

const functionOf: Record<Table, ReadFunction> = { coil: 1, discrete: 2, holding: 3, input: 4 };

export function readRequest(unit: number, table: Table, start: number, count: number): Request {
  return { unit, fn: functionOf[table], start, count };
}

const largestCount: Record<Request['fn'], number> = {
  1: maxBits,
  2: maxBits,
  3: maxRegisters,
  4: maxRegisters,
  5: 1,
  6: 1,
  15: maxWrittenBits,
  16: maxWrittenRegisters,
};

/** Throws a RangeError for a request that the standard does not allow: asking for it is a fault of ours, never of the wire. */
export function assertRequest(request: Request): void {
  const { unit, fn, start, count, values } = request;
  if (!Number.isInteger(unit) || unit < 0 || unit > 255) throw new RangeError(`unit ${unit} is not 0…255`);
  if (!Number.isInteger(count) || count < 1 || count > largestCount[fn]) {
    throw new RangeError(`count ${count} is not 1…${largestCount[fn]} for function ${fn}`);
  }
  if (!Number.isInteger(start) || start < 0 || start + count > 0x10000) {
    throw new RangeError(`address ${start} with ${count} values is not within 0…65535`);
  }
  if (fn > 4 && values?.length !== count) throw new RangeError(`function ${fn} needs ${count} values`);
}

function isBits(fn: Request['fn']): boolean {
  return fn === 1 || fn === 2 || fn === 15;
}

/** Bytes that the values of `count` addresses take. */
function dataBytes(fn: Request['fn'], count: number): number {
  return isBits(fn) ? (count + 7) >> 3 : count * 2;
}

export function requestLength(request: Request): number {
  return request.fn === 15 || request.fn === 16 ? 6 + dataBytes(request.fn, request.count) : 5;
}

/** Writes the request at `at` and returns the offset behind it. */
export function putRequest(request: Request, buffer: Buffer, at: number): number {
  buffer[at] = request.fn;
  buffer.writeUInt16BE(request.start, at + 1);
  if (request.fn <= 4) return buffer.writeUInt16BE(request.count, at + 3);
  if (request.fn === 5) return buffer.writeUInt16BE(request.values?.[0] ? 0xff00 : 0, at + 3);
  if (request.fn === 6) return buffer.writeUInt16BE(request.values?.[0] ?? 0, at + 3);
  return putValues(request, buffer, at);
}

function putValues(request: Request, buffer: Buffer, at: number): number {
  const bytes = dataBytes(request.fn, request.count);
  buffer.writeUInt16BE(request.count, at + 3);
  buffer[at + 5] = bytes;
  const from = at + 6;
  buffer.fill(0, from, from + bytes);
  request.values?.forEach((value, i) => {
    if (request.fn === 16) buffer.writeUInt16BE(value, from + i * 2);
    else if (value) buffer[from + (i >> 3)] = (buffer[from + (i >> 3)] ?? 0) | (1 << (i & 7));
  });
  return from + bytes;
}

/** Length of the one good answer: what comes shorter or longer was not meant for this request. */
export function answerLength(request: Request): number {
  return request.fn <= 4 ? 2 + dataBytes(request.fn, request.count) : 5;
}

/** Function code, bit 7, and the code behind it (§7). */
export const exceptionLength = 2;

/** The answer that stands in `length` bytes from `at`, or nothing unless function, byte count and length all fit. */
export function takeAnswer(request: Request, buffer: Buffer, at: number, length: number): Answer | undefined {
  const fn = buffer[at];
  if (fn === (request.fn | 0x80)) {
    const code = buffer[at + 1] ?? 0;
    return length === exceptionLength && code > 0 ? { kind: 'exception', code } : undefined;
  }
  if (fn !== request.fn || length !== answerLength(request)) return undefined;
  return request.fn <= 4 ? takeValues(request, buffer, at) : takeWritten(request, buffer, at);
}

function takeValues(request: Request, buffer: Buffer, at: number): Answer | undefined {
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

/** §6.5, 6.6, 6.11, 6.12: the answer repeats the address and the value, or the address and the count. */
function takeWritten(request: Request, buffer: Buffer, at: number): Answer | undefined {
  const second = request.fn === 5 ? (request.values?.[0] ? 0xff00 : 0) : request.fn === 6 ? request.values?.[0] : request.count;
  const fits = buffer.readUInt16BE(at + 1) === request.start && buffer.readUInt16BE(at + 3) === second;
  return fits ? { kind: 'written' } : undefined;
}
