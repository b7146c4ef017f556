import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Notice, NoticeBuilding, NoticeDetail, NoticeHome, NoticeReach } from '@yihu/device-profiles/vocabulary/resident.ts';
import { derivedId } from './derived-id.ts';
import type { Household } from './households.ts';
import { inside, isOrBelow } from './inside.ts';
import { once } from './once.ts';
import type { Actor, Scope } from './records.ts';
import type { Tables } from './tables.ts';

export interface NoticeDraft {
  readonly area: string;
  readonly title: string;
  readonly text: string;
  readonly from: number;
  readonly until: number;
  readonly key: string;
}

/** SQL: rows of `column` that are `path` (an expression) or lie below it, by their index; `inside.ts` says why so. */
function below(column: string, path: RawBuilder<unknown>): RawBuilder<boolean> {
  const area = sql.ref(column);
  return sql<boolean>`(${area} = ${path} or (${area} ~>=~ (${path} || '/') and ${area} ~<~ (${path} || '0')))`;
}

/** SQL: "幸福里 3栋", "幸福里 第一网格", "幸福街道"; `a` is the area. */
const namedArea = sql<string>`case when a.kind = 'grid' then ltrim(area_label(a.path) || a.name)
  when a.kind in ('building', 'unit', 'room') then area_label(a.path) else a.name end`;

/** Homes are counted once for each area, however many notices it has. */
async function select(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<Notice[]> {
  const { rows } = await sql<Notice>`with told as materialized (
      select n.* from notice n where ${condition} order by n.at desc, n.id limit 100),
    reach as materialized (select one.area,
      (select count(*)::int from area r where r.kind = 'room' and ${below('r.path', sql`one.area`)}) as homes,
      (select count(*)::int from household_link h where h.ended_at is null and ${below('h.area', sql`one.area`)}) as linked
      from (select distinct area from told) one)
    select n.id, n.area, coalesce(${namedArea}, n.area) as "areaName", n.title, n.text, n.at, n.from_at as "from",
      n.until_at as until, n.by_name as "byName", n.withdrawn_at as "withdrawnAt", n.withdrawn_by_name as "withdrawnByName",
      reach.homes, reach.linked, coalesce(got.read, 0) as read
    from told n join reach on reach.area = n.area
    left join (select t.notice, count(*)::int as read from notice_receipt t where t.notice in (select id from told) group by t.notice) got
      on got.notice = n.id
    left join area a on a.path = n.area order by n.at desc, n.id`.execute(db);
  return rows;
}

/** How many homes a notice to this area would reach. Null where the scope does not see it. */
export async function noticeReach(db: Kysely<Tables>, scope: Scope, area: string): Promise<NoticeReach | null> {
  const { rows } = await sql<NoticeReach>`select a.path as area, ${namedArea} as "areaName",
      (select count(*)::int from area r where r.kind = 'room' and ${below('r.path', sql`a.path`)}) as homes,
      (select count(*)::int from household_link h where h.ended_at is null and ${below('h.area', sql`a.path`)}) as linked
    from area a where a.path = ${area} and ${inside('a.path', scope)}`.execute(db);
  return rows[0] ?? null;
}

/** One notice with its receipts by building. Null where the scope does not see it. */
export async function noticeDetail(db: Kysely<Tables>, scope: Scope, id: string): Promise<NoticeDetail | null> {
  const [notice] = await select(db, sql`n.id = ${id} and ${inside('n.area', scope)}`);
  if (!notice) return null;
  const { area, areaName } = notice;
  const inBuilding = (column: string) => sql`${sql.ref(column)} ~>=~ (b.path || '/') and ${sql.ref(column)} ~<~ (b.path || '0')
    and ${isOrBelow(column, area)}`;
  const { rows } = await sql<NoticeBuilding>`with told as materialized (select b.path, b.position, b.name from area b
      where b.kind = 'building' and (${isOrBelow('b.path', area)} or b.path = any(${above(sql`${area}::text`)}))),
    counted as (select b.*,
        (select count(*)::int from area r where r.kind = 'room' and ${inBuilding('r.path')}) as homes,
        (select count(*)::int from household_link h where h.ended_at is null and ${inBuilding('h.area')}) as linked,
        (select count(*)::int from notice_receipt t where t.notice = ${id} and ${inBuilding('t.area')}) as read
      from told b)
    select b.path as area, ltrim(coalesce(c.name, '') || ' ' || b.name) as name, b.homes, b.linked, b.read
    from counted b left join area c on c.kind = 'community' and starts_with(b.path, c.path || '/')
    where b.homes > 0 order by b.position, length(b.path), b.path`.execute(db);
  const rest = (of: 'homes' | 'linked' | 'read') => notice[of] - rows.reduce((sum, row) => sum + row[of], 0);
  const apart = { area, name: areaName, homes: rest('homes'), linked: rest('linked'), read: Math.max(0, rest('read')) };
  return { ...notice, buildings: apart.homes > 0 ? [...rows, apart] : rows };
}

/** SQL: the paths of the areas that hold this one, and itself. */
function above(path: RawBuilder<unknown>): RawBuilder<string[]> {
  return sql<string[]>`array(select array_to_string((string_to_array(${path}, '/'))[1:nth], '/')
    from generate_series(1, cardinality(string_to_array(${path}, '/'))) nth)`;
}

/** Homes shown of one building; more do not stand in one. */
const mostHomes = 2_000;

/** The homes of a notice in one of its buildings, those that have not read it first. Null where the scope does not see it. */
export async function noticeHomes(db: Kysely<Tables>, scope: Scope, id: string, building: string): Promise<NoticeHome[] | null> {
  const told = await sql<{ area: string }>`select n.area from notice n
    where n.id = ${id} and ${inside('n.area', scope)}`.execute(db);
  const [notice] = told.rows;
  if (!notice) return null;
  const { rows } = await sql<NoticeHome>`select r.path as area, area_label(r.path) as label, h.area is not null as linked,
      t.at as "readAt"
    from area r
    left join household_link h on h.area = r.path and h.ended_at is null
    left join notice_receipt t on t.notice = ${id} and t.area = r.path
    where r.kind = 'room' and ${isOrBelow('r.path', building)} and ${isOrBelow('r.path', notice.area)}
    order by t.at is not null, r.position, length(r.path), r.path limit ${mostHomes}`.execute(db);
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
  { area, title, text, from, until, key }: NoticeDraft,
  at: number,
): Promise<Notice | null | 'key-reused'> {
  const seen = await sql`select 1 from area a where a.path = ${area} and ${inside('a.path', scope)}`.execute(trx);
  if (seen.rows.length === 0) return null;
  const done = await once(trx, { actor: actor.id, key, about: 'notice', at }, async () => {
    const id = derivedId('notice', actor.id, key);
    await sql`insert into notice (id, area, title, text, at, from_at, until_at, by_name)
      values (${id}, ${area}, ${title}, ${text}, ${at}, ${from}, ${until}, ${actor.name})`.execute(trx);
    return id;
  });
  if (typeof done === 'string') return 'key-reused';
  const [notice] = await select(trx, sql`n.id = ${done.subject}`);
  return notice ?? null;
}

/** Taken back: homes do not see it any more. Null where it is not there. */
export async function withdrawNotice(
  trx: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  id: string,
  at: number,
): Promise<Notice | null> {
  await sql`update notice n set withdrawn_at = ${at}, withdrawn_by_name = ${actor.name}
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
  const { rows } = await sql<HomeNotice>`select n.id, n.title, n.text, n.from_at as at, t.at as "readAt" from notice n
    left join notice_receipt t on t.notice = n.id and t.area = ${home.area}
    where n.withdrawn_at is null and n.from_at <= ${now} and n.until_at > ${now}
      and (${home.area} = n.area or starts_with(${home.area}, n.area || '/'))
    order by t.at is not null, n.from_at desc limit 30`.execute(db);
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
