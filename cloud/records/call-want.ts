import type { Kysely } from 'kysely';
import type { TaskCore } from '../task/move.ts';
import { plan } from './due.ts';
import type { Tables } from './tables.ts';

/** A door to knock at (`of` is the home) or a need (`of` is the person) of a call. */
export interface CallWant {
  readonly what: 'door' | 'need';
  readonly call: string;
  readonly of: string;
}

/** Something about it changed: the sweep sees to its task within a second. Calls are held here, and tasks are made under another lock. */
export async function wantTasks(trx: Kysely<Tables>, wants: readonly CallWant[], at: number): Promise<void> {
  await plan(
    trx,
    wants.map(({ what, call, of }) => ({ kind: 'call-task' as const, subject: `${what} ${call} ${of}`, step: 0, dueAt: at })),
  );
}

/** A step of the task that came of a need: the sweep sees to the need within a second, under the lock of its call. */
export async function wantNeedOf(trx: Kysely<Tables>, task: Pick<TaskCore, 'id' | 'kind' | 'source'>, at: number): Promise<void> {
  if (task.kind !== 'visit' || task.source.kind !== 'call') return;
  await plan(trx, [{ kind: 'call-need', subject: task.id, step: 0, dueAt: at }]);
}
