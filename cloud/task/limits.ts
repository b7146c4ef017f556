import type { TaskKind } from '@yihu/device-profiles/vocabulary/task.ts';

const second = 1000;
const minute = 60 * second;

/** How long the person asked may take to answer, before the next one is asked. */
const acceptWithinMs: Readonly<Record<TaskKind, number>> = {
  dispatch: 3 * minute,
  'door-knock': 5 * minute,
  patrol: 15 * minute,
  'work-order': 30 * minute,
  visit: 60 * minute,
};
const lifeSafetyAcceptMs = 60 * second;

export function offerMs(kind: TaskKind, lifeSafety: boolean): number {
  return lifeSafety ? Math.min(lifeSafetyAcceptMs, acceptWithinMs[kind]) : acceptWithinMs[kind];
}

export const taskLimits = {
  /** A position older than this says nothing about where somebody is now. */
  freshMs: 5 * minute,
  /** Where nobody can be asked: how soon it is looked again whether somebody came on duty. */
  seekAgainMs: minute,
  /** How often one person who does not answer is asked for the same task. */
  asksPerPerson: 2,
  checks: 60,
} as const;
