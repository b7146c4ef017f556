import { inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { EnvelopeHeader } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { maxUnpackedBytes, unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import { type Entry, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { entryFlaw, flawOf } from './decide.ts';

/** What was put aside: a record, or the whole blob where nothing of it could be read. */
export interface Poison {
  readonly epoch: string;
  readonly lane: EnvelopeHeader['lane'];
  readonly first: number;
  readonly last: number;
  readonly reason: string;
  readonly content: unknown;
}

export interface Salvaged {
  readonly entries: readonly Entry[];
  readonly poison: readonly Poison[];
}

const Row = z.tuple([z.number().int().positive(), z.number().int().positive(), z.unknown()]);

/**
 * The entries of a blob, such that they fill `header.first` to `header.last` without a hole. What cannot be read is
 * put aside and its place taken by a gap record, because the sender would send the same bytes for ever.
 */
export function salvage(header: EnvelopeHeader, blob: Uint8Array, at: number): Salvaged {
  try {
    const entries = unpack(blob);
    if (flawOf(header, entries) === undefined) return { entries, poison: [] };
  } catch (error) {
    return piecemeal(header, blob, at, error);
  }
  return piecemeal(header, blob, at, undefined);
}

function piecemeal(header: EnvelopeHeader, blob: Uint8Array, at: number, cause: unknown): Salvaged {
  const rows = rowsOf(blob);
  if (rows === undefined) {
    const reason = cause instanceof Error ? cause.message.slice(0, 500) : 'not a packed batch';
    const poison = poisonOf(header, header.first, header.last, reason, Buffer.from(blob).toString('base64'));
    return { entries: [gapOver(header.first, header.last, at)], poison: [poison] };
  }
  return fill(header, rows, at);
}

function rowsOf(blob: Uint8Array): unknown[] | undefined {
  try {
    const rows: unknown = JSON.parse(inflateRawSync(blob, { maxOutputLength: maxUnpackedBytes }).toString('utf8'));
    return Array.isArray(rows) ? rows : undefined;
  } catch {
    // The caller puts the whole blob aside; why it cannot be read is already known from the first try.
    return undefined;
  }
}

function fill(header: EnvelopeHeader, rows: readonly unknown[], at: number): Salvaged {
  const entries: Entry[] = [];
  const poison: Poison[] = [];
  let expected = header.first;
  for (const row of rows) {
    const read = readRow(header, row, expected);
    if ('reason' in read) {
      poison.push(poisonOf(header, expected, expected, read.reason, row));
      continue;
    }
    if (read.seq > expected) entries.push(gapOver(expected, read.seq - 1, at));
    entries.push(read);
    expected = read.through + 1;
  }
  if (expected <= header.last) entries.push(gapOver(expected, header.last, at));
  return { entries, poison };
}

function readRow(header: EnvelopeHeader, row: unknown, expected: number): Entry | { reason: string } {
  const shape = Row.safeParse(row);
  if (!shape.success) return { reason: 'not a row of sequence, end and record' };
  const [seq, through, content] = shape.data;
  if (seq < expected || through > header.last) return { reason: `sequence ${seq} lies outside ${expected}–${header.last}` };
  const record = LogRecord.safeParse(content);
  if (!record.success) return { reason: z.prettifyError(record.error).slice(0, 500) };
  const entry = { seq, through, record: record.data };
  const flaw = entryFlaw(header.lane, entry);
  return flaw === undefined ? entry : { reason: flaw };
}

/** "Lost here, and said aloud": the record that takes the place of what could not be read. */
export function gapOver(first: number, last: number, at: number): Entry {
  return { seq: first, through: last, record: { kind: 'gap', at, reason: 'corrupt', count: last - first + 1 } };
}

export function poisonOf(header: EnvelopeHeader, first: number, last: number, reason: string, content: unknown): Poison {
  return { epoch: header.epoch, lane: header.lane, first, last, reason, content };
}
