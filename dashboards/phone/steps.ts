import { taskLife, type TaskState, type TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Kept, OwnMove } from './doing.ts';

/** Two buttons at most for each state: the large one first. What is left out stands under "more". */
export const buttons: Partial<Record<TaskState, readonly [OwnMove, OwnMove]>> = {
  offered: ['accept', 'decline'],
  accepted: ['arrive', 'set-out'],
  'en-route': ['arrive', 'decline'],
  'on-scene': ['finish', 'decline'],
};

/** The task as it will stand once what waits on this phone has arrived. */
export function afterWaiting(task: TaskSummary, waiting: readonly Kept[]): TaskSummary {
  return waiting.reduce((now, kept) => {
    if (kept.refused !== null || !('task' in kept) || kept.task !== task.id) return now;
    if (kept.kind === 'check') {
      const { check, step } = kept;
      return { ...now, checks: now.checks.map((each) => (each.id === check ? { ...each, state: step } : each)) };
    }
    if (kept.kind !== 'move') return now;
    const { from, to } = taskLife[kept.step];
    return from.includes(now.state) ? { ...now, state: to } : now;
  }, task);
}
