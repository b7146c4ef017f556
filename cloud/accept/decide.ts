import type { Cursor, EnvelopeHeader } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';

/** What to do with one batch, given where this gateway's log stands in our records. */
export type Decision =
  | { readonly apply: readonly Entry[]; readonly next: Cursor }
  /** All of it is committed already. */
  | { readonly ignore: 'duplicate' }
  /** Something between the cursor and this batch is missing: the gateway must go back to the cursor. */
  | { readonly rewind: Cursor }
  /** The batch contradicts itself; sending it again would not help. */
  | { readonly refuse: string };

/**
 * Pure. Every record is applied exactly once and in order, whatever the wire repeats, overlaps or leaves out.
 * A cursor of another epoch stands for nothing: a new log begins at 1. Whether a sequence seen twice had the
 * same content both times is for the store to say, which alone still has the first.
 */
export function decide(cursor: Cursor, header: EnvelopeHeader, entries: readonly Entry[]): Decision {
  const flaw = flawOf(header, entries);
  if (flaw !== undefined) return { refuse: flaw };
  const from = cursor.epoch === header.epoch ? plain(cursor) : { epoch: header.epoch, alarm: 0, telemetry: 0 };
  const at = from[header.lane];
  if (header.last <= at) return { ignore: 'duplicate' };
  if (header.first > at + 1) return { rewind: from };
  const apply = entries.filter((entry) => entry.through > at).map((entry) => after(at, entry));
  return { apply, next: { ...from, [header.lane]: header.last } };
}

function plain(cursor: Cursor): Cursor {
  return { epoch: cursor.epoch, alarm: cursor.alarm, telemetry: cursor.telemetry };
}

/** The part of an entry behind `at`; only a gap, which covers a range, can be cut. */
function after(at: number, entry: Entry): Entry {
  if (entry.seq > at || entry.record.kind !== 'gap') return entry;
  const count = Math.min(entry.record.count, entry.through - at);
  return { seq: at + 1, through: entry.through, record: { ...entry.record, count } };
}

/** Why this batch is not what its header says; undefined where it is. */
export function flawOf(header: EnvelopeHeader, entries: readonly Entry[]): string | undefined {
  let expected = header.first;
  for (const entry of entries) {
    if (entry.seq !== expected) return `sequence ${entry.seq} where ${expected} was expected`;
    const flaw = entryFlaw(header.lane, entry);
    if (flaw !== undefined) return flaw;
    expected = entry.through + 1;
  }
  return expected === header.last + 1 ? undefined : `records end at ${expected - 1}, the header says ${header.last}`;
}

/** Why an entry cannot stand in this lane; undefined where it can. */
export function entryFlaw(lane: Lane, entry: Entry): string | undefined {
  const { kind } = entry.record;
  if (entry.through < entry.seq) return `record ${entry.seq} ends before it begins`;
  if (kind === 'gap') return undefined;
  if (entry.through !== entry.seq) return `record ${entry.seq} covers a range and is no gap`;
  if ((kind === 'readings') !== (lane === 'telemetry')) return `a record of kind ${kind} does not belong in lane ${lane}`;
  return undefined;
}
