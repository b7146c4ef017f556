import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type TimelineVerdict, verifyTimeline } from './timeline.ts';

/** A chain with the name it begins with. */
export interface ExportedChain {
  readonly id: string;
  readonly timeline: readonly TimelineLine[];
}

export interface Exported extends ExportedChain {
  readonly merged: readonly ExportedChain[];
  readonly tasks: readonly ExportedChain[];
  readonly calls: readonly ExportedChain[];
}

/**
 * Checks an exported incident with everything that became part of it: its own chain, each other's, that the line by which
 * another was taken over names the end of that other's chain, and that each line of a call it was told is in that call's chain.
 * The verdict is of the first fault, or of its own chain.
 */
export function verifyExported({ id, timeline, merged, tasks, calls }: Exported): TimelineVerdict {
  const own = verifyTimeline(timeline, id);
  if (!own.ok) return own;
  for (const chain of [...merged, ...calls, ...tasks.filter((task) => task.timeline.length > 0)]) {
    const verdict = verifyTimeline(chain.timeline, chain.id);
    if (!verdict.ok) return verdict;
  }
  // What became part of it may itself have taken others over before.
  for (const line of [timeline, ...merged.map((part) => part.timeline)].flat()) {
    const fault = faultOf(line, namedIn(line.kind, line.data, merged, calls));
    if (fault) return fault;
  }
  return own;
}

/** The line that is named is there and is the one that was meant. An export of the incident alone holds none of the others. */
function faultOf({ data }: TimelineLine, other: ExportedChain | undefined): TimelineVerdict | null {
  if (!other) return null;
  const end = other.timeline.find((line) => line.seq === data['seq']);
  if (!end) return { ok: false, seq: Number(data['seq']), why: 'missing' };
  return end.hash === data['hash'] ? null : { ok: false, seq: end.seq, why: 'changed' };
}

/** The chain whose line this one names, where it is in the export. */
function namedIn(
  kind: TimelineLine['kind'],
  data: TimelineLine['data'],
  merged: readonly ExportedChain[],
  calls: readonly ExportedChain[],
): ExportedChain | undefined {
  if (kind === 'call') return calls.find((chain) => chain.id === data['call']);
  return data['move'] === 'merge' ? merged.find((chain) => chain.id === data['incident']) : undefined;
}
