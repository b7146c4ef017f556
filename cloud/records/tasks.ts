import { type Kysely, sql } from 'kysely';
import { type TaskCandidate, type TaskDetail, type TaskKind, type TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { rank } from '../task/choose.ts';
import type { Position } from '../task/distance.ts';
import { applyTaskMove, type MovedTask, type TaskCore } from '../task/move.ts';
import type { Desk } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { selectLines } from './incident-rows.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import type { Actor, Page, Scope } from './records.ts';
import { ResponseWork } from './response-work.ts';
import type { Rules } from './rules.ts';
import { every, within } from './scope.ts';
import type { Tables } from './tables.ts';
import { insertTask, middleOf, selectKnown, selectTasks, selectTaskViews } from './task-rows.ts';
import { carryTask, sayOf } from './task-work.ts';

/** A task to be made. Who may be asked follows from `roles`; `person` is asked first where named. */
export interface NewTask {
  readonly kind: TaskKind;
  readonly title: Text;
  readonly note?: string | undefined;
  readonly area: string;
  /** One line for people: "幸福里 3栋2单元502". */
  readonly place: string;
  readonly position?: Position | undefined;
  readonly source: TaskSummary['source'];
  readonly incident?: string | undefined;
  readonly lifeSafety?: boolean | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly person?: Actor | undefined;
  /** By when it must be done, ms since 1970 UTC. */
  readonly dueAt?: number | undefined;
  /** Whether somebody else looks at it when it is done; a work order is, unless said otherwise. */
  readonly checked?: boolean | undefined;
  readonly checks?: readonly { readonly id: string; readonly name: string }[] | undefined;
  /** Null where a rule made it. */
  readonly by: Actor | null;
  /** The same source and key is one task, however often it is ordered. */
  readonly key: string;
}

const usualRoles: Readonly<Record<TaskKind, readonly string[]>> = {
  dispatch: ['grid-worker', 'property', 'dispatcher'],
  'work-order': ['property'],
  patrol: ['grid-worker', 'property'],
  visit: ['grid-worker'],
  'door-knock': ['grid-worker', 'property'],
};

/**
 * Makes a task and asks the first candidate, in the caller's transaction, which holds `lockResponse`. Returns its id; the same
 * source and key again changes nothing. A task for which nobody can be asked is there all the same, says so, and goes on looking.
 */
export async function createTask(trx: Kysely<Tables>, rules: Rules, draft: NewTask, at: number): Promise<string> {
  const task = await newTask(trx, draft, at);
  if (!(await insertTask(trx, task))) return task.id;
  const work = new ResponseWork(trx, rules, at);
  const actor = draft.by === null ? {} : { actor: draft.by };
  sayOf(work, task, { kind: 'dispatch', text: draft.title, data: { task: task.id, kind: task.kind, to: 'created' }, ...actor });
  await work.writeLines();
  await carryTask({ trx, rules, at }, firstStep(draft, task, at));
  return task.id;
}

async function newTask(trx: Kysely<Tables>, draft: NewTask, at: number): Promise<TaskCore> {
  const { kind, source, area } = draft;
  return {
    id: derivedId('task', source.kind, source.id, draft.key),
    kind,
    state: 'created',
    title: draft.title,
    note: draft.note ?? null,
    area,
    place: draft.place,
    position: draft.position ?? (await middleOf(trx, area)),
    source,
    incident: draft.incident ?? null,
    lifeSafety: draft.lifeSafety ?? false,
    roles: draft.roles ?? usualRoles[kind],
    person: null,
    personName: null,
    leg: null,
    offeredUntil: null,
    dueAt: draft.dueAt ?? null,
    createdAt: at,
    createdByName: draft.by?.name ?? '',
    updatedAt: at,
    trouble: null,
    checked: draft.checked ?? kind === 'work-order',
    checks: (draft.checks ?? []).map(({ id, name }) => ({ id, name, state: 'pending', at: null, note: null })),
    version: 1,
  };
}

/** The person named is asked, or the nearest is looked for. */
function firstStep(
  { person, by }: NewTask,
  task: TaskCore,
  at: number,
): Omit<MovedTask, 'line'> & { line: MovedTask['line'] | null } {
  if (!person) return { task, legs: [], line: null, seek: true };
  const legId = derivedId('leg', task.id, person.id);
  const moved = applyTaskMove(task, null, { move: 'offer', by, at, person, legId });
  if ('refused' in moved) throw new Error(`task ${task.id} cannot be offered: ${moved.refused.code}`);
  return moved;
}

export interface TaskFilter {
  /** true: somebody still has to do something; false: it is over. */
  readonly open?: boolean;
  readonly kind?: TaskKind;
  readonly incident?: string;
  /** Tasks of this source: of a call, of a plan. */
  readonly source?: string;
  /** Only those nobody has. */
  readonly unstaffed?: boolean;
  readonly after?: string;
  readonly limit?: number;
}

export async function listTasks({ database: { db } }: Desk, scope: Scope, filter: TaskFilter): Promise<Page<TaskSummary>> {
  const limit = pageSize(filter.limit);
  const found = [within('t.area', scope)];
  if (filter.open !== undefined) found.push(sql`t.open = ${filter.open}`);
  if (filter.kind !== undefined) found.push(sql`t.kind = ${filter.kind}`);
  if (filter.incident !== undefined) found.push(sql`t.incident = ${filter.incident}`);
  if (filter.source !== undefined) found.push(sql`t.source ->> 'id' = ${filter.source}`);
  if (filter.unstaffed === true) found.push(sql`t.state = 'created'`);
  const where = every(found);
  const paged = every([where, olderThan('t.created_at', 't.id', filter.after)]);
  const tasks = await selectTaskViews(db, paged, sql`order by t.created_at desc, t.id limit ${limit + 1}`);
  const counted = await sql<{ total: number }>`select count(*)::int as total from task t where ${where}`.execute(db);
  return pageOf(tasks, limit, counted.rows[0]?.total ?? 0, (task) => `${task.createdAt}~${task.id}`);
}

/** Open tasks the person has or is asked for, and what came of others within the last day: a phone that was away sees it. */
export function ownTasks({ database: { db }, clock }: Desk, person: string): Promise<TaskSummary[]> {
  const lately = clock.now() - 24 * 3_600_000;
  return selectTaskViews(
    db,
    sql`(t.open and t.person = ${person}) or (t.updated_at >= ${lately} and exists (select 1 from leg l where l.task = t.id and l.person = ${person}))`,
    sql`order by t.open desc, t.created_at desc, t.id limit 200`,
  );
}

export async function readTask(db: Kysely<Tables>, scope: Scope | null, id: string): Promise<TaskDetail | null> {
  const mine = scope === null ? sql`true` : within('t.area', scope);
  const [task] = await selectTaskViews(db, sql`t.id = ${id} and ${mine}`);
  return task ? { ...task, timeline: task.incident === null ? await selectLines(db, id) : [] } : null;
}

/** Who could be asked for a task, nearest first; null where the task is not seen. */
export async function taskCandidates(
  { database: { db }, clock }: Desk,
  scope: Scope,
  id: string,
): Promise<TaskCandidate[] | null> {
  const [task] = await selectTasks(db, sql`t.id = ${id} and ${within('t.area', scope)}`);
  return task ? rank(await selectKnown(db, task, clock.now()), task.position, clock.now()) : null;
}

/** Who could be sent to a place, before there is a task. */
export async function areaCandidates({ database: { db }, clock }: Desk, area: string): Promise<TaskCandidate[]> {
  const known = await selectKnown(db, { id: '', area, roles: usualRoles.dispatch }, clock.now());
  return rank(known, await middleOf(db, area), clock.now());
}
