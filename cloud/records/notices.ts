import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Notice } from '@yihu/device-profiles/vocabulary/resident.ts';
import { derivedId } from './derived-id.ts';
import type { Household } from './households.ts';
import { inside } from './inside.ts';
import { once } from './once.ts';
import type { Actor, Scope } from './records.ts';
import type { Tables } from './tables.ts';

export interface NoticeDraft {
  readonly area: string;
  readonly title: string;
  readonly text: string;
  readonly until: number;
  readonly key: string;
}

/** SQL: rows of `column` that are `path` (an expression) or lie below it. */
function below(column: string, path: RawBuilder<unknown>): RawBuilder<boolean> {
  const area = sql.ref(column);
  return sql<boolean>`(${area} = ${path} or starts_with(${area}, ${path} || '/'))`;
}

async function select(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<Notice[]> {
  const { rows } = await sql<Notice>`select n.id, n.area, coalesce(a.name, n.area) as "areaName", n.title, n.text, n.at,
      n.until_at as until, n.by_name as "byName", n.withdrawn_at as "withdrawnAt",
      (select count(*)::int from area r where r.kind = 'room' and ${below('r.path', sql`n.area`)}) as homes,
      (select count(*)::int from household_link h where h.ended_at is null and ${below('h.area', sql`n.area`)}) as linked,
      (select count(*)::int from notice_receipt t where t.notice = n.id) as read
    from notice n left join area a on a.path = n.area where ${condition} order by n.at desc, n.id limit 100`.execute(db);
  return rows;
}

/** The newest hundred of the scope. */
export function listNotices(db: Kysely<Tables>, scope: Scope): Promise<Notice[]> {
  return select(db, inside('n.area', scope));
}

/** Null where the area is not the scope's; the same key twice is one notice. */
export async function putNotice(
  trx: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  { area, title, text, until, key }: NoticeDraft,
  at: number,
): Promise<Notice | null | 'key-reused'> {
  const seen = await sql`select 1 from area a where a.path = ${area} and ${inside('a.path', scope)}`.execute(trx);
  if (seen.rows.length === 0) return null;
  const done = await once(trx, { actor: actor.id, key, about: 'notice', at }, async () => {
    const id = derivedId('notice', actor.id, key);
    await sql`insert into notice (id, area, title, text, at, until_at, by_name)
      values (${id}, ${area}, ${title}, ${text}, ${at}, ${until}, ${actor.name})`.execute(trx);
    return id;
  });
  if (typeof done === 'string') return 'key-reused';
  const [notice] = await select(trx, sql`n.id = ${done.subject}`);
  return notice ?? null;
}

/** Taken back: homes do not see it any more. Null where it is not there. */
export async function withdrawNotice(trx: Kysely<Tables>, scope: Scope, id: string, at: number): Promise<Notice | null> {
  await sql`update notice n set withdrawn_at = ${at}
    where n.id = ${id} and n.withdrawn_at is null and ${inside('n.area', scope)}`.execute(trx);
  const [notice] = await select(trx, sql`n.id = ${id} and ${inside('n.area', scope)}`);
  return notice ?? null;
}

/** A notice as a home reads it. */
export interface HomeNotice {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly at: number;
  readonly readAt: number | null;
}

/** What is told to this home now, what it has not read first. */
export async function noticesOf(db: Kysely<Tables>, home: Household, now: number): Promise<HomeNotice[]> {
  const { rows } = await sql<HomeNotice>`select n.id, n.title, n.text, n.at, t.at as "readAt" from notice n
    left join notice_receipt t on t.notice = n.id and t.area = ${home.area}
    where n.withdrawn_at is null and n.until_at > ${now} and (${home.area} = n.area or starts_with(${home.area}, n.area || '/'))
    order by t.at is not null, n.at desc limit 30`.execute(db);
  return rows;
}

/** 已读: one for each home. False where this home is told no such thing. */
export async function receiveNotice(db: Kysely<Tables>, home: Household, id: string, now: number): Promise<boolean> {
  const isTold = (await noticesOf(db, home, now)).some((notice) => notice.id === id);
  if (!isTold) return false;
  await sql`insert into notice_receipt (notice, area, link, at) values (${id}, ${home.area}, ${home.nth}, ${now})
    on conflict (notice, area) do nothing`.execute(db);
  return true;
}
