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
}

/**
 * Checks an exported incident with everything that became part of it: its own chain, each other's, and that the line by which
 * another was taken over names the end of that other's chain. The verdict is of the first fault, or of its own chain.
 */
export function verifyExported({ id, timeline, merged, tasks }: Exported): TimelineVerdict {
  const own = verifyTimeline(timeline, id);
  if (!own.ok) return own;
  for (const chain of [...merged, ...tasks.filter((task) => task.timeline.length > 0)]) {
    const verdict = verifyTimeline(chain.timeline, chain.id);
    if (!verdict.ok) return verdict;
  }
  for (const { data } of timeline) {
    if (data['move'] !== 'merge' || typeof data['incident'] !== 'string') continue;
    const other = merged.find((chain) => chain.id === data['incident']);
    // An export of the incident alone holds none of the others.
    if (!other) continue;
    const end = other.timeline.find((line) => line.seq === data['seq']);
    if (!end) return { ok: false, seq: Number(data['seq']), why: 'missing' };
    if (end.hash !== data['hash']) return { ok: false, seq: end.seq, why: 'changed' };
  }
  return own;
}
