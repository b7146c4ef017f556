import { inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { type Entry, LogRecord } from './record.ts';

/** A packed batch may not unfold to more than this many bytes: a bomb ends here. */
export const maxUnpackedBytes = 8 * 1024 * 1024;

const Packed = z.array(z.tuple([z.number().int().positive(), z.number().int().positive(), LogRecord])).max(65_536);

/**
 * The entries of a blob made by `pack`, validated.
 * @throws where the bytes are not a packed batch, unfold past `maxUnpackedBytes`, or hold a malformed record.
 */
export function unpack(blob: Uint8Array): Entry[] {
  return Packed.parse(JSON.parse(inflateRawSync(blob, { maxOutputLength: maxUnpackedBytes }).toString('utf8'))).map(
    ([seq, through, record]) => ({ seq, through, record }),
  );
}
