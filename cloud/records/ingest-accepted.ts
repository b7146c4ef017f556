import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** One entry that is new to us. `log` names the gateway's log of that epoch in our tables. */
export interface Accepted {
  readonly log: number;
  readonly epoch: string;
  readonly lane: Lane;
  readonly entry: Entry;
}

export interface IngestGateway {
  readonly id: string;
  readonly area: string;
  readonly areaName: string;
  readonly name: Text;
}

type Kind = LogRecord['kind'];

export interface Of<K extends Kind> extends Accepted {
  readonly record: Extract<LogRecord, { kind: K }>;
}

export interface Sorted {
  readonly readings: readonly Of<'readings'>[];
  readonly alarms: readonly Of<'alarm'>[];
  readonly sites: readonly Of<'site'>[];
  readonly snapshots: readonly Of<'snapshot'>[];
  readonly gaps: readonly Of<'gap'>[];
  readonly acts: readonly Of<'act'>[];
  readonly clocks: readonly Of<'clock'>[];
  readonly changes: readonly Of<'change'>[];
  /** Per epoch, for `accepted = delivered + buffered + gaps`. */
  readonly counts: ReadonlyMap<string, Record<string, number>>;
}

export function sortAccepted(accepted: readonly Accepted[]): Sorted {
  return {
    readings: only(accepted, 'readings'),
    alarms: only(accepted, 'alarm'),
    sites: only(accepted, 'site'),
    snapshots: only(accepted, 'snapshot'),
    gaps: only(accepted, 'gap'),
    acts: only(accepted, 'act'),
    clocks: only(accepted, 'clock'),
    changes: only(accepted, 'change'),
    counts: countSequences(accepted),
  };
}

/** Those of one kind, in their order. */
export function only<K extends Kind>(accepted: readonly Accepted[], kind: K): Of<K>[] {
  return accepted.flatMap((one) => {
    const { record } = one.entry;
    return record.kind === kind ? [{ ...one, record: record as Extract<LogRecord, { kind: K }> }] : [];
  });
}

function countSequences(accepted: readonly Accepted[]): Map<string, Record<string, number>> {
  const counts = new Map<string, Record<string, number>>();
  for (const { epoch, lane, entry } of accepted) {
    const of = counts.get(epoch) ?? {};
    const key = `${entry.record.kind === 'gap' ? 'gaps' : 'delivered'}_${lane}`;
    of[key] = (of[key] ?? 0) + entry.through - entry.seq + 1;
    counts.set(epoch, of);
  }
  return counts;
}
