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

/** What was seen at a door may still be on its way from a phone without a signal. */
const answersFollowMs = 2 * 60_000;

/**
 * A step of a task that came of a call. A need follows its task within a second, under the lock of its call. A door that was
 * knocked at, and nobody said what was found, is knocked at again: 直到一个不少.
 */
export async function wantOf(
  trx: Kysely<Tables>,
  { id, kind, source, state, area }: Pick<TaskCore, 'id' | 'kind' | 'source' | 'state' | 'area'>,
  at: number,
): Promise<void> {
  if (source.kind !== 'call') return;
  if (kind === 'visit') await plan(trx, [{ kind: 'call-need', subject: id, step: 0, dueAt: at }]);
  if (kind === 'door-knock' && state === 'done')
    await plan(trx, [{ kind: 'call-task', subject: `door ${source.id} ${area}`, step: 0, dueAt: at + answersFollowMs }]);
}
