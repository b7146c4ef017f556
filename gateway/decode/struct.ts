import type { Field, Struct } from '@yihu/device-profiles/vocabulary/message.ts';
import { byteCount } from '@yihu/device-profiles/library/byte-count.ts';
import { compileBytes } from './bytes.ts';
import { cutText } from './text.ts';

export type ByteOrder = 'big' | 'little';
export type Fields = Record<string, unknown>;

/** Most records of one list. */
const maxListed = 256;

/** Where reading has come to; `stopped` says why it cannot go on. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  stopped?: 'cut-off' | 'unknown-case' | 'too-many';
}

/** Reads its fields at the cursor into `into`, and moves the cursor behind them. Stops at what is not whole. */
export type ReadFields = (cursor: Cursor, into: Fields) => void;

/** `times`: how many records of a list, where it does not say: all there are, or one. */
export function compileFields(struct: Struct, order: ByteOrder, times: 'rest' | 1 = 'rest'): ReadFields {
  const fields = Object.entries(struct).map(([name, field]) => compileField(name, field, order, times));
  return (cursor, into) => {
    for (const read of fields) {
      if (cursor.stopped !== undefined) return;
      read(cursor, into);
    }
  };
}

function compileField(name: string, field: Field, order: ByteOrder, times: 'rest' | 1): ReadFields {
  if (typeof field === 'number') return (cursor) => void take(cursor, field);
  if (typeof field === 'string') return compileValue(name, { type: field }, order);
  if ('type' in field) return compileValue(name, field, order);
  if ('list' in field) return compileList(name, field.list, order, field.times ?? times);
  const cases = new Map(Object.entries(field.cases).map(([key, one]) => [key, compileField(name, one, order, times)]));
  return (cursor, into) => {
    const known = Object.hasOwn(into, field.by) ? into[field.by] : undefined;
    const read = cases.get(String(known));
    if (read === undefined) cursor.stopped = 'unknown-case';
    else read(cursor, into);
  };
}

type ValueField = Extract<Field, { type: unknown }>;

function compileValue(name: string, field: ValueField, usual: ByteOrder): ReadFields {
  if (field.type === 'string' && field.length === 'rest') {
    return (cursor, into) => {
      into[name] = cutText(cursor.bytes.subarray(cursor.at), field.encoding ?? 'ascii') ?? null;
      cursor.at = cursor.bytes.length;
    };
  }
  const { type, encoding, signed, parts } = field;
  const shape = { type, encoding, signed, length: field.length === 'rest' ? undefined : field.length };
  const count = byteCount(shape);
  const read = compileBytes(shape, (field.order ?? usual) === 'little');
  const place = parts === undefined ? undefined : compileParts(parts);
  return (cursor, into) => {
    const own = take(cursor, count);
    if (own === undefined) return;
    const value = read(own) ?? null;
    if (place === undefined) into[name] = value;
    else place(value, into);
  };
}

function compileParts(parts: NonNullable<ValueField['parts']>): (value: unknown, into: Fields) => void {
  const entries = Object.entries(parts);
  return (value, into) => {
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    for (const [name, range] of entries) {
      if (whole === undefined) into[name] = null;
      else if (typeof range === 'number') into[name] = ((whole >> BigInt(range)) & 1n) === 1n;
      else into[name] = Number(BigInt.asUintN(range[1], whole >> BigInt(range[0])));
    }
  };
}

function compileList(name: string, struct: Struct, order: ByteOrder, times: number | 'rest'): ReadFields {
  const read = compileFields(struct, order);
  return (cursor, into) => {
    const list = (into[name] ??= []) as Fields[];
    for (let n = 0; times === 'rest' ? cursor.at < cursor.bytes.length : n < times; n++) {
      const from = cursor.at;
      const record = Object.create(null) as Fields;
      if (list.length >= maxListed) cursor.stopped = 'too-many';
      else read(cursor, record);
      if (cursor.stopped !== undefined || cursor.at === from) return;
      list.push(record);
    }
  };
}

/** The next `count` bytes; where they are not all there, the reading stops. */
function take(cursor: Cursor, count: number): Uint8Array | undefined {
  const end = cursor.at + count;
  if (end > cursor.bytes.length) {
    cursor.stopped = 'cut-off';
    return undefined;
  }
  const own = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return own;
}
