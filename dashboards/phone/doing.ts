import type { CallAnswer } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Need, PersonDetail, Source } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';

export type OwnMove = 'accept' | 'decline' | 'set-out' | 'arrive' | 'finish';

/** What was asked of a home; only what is different is in `change`. */
export interface VisitBody {
  version: number;
  change: {
    phone?: string | null;
    contact?: { name: string; phone: string; relation: string } | null;
    needs?: Need[];
  };
  provenance: { source: Source; basis: 'duty' };
}

/** What somebody did on this phone. `step` names it in words. */
export type Doing =
  | { kind: 'move'; task: string; step: OwnMove; reason: string | null }
  | { kind: 'check'; task: string; check: string; step: 'fine' | 'trouble'; note: string | null }
  | { kind: 'photo'; task: string; step: 'photo'; picture: ArrayBuffer }
  | { kind: 'roll-call'; call: string; step: 'safe' | 'help' }
  | { kind: 'door'; task: string; call: string; person: string; step: CallAnswer | 'unreachable'; note: string | null }
  | { kind: 'visit'; person: string; step: 'visit'; body: VisitBody };

/** The same as it waits to be sent. The key makes it happen once however often it is sent. */
export type Kept = Doing & {
  /** Order of doing; given by the store. */
  n?: number;
  /** Whose doing it is: a phone changes hands. */
  user: string;
  /** What it is about, for the person: a task, a call, a name. */
  title: TaskSummary['title'];
  /** The phone's own time of doing, ms. */
  phoneAt: number;
  key: string;
  /** Why the cloud did not take it; null while it waits. */
  refused: Problem | null;
  /** What is there instead, where somebody else was first. */
  current?: PersonDetail;
};

/** The task it belongs to, if to one. */
export function taskOf(doing: Doing): string | null {
  return 'task' in doing ? doing.task : null;
}

export function bytesOf(kept: readonly Doing[]): number {
  return kept.reduce((sum, one) => sum + (one.kind === 'photo' ? one.picture.byteLength : 0), 0);
}
