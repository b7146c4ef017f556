import type { CallWaits } from '@yihu/device-profiles/vocabulary/call-plan.ts';

/** 沉默的人: what is done about somebody who has not answered, one step after the other. */
export type SilentStep = 'again' | 'head' | 'door';

export const usualWaits: { readonly lifeSafety: CallWaits; readonly other: CallWaits } = {
  lifeSafety: { againMs: 2 * 60_000, headMs: 5 * 60_000, doorMs: 10 * 60_000 },
  other: { againMs: 3_600_000, headMs: 4 * 3_600_000, doorMs: 24 * 3_600_000 },
};

export interface Silent {
  /** Steps taken so far. */
  readonly step: number;
  readonly phone: boolean;
  /** A building head or party household answers for this home. */
  readonly hasHead: boolean;
}

export interface NextStep {
  readonly do: SilentStep;
  /** Steps taken once this one is. */
  readonly step: number;
  /** When the next is due, null after the last: the door-knock stays open until somebody says what they found. */
  readonly dueAt: number | null;
}

/**
 * The step that is due: by the next channel where there is a number, then whoever lives near, then somebody at the door.
 * What cannot be done for a person is passed over at once. Waits count from when the call reached the queue.
 */
export function nextStep({ step, phone, hasHead }: Silent, { againMs, headMs, doorMs }: CallWaits, now: number): NextStep {
  if (step < 1 && phone) return { do: 'again', step: 1, dueAt: now + Math.max(0, headMs - againMs) };
  if (step < 2 && hasHead) return { do: 'head', step: 2, dueAt: now + Math.max(0, doorMs - headMs) };
  return { do: 'door', step: 3, dueAt: null };
}

/** Waits that go up; what is wrong otherwise. */
export function waitsProblem({ againMs, headMs, doorMs }: CallWaits): string | null {
  return againMs > 0 && againMs <= headMs && headMs <= doorMs ? null : 'must go up: againMs ≤ headMs ≤ doorMs';
}

/** The next channels after the first; where a ladder has one step, it again. */
export function ladderAgain(ladder: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return ladder.length > 1 ? ladder.slice(1) : ladder;
}
