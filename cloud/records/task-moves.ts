import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { TaskDetail, TaskMove } from '@yihu/device-profiles/vocabulary/task.ts';
import { taskLife } from '@yihu/device-profiles/vocabulary/task.ts';
import { applyTaskMove, tickCheck } from '../task/move.ts';
import { type Desk, keyReused, notFound, runCommand } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { once } from './once.ts';
import type { Actor, Outcome, Refusal, Scope } from './records.ts';
import { responderName } from './responders.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';
import { selectLeg, selectTasks } from './task-rows.ts';
import { createTask, type NewTask, readTask } from './tasks.ts';
import { carryTask } from './task-work.ts';

export interface TaskCommand {
  readonly move: TaskMove;
  /** Of the desk: the version it saw. */
  readonly version?: number | undefined;
  readonly reason?: string | undefined;
  readonly person?: string | undefined;
  readonly phoneAt?: number | undefined;
  readonly key: string;
}

export interface CheckCommand {
  readonly state: 'fine' | 'trouble';
  readonly note?: string | undefined;
  readonly phoneAt?: number | undefined;
  readonly key: string;
}

/** A step by the desk, within its areas. */
export function moveTask(desk: Desk, scope: Scope, actor: Actor, id: string, command: TaskCommand): Promise<Outcome<TaskDetail>> {
  return onTask(desk, { scope, actor, id, key: command.key, what: command.move }, (trx, at) =>
    move(desk, trx, scope, actor, id, command, at),
  );
}

/** A step by whoever has the task or had it: somebody else's task is not there. */
export function moveOwnTask(desk: Desk, actor: Actor, id: string, command: TaskCommand): Promise<Outcome<TaskDetail>> {
  if (taskLife[command.move].by !== 'person') return Promise.resolve({ ok: false, refusal: notTheirs, current: null });
  return onTask(desk, { scope: null, actor, id, key: command.key, what: command.move }, (trx, at) =>
    move(desk, trx, nobody, actor, id, command, at),
  );
}

/** Whoever has a task names nobody else for it. */
const nobody: Scope = { areas: [] };

const notTheirs: Refusal = {
  code: 'not-allowed',
  message: { zh: '这一步由值班室来做', en: 'This step is for the desk to take' },
};

/** A point of a patrol was looked at. */
export function tickOwnTask(
  desk: Desk,
  actor: Actor,
  id: string,
  check: string,
  command: CheckCommand,
): Promise<Outcome<TaskDetail>> {
  return onTask(desk, { scope: null, actor, id, key: command.key, what: `check ${check} ${command.state}` }, async (trx, at) => {
    const [task] = await selectTasks(trx, sql`t.id = ${id}`);
    if (!task) return null;
    const ticked = tickCheck(task, check, { ...command, by: actor, at });
    if ('refused' in ticked) return ticked.refused;
    await carryTask({ trx, rules: desk.rules, at }, { ...ticked, legs: [], seek: false });
    return null;
  });
}

interface OnTask {
  /** Null: the actor's own tasks, wherever they are. */
  readonly scope: Scope | null;
  readonly actor: Actor;
  readonly id: string;
  readonly key: string;
  readonly what: string;
}

function onTask(
  desk: Desk,
  { scope, actor, id, key, what }: OnTask,
  act: (trx: Kysely<Tables>, at: number) => Promise<Refusal | null>,
): Promise<Outcome<TaskDetail>> {
  const visible: RawBuilder<unknown> =
    scope === null ? sql`exists (select 1 from leg l where l.task = t.id and l.person = ${actor.id})` : within('t.area', scope);
  return runCommand<TaskDetail>(desk, {
    visible,
    actor,
    key,
    table: 'task',
    id,
    what,
    read: (trx) => readTask(trx, scope, id),
    act,
  });
}

async function move(
  { rules }: Desk,
  trx: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  id: string,
  command: TaskCommand,
  at: number,
): Promise<Refusal | null> {
  const [task] = await selectTasks(trx, sql`t.id = ${id}`);
  if (!task) throw new Error(`task ${id} is visible and cannot be read`);
  const name = command.person === undefined ? null : await responderName(trx, scope, command.person);
  if (command.person !== undefined && name === null) return unknownPerson;
  const person = command.person === undefined || name === null ? undefined : { id: command.person, name };
  const legId = derivedId('leg', id, actor.id, command.key);
  const moved = applyTaskMove(task, await selectLeg(trx, task.leg), { ...command, person, by: actor, at, legId });
  if ('refused' in moved) return moved.refused;
  await carryTask({ trx, rules, at }, moved);
  return null;
}

const unknownPerson: Refusal = {
  code: 'person-needed',
  message: { zh: '没有这个人，请重新选择派谁去', en: 'There is no such person. Choose again whom to send' },
};

/** A task made by hand. The area must be one the actor reaches, and one that is there. */
export async function orderTask(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  draft: Omit<NewTask, 'source' | 'by' | 'person' | 'place'> & { person?: string | undefined; place?: string | undefined },
): Promise<Outcome<TaskDetail>> {
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<TaskDetail>> => {
    await lockResponse(trx);
    const { rows } = await sql<{
      name: string;
    }>`select name from area where path = ${draft.area} and ${within('area.path', scope)}`.execute(trx);
    const [area] = rows;
    if (!area) return notFound();
    const name = draft.person === undefined ? null : await responderName(trx, scope, draft.person);
    if (draft.person !== undefined && name === null) return { ok: false, refusal: unknownPerson, current: null };
    const person = draft.person === undefined || name === null ? undefined : { id: draft.person, name };
    const at = desk.clock.now();
    const done = await once(trx, { actor: actor.id, key: draft.key, about: 'task', at }, () =>
      createTask(
        trx,
        desk.rules,
        { ...draft, place: draft.place ?? area.name, person, source: { kind: 'hand', id: actor.id }, by: actor },
        at,
      ),
    );
    if (typeof done === 'string') return { ok: false, refusal: keyReused, current: null };
    const value = await readTask(trx, scope, done.subject);
    return value ? { ok: true, value, repeated: done.repeated } : notFound();
  });
}
