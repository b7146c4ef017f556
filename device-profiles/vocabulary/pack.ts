import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { type Entry, LogRecord } from './record.ts';

/** A packed batch may not unfold to more than this many bytes: a bomb ends here. */
export const maxUnpackedBytes = 8 * 1024 * 1024;

const Packed = z.array(z.tuple([z.number().int().positive(), z.number().int().positive(), LogRecord])).max(65_536);

/** Entries as one deflated JSON blob: the same bytes on the gateway's disk and on the wire to the cloud. */
export function pack(entries: readonly Entry[]): Uint8Array {
  const json = JSON.stringify(entries.map((entry) => [entry.seq, entry.through, entry.record]));
  return deflateRawSync(json, { level: 1 });
}

/**
 * The entries of a blob made by `pack`, validated.
 * @throws where the bytes are not a packed batch, unfold past `maxUnpackedBytes`, or hold a malformed record.
 */
export function unpack(blob: Uint8Array): Entry[] {
  return Packed.parse(JSON.parse(inflateRawSync(blob, { maxOutputLength: maxUnpackedBytes }).toString('utf8'))).map(
    ([seq, through, record]) => ({ seq, through, record }),
  );
}

/** The same without validation, for bytes this process wrote itself. */
export function unpackTrusted(blob: Uint8Array): Entry[] {
  const rows = JSON.parse(inflateRawSync(blob).toString('utf8')) as [number, number, LogRecord][];
  return rows.map(([seq, through, record]) => ({ seq, through, record }));
}
