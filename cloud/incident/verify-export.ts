import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type ChainHead, type TimelineVerdict, verifyTimeline } from './timeline.ts';

/** A chain with the name it begins with; `sealed`: its lines are past their term, and this was its end. */
export interface ExportedChain {
  readonly id: string;
  readonly timeline: readonly TimelineLine[];
  readonly sealed?: { readonly lines: number; readonly hash: string } | undefined;
}

/** What is in an export. A list that is not there was never exported, as of the incident alone; an empty one says that there is none. */
export interface Exported extends ExportedChain {
  readonly merged?: readonly ExportedChain[] | undefined;
  readonly tasks?: readonly ExportedChain[] | undefined;
  readonly calls?: readonly ExportedChain[] | undefined;
}

/** A chain that the lines name, and of which this export proves nothing. */
export interface Unproven {
  readonly what: 'incident' | 'call';
  readonly id: string;
  /**
   * `not-exported`: the export holds no chains of others; `forgotten`: its lines are past their term; `headless`: the line that
   * names it was written without its length and hash; `unnamed`: it is there, and no line names it.
   */
  readonly why: 'not-exported' | 'forgotten' | 'headless' | 'unnamed';
  /** Its length and last hash as they were bound, where they were. */
  readonly lines: number | null;
  readonly hash: string | null;
}

export type ExportVerdict =
  | { readonly ok: true; readonly head: ChainHead; readonly unproven: readonly Unproven[] }
  | Extract<TimelineVerdict, { ok: false }>
  | {
      readonly ok: false;
      readonly why: 'left-out';
      readonly what: Unproven['what'];
      readonly id: string;
      readonly seq: number;
      readonly hash: string;
    };

/**
 * Checks an exported incident with everything that became part of it: its own chain, each other's, and that whatever a line names
 * is there whole: the line by which another was taken over binds that chain's length and last hash, each line of a call it was
 * told binds that call's chain so far. The verdict is of the first fault, or of its own chain with all that was not proven.
 */
export function verifyExported(exported: Exported): ExportVerdict {
  const { id, timeline, merged = [], tasks = [], calls = [] } = exported;
  // Its first line stands from the moment there is anything to export: an empty chain was emptied.
  if (timeline.length === 0 && exported.sealed === undefined) return { ok: false, seq: 1, why: 'missing' };
  const own = verifyTimeline(timeline, id);
  if (!own.ok) return own;
  for (const chain of [...merged, ...calls, ...tasks].filter((one) => one.timeline.length > 0)) {
    const verdict = verifyTimeline(chain.timeline, chain.id);
    if (!verdict.ok) return verdict;
  }
  const unproven = new Map<string, Unproven>();
  const named = new Set<string>();
  // What became part of it may itself have taken others over before.
  for (const line of [timeline, ...merged.map((part) => part.timeline)].flat()) {
    const binding = bindingOf(line);
    if (!binding) continue;
    named.add(binding.id);
    const held = holds(binding, binding.what === 'incident' ? exported.merged : exported.calls);
    if ('ok' in held) return held;
    if ('why' in held) unproven.set(binding.id, held);
  }
  for (const [what, chains] of [['incident', merged] as const, ['call', calls] as const])
    for (const chain of chains)
      if (!named.has(chain.id)) unproven.set(chain.id, { what, id: chain.id, why: 'unnamed', lines: null, hash: null });
  return { ok: true, head: own.head, unproven: [...unproven.values()] };
}

interface Binding {
  readonly what: Unproven['what'];
  readonly id: string;
  readonly seq: number | null;
  readonly hash: string | null;
}

/** The chain that a line names, and where it stood then; null of every other line. */
function bindingOf({ kind, data }: TimelineLine): Binding | null {
  const what = kind === 'call' ? 'call' : kind === 'state' && data['move'] === 'merge' ? 'incident' : null;
  const id = what && data[what];
  // The line of the one that was taken over names where it went (`into`), and binds nothing.
  if (what === null || typeof id !== 'string') return null;
  const { seq, hash } = data;
  return { what, id, seq: typeof seq === 'number' ? seq : null, hash: typeof hash === 'string' ? hash : null };
}

function holds(
  { what, id, seq, hash }: Binding,
  chains: readonly ExportedChain[] | undefined,
): { readonly proven: true } | Unproven | Extract<ExportVerdict, { ok: false }> {
  const open = { what, id, lines: seq, hash };
  if (chains === undefined) return { ...open, why: 'not-exported' };
  if (seq === null || hash === null) return { ...open, why: 'headless' };
  const chain = chains.find((one) => one.id === id);
  if (!chain) return { ok: false, why: 'left-out', what, id, seq, hash };
  const { sealed } = chain;
  if (chain.timeline.length === 0 && sealed) {
    if (sealed.lines > seq) return { ...open, why: 'forgotten' };
    return sealed.hash === hash ? { proven: true } : { ok: false, seq, why: sealed.lines < seq ? 'missing' : 'changed' };
  }
  const end = chain.timeline.find((line) => line.seq === seq);
  if (!end) return { ok: false, seq, why: 'missing' };
  return end.hash === hash ? { proven: true } : { ok: false, seq, why: 'changed' };
}
