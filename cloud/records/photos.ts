import { type Kysely, sql } from 'kysely';
import { maxTaskPhotos } from '@yihu/device-profiles/vocabulary/photo.ts';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { type Desk, runCommand } from './commands.ts';
import { keepPhoto, ofTask, photoId, type TakenPhoto } from './photo-rows.ts';
import type { Actor, Outcome, Refusal, Scope, StoredPhoto } from './records.ts';
import { ResponseWork } from './response-work.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';
import { selectTasks } from './task-rows.ts';
import { sayOf, taskDraft } from './task-work.ts';
import { readTask } from './tasks.ts';

/** A photo of what somebody was sent to; by whoever has the task, or had it and went. */
export function addTaskPhoto(desk: Desk, actor: Actor, id: string, photo: TakenPhoto): Promise<Outcome<TaskDetail>> {
  return runCommand<TaskDetail>(desk, {
    visible: sql`exists (select 1 from leg l where l.task = t.id and l.person = ${actor.id})`,
    actor,
    key: photo.key,
    what: 'photo',
    table: 'task',
    id,
    read: (trx) => readTask(trx, null, id),
    act: (trx, at) => take(desk, trx, { actor, id, photo, at }),
  });
}

interface Taking {
  readonly actor: Actor;
  readonly id: string;
  readonly photo: TakenPhoto;
  readonly at: number;
}

async function take({ rules }: Desk, trx: Kysely<Tables>, { actor, id, photo, at }: Taking): Promise<Refusal | null> {
  const [task] = await selectTasks(trx, sql`t.id = ${id}`);
  if (!task) throw new Error(`task ${id} is visible and cannot be read`);
  if (!(await went(trx, id, actor.id))) return notYours;
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from photo
    where about_kind = 'task' and about = ${id}`.execute(trx);
  if ((rows[0]?.n ?? 0) >= maxTaskPhotos) return tooMany;
  const by = { kind: 'user' as const, ...actor };
  if (!(await keepPhoto(trx, { ...photo, about: { kind: 'task', id }, area: task.area, by }, at))) return null;
  const work = new ResponseWork(trx, rules, at);
  if (task.incident !== null) await work.loadIncident(task.incident);
  const text = { zh: `${actor.name} 拍了现场照片`.slice(0, 120), en: `${actor.name} took a photo on the spot`.slice(0, 120) };
  const data = { task: id, photo: photoId(by, photo.key), ...(photo.takenAt === null ? {} : { phoneAt: photo.takenAt }) };
  sayOf(work, task, { kind: 'note', text, data, actor });
  const incident = task.incident === null ? null : work.incident(task.incident);
  if (incident) work.putIncident(rules.incident.touched(incident, at));
  await work.flush([taskDraft(task, at)]);
  return null;
}

/** True where the person took the task on, whatever became of it later. */
async function went(trx: Kysely<Tables>, task: string, person: string): Promise<boolean> {
  const { rows } = await sql`select 1 from leg where task = ${task} and person = ${person}
    and state in ('accepted', 'en-route', 'on-scene', 'done')`.execute(trx);
  return rows.length > 0;
}

const notYours: Refusal = {
  code: 'not-yours',
  message: { zh: '这个任务现在不在您手上，照片没有收下', en: 'You do not have this task now; the photo was not taken' },
};
const tooMany: Refusal = {
  code: 'not-allowed',
  message: {
    zh: `一个任务最多 ${maxTaskPhotos} 张照片，这张没有收下`,
    en: `A task takes ${maxTaskPhotos} photos at most; this one was not taken`,
  },
};

/**
 * The bytes, for whoever the scope lets see its area, and for whoever took it or has its task, wherever that is. Null where
 * there is none, or none for this reader.
 */
export async function readPhoto(db: Kysely<Tables>, scope: Scope, reader: string, id: string): Promise<StoredPhoto | null> {
  const { rows } = await sql<StoredPhoto>`select p.id, p.picture as bytes, p.area,
      (p.by_id = ${reader} or coalesce(t.person = ${reader}, false)) as own,
      coalesce(t.kind in ('work-order', 'patrol'), false) as work
    from photo p left join lateral (select t.kind, t.person from task t where ${ofTask} order by t.created_at desc limit 1) t on true
    where p.id = ${id} and (${within('p.area', scope)} or p.by_id = ${reader} or t.person = ${reader})`.execute(db);
  return rows[0] ?? null;
}

/** All photos together take no more than this. */
const photosBytes = 8 * 1024 ** 3;

/** Forgets photos that came before `before`, and the oldest past `mostBytes` of all; at most `most` of each a call. */
export async function dropOldPhotos(
  db: Kysely<Tables>,
  before: number,
  most: number,
  _now?: number,
  mostBytes = photosBytes,
): Promise<number> {
  const old = await sql`delete from photo where id in
    (select id from photo where at < ${before} order by at limit ${most})`.execute(db);
  const past = await sql`delete from photo where id in (
    select id from (select id, at, sum(bytes) over (order by at desc, id) as total from photo) counted
    where total > ${mostBytes} order by at limit ${most})`.execute(db);
  return Number(old.numAffectedRows ?? 0) + Number(past.numAffectedRows ?? 0);
}
