import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Entry, LogRecord } from './record.ts';

/** Entries as one deflated JSON blob: the same bytes on the gateway's disk and on the wire to the cloud. */
export function pack(entries: readonly Entry[]): Uint8Array {
  const json = JSON.stringify(entries.map((entry) => [entry.seq, entry.through, entry.record]));
  return deflateRawSync(json, { level: 1 });
}

/** The entries of a blob made by `pack`, without validation: for bytes this process wrote itself. */
export function unpackTrusted(blob: Uint8Array): Entry[] {
  const rows = JSON.parse(inflateRawSync(blob).toString('utf8')) as [number, number, LogRecord][];
  return rows.map(([seq, through, record]) => ({ seq, through, record }));
}
