import type { EnvelopeHeader } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { ReceivedBatch } from '../../../cloud/accept/ingest.ts';

const at = 1_760_000_000_000;

/** A record whose content names its sequence, so that a swapped or doubled one is seen. */
export function recordOf(lane: Lane, seq: number, mark = 0): LogRecord {
  const base = { device: `d${seq % 7}`, profile: 'test.meter', at: at + seq };
  if (lane === 'telemetry') {
    return { kind: 'readings', ...base, readings: [{ point: 'p', value: seq + mark, quality: 'good', at: at + seq }] };
  }
  return { kind: 'alarm', ...base, events: [{ type: 'door.forced', at: at + seq, serial: `${seq}-${mark}` }], transitions: [] };
}

export function entriesOf(lane: Lane, first: number, last: number, mark = 0): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const seq = first + index;
    return { seq, through: seq, record: recordOf(lane, seq, mark) };
  });
}

export function headerOf(lane: Lane, first: number, last: number, epoch = 'e1'): EnvelopeHeader {
  return { schema: 'yihu-uplink/1', epoch, lane, first, last };
}

export function batchOf(lane: Lane, first: number, last: number, epoch = 'e1', mark = 0): ReceivedBatch {
  return { header: headerOf(lane, first, last, epoch), entries: entriesOf(lane, first, last, mark) };
}

export function gapEntry(first: number, through: number): Entry {
  return { seq: first, through, record: { kind: 'gap', at, reason: 'evicted', count: through - first + 1 } };
}
