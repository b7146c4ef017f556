import { crc32 } from 'node:zlib';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Batch } from './log.ts';
import type { Row, RowHeader } from './rows.ts';

/** A row holds about this much JSON before the next one begins, so that one damaged row costs little and a reader's batch stays small. */
export const rowTargetBytes = 256 * 1024;

/** Rows for these records, numbered from `first`. One row, unless they are many. */
export function packRows(records: readonly LogRecord[], first: number): Row[] {
  const rows: Row[] = [];
  let entries: Entry[] = [];
  let weight = 0;
  records.forEach((record, index) => {
    const size = weigh(record);
    if (entries.length > 0 && weight + size > rowTargetBytes) {
      rows.push(packRow(entries));
      entries = [];
      weight = 0;
    }
    entries.push({ seq: first + index, through: first + index, record });
    weight += size;
  });
  if (entries.length > 0) rows.push(packRow(entries));
  return rows;
}

/** Roughly the bytes of the record as JSON, from below a microsecond of work. */
export function weigh(record: LogRecord): number {
  switch (record.kind) {
    case 'readings':
      return record.readings.reduce((sum, reading) => sum + 100 + weighValue(reading.value), 100);
    case 'alarm':
      return 200 + record.transitions.length * 400 + record.events.reduce((sum, event) => sum + 150 + weighData(event.data), 0);
    case 'site':
      return 200 + record.devices.length * 400;
    case 'act':
    case 'change':
      return 700;
    case 'snapshot':
      return 300 + record.of.length * 160;
    case 'gap':
    case 'clock':
      return 150;
  }
}

function weighData(data: Readonly<Record<string, unknown>> | undefined): number {
  return Object.entries(data ?? {}).reduce((sum, [key, value]) => sum + key.length + weighValue(value), 0);
}

function weighValue(value: unknown): number {
  return typeof value === 'string' ? value.length * 2 : 8;
}

/** A row with a record whose time is not known yet has no times of its own; see `retime.ts`. */
export function packRow(entries: readonly Entry[]): Row {
  const blob = pack(entries);
  const times = entries.map((entry) => entry.record.at);
  const [first, last] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0];
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const row = { first, last, gap: null, at: to, blob, crc: checksum(first, last, blob) };
  return entries.some(({ record }) => isUntimed(record)) ? { ...row, from: null, to: null } : { ...row, from, to };
}

export function isUntimed(record: LogRecord): boolean {
  return 'untimed' in record && record.untimed !== undefined;
}

/** Covers the place in the log too, so that a row that landed in the wrong place is no row. */
export function checksum(first: number, last: number, blob: Uint8Array): number {
  return crc32(blob, crc32(`${first}-${last}`));
}

export function gapRow(header: Omit<RowHeader, 'gap'> & { gap: NonNullable<RowHeader['gap']> }): Row {
  return { ...header, blob: new Uint8Array(0), crc: 0 };
}

/** The gap as a reader gets it: only the part after `after`, so that nothing it already has is called lost. */
export function gapBatch(lane: Lane, header: RowHeader, after: number): Batch {
  const first = Math.max(header.first, after + 1);
  const record: LogRecord = {
    kind: 'gap',
    at: header.at,
    reason: header.gap ?? 'corrupt',
    count: header.last - first + 1,
    ...(header.from === null ? {} : { from: header.from }),
    ...(header.to === null ? {} : { to: header.to }),
  };
  return { lane, first, last: header.last, blob: pack([{ seq: first, through: header.last, record }]) };
}
