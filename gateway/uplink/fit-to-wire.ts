import { pack, unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import { maxUplinkBytes } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Batch } from '../store/log.ts';

const headerRoomBytes = 2048;
export const maxBlobBytes = maxUplinkBytes - headerRoomBytes;

/**
 * The batch as it can travel: itself, as it nearly always is, or its parts where it is longer than the wire carries.
 * One record longer than that can never travel; a gap record says so in its place, and the log still has it.
 */
export function fitToWire(batch: Batch): Batch[] {
  if (batch.blob.length <= maxBlobBytes) return [batch];
  return split(batch, unpackTrusted(batch.blob));
}

function split(batch: Batch, entries: readonly Entry[]): Batch[] {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return [];
  const part: Batch = { lane: batch.lane, first: first.seq, last: last.through, blob: pack(entries) };
  if (part.blob.length <= maxBlobBytes) return [part];
  if (entries.length === 1) return [{ ...part, blob: pack([tooLong(first)]) }];
  const middle = Math.ceil(entries.length / 2);
  return [...split(batch, entries.slice(0, middle)), ...split(batch, entries.slice(middle))];
}

function tooLong({ seq, through, record }: Entry): Entry {
  return { seq, through, record: { kind: 'gap', at: record.at, reason: 'corrupt', count: through - seq + 1 } };
}
