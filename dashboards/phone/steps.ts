import { taskLife, type TaskState, type TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { KeptStep } from './kept.ts';

export type OwnMove = Exclude<KeptStep['step'], 'fine' | 'trouble'>;

/** Two buttons at most for each state: the large one first. */
export const buttons: Partial<Record<TaskState, readonly [OwnMove, OwnMove]>> = {
  offered: ['accept', 'decline'],
  accepted: ['arrive', 'set-out'],
  'en-route': ['arrive', 'decline'],
  'on-scene': ['finish', 'decline'],
};

/** The task as it will stand once what waits on this phone has arrived. */
export function afterWaiting(task: TaskSummary, waiting: readonly KeptStep[]): TaskSummary {
  return waiting
    .filter((step) => step.task === task.id && step.refused === null)
    .reduce((now, { step, check }) => {
      if (step === 'fine' || step === 'trouble')
        return { ...now, checks: now.checks.map((each) => (each.id === check ? { ...each, state: step } : each)) };
      return taskLife[step].from.includes(now.state) ? { ...now, state: taskLife[step].to } : now;
    }, task);
}
