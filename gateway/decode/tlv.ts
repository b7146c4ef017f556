import type { Step } from '@yihu/device-profiles/vocabulary/message.ts';
import { maxRecords, type Read } from './forms.ts';
import { compileFields, type Cursor, type Fields, type ReadFields } from './struct.ts';
import type { Refusal } from './value.ts';

type TlvStep = Extract<Step, { tlv: unknown }>;
type StructStep = Extract<Step, { struct: unknown }>;

/** A fixed layout. What is cut off is refused; what stands behind it is left alone. */
export function compileStructStep({ struct, order }: StructStep): (bytes: Uint8Array) => Read {
  const read = compileFields(struct, order);
  return (bytes) => {
    const cursor: Cursor = { bytes, at: 0 };
    const tree = Object.create(null) as Fields;
    read(cursor, tree);
    return cursor.stopped === undefined ? { tree } : { refused: stopped(cursor, '') };
  };
}

/**
 * Records that begin with their id. An unknown id ends the reading, because its length would be a guess (with a length byte it
 * is passed over); so does a record that is cut off. What was read before stays, and what was left unread is said.
 */
export function compileTlvStep({ tlv, order, length }: TlvStep): (bytes: Uint8Array) => Read {
  const records = new Map<string, ReadFields>();
  for (const [id, struct] of Object.entries(tlv)) records.set(tlvId(id), compileFields(struct, order, 1));
  const idBytes = Math.max(1, ...[...records.keys()].map((id) => id.length / 2));
  return (bytes) => {
    const tree = Object.create(null) as Fields;
    const cursor: Cursor = { bytes, at: 0 };
    let left: Refusal | undefined;
    while (cursor.at < bytes.length) {
      const id = hexOf(bytes.subarray(cursor.at, cursor.at + idBytes));
      const read = records.get(id);
      cursor.at += idBytes;
      if (length === undefined) {
        if (read === undefined) return { tree, left: unknownId(id) };
        if (!takeRecord(read, cursor, tree)) return { tree, left: stopped(cursor, id) };
        continue;
      }
      const own = ownBytes(cursor, length, order);
      if (own === undefined) return { tree, left: stopped(cursor, id) };
      if (read === undefined) left ??= unknownId(id);
      else if (!takeRecord(read, own, tree)) left ??= stopped(own, id);
    }
    return { tree, ...(left && { left }) };
  };
}

/** The id of a record as its bytes in hex: `01 75` is `0175`. */
function tlvId(text: string): string {
  return text.replaceAll(/\s/g, '').toUpperCase();
}

/** A record is taken whole or not at all. */
function takeRecord(read: ReadFields, cursor: Cursor, tree: Fields): boolean {
  const record = Object.create(null) as Fields;
  read(cursor, record);
  for (const [key, value] of Object.entries(record)) {
    if (cursor.stopped !== undefined) break;
    const known = tree[key];
    if (!Array.isArray(value) || !Array.isArray(known)) tree[key] = value;
    else if (known.length + value.length > maxRecords) cursor.stopped = 'too-many';
    else known.push(...(value as unknown[]));
  }
  return cursor.stopped === undefined;
}

/** The bytes that the record says are its own, and no byte of the next. */
function ownBytes(cursor: Cursor, size: 1 | 2, order: 'big' | 'little'): Cursor | undefined {
  const { bytes, at } = cursor;
  const [first, second] = [bytes[at], bytes[at + 1]];
  const count = size === 1 ? first : order === 'big' ? join(first, second) : join(second, first);
  const end = at + size + (count ?? Number.NaN);
  if (count === undefined || end > bytes.length) {
    cursor.stopped = 'cut-off';
    return undefined;
  }
  cursor.at = end;
  return { bytes: bytes.subarray(at + size, end), at: 0 };
}

function join(high: number | undefined, low: number | undefined): number | undefined {
  return high === undefined || low === undefined ? undefined : (high << 8) | low;
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text.toUpperCase();
}

function unknownId(id: string): Refusal {
  return {
    code: 'unknown-id',
    zh: `档案不认识数据类型 ${id}，其后的内容没有读；请更新档案。`,
    en: `The profile does not know the record ${id}; what follows it was not read. The profile needs an update.`,
  };
}

function stopped({ stopped: why }: Cursor, id: string): Refusal {
  const at = id === '' ? { zh: '', en: '' } : { zh: `（${id}）`, en: ` (${id})` };
  switch (why) {
    case 'unknown-case':
      return {
        code: 'unknown-case',
        zh: `档案没有说明这种数据的类型${at.zh}，其后的内容没有读；请更新档案。`,
        en: `The profile does not say what type this is${at.en}; what follows was not read. The profile needs an update.`,
      };
    case 'too-many':
      return {
        code: 'too-many',
        zh: `消息里的记录太多${at.zh}，其余没有读。`,
        en: `The message has too many records${at.en}; the rest was not read.`,
      };
    case 'cut-off':
    case undefined:
    default:
      return {
        code: 'cut-off',
        zh: `数据不完整${at.zh}；请检查设备型号与档案是否一致。`,
        en: `The data is cut off${at.en}; check that device and profile are the same model.`,
      };
  }
}
