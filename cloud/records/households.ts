import { type Kysely, sql } from 'kysely';
import type { Actor, Scope } from './records.ts';
import { inside } from './inside.ts';
import type { Tables } from './tables.ts';

/** A home as its link opens it. */
export interface Household {
  /** Of the link. */
  readonly nth: number;
  readonly area: string;
  /** "幸福里 3栋2单元502" */
  readonly label: string;
}

/** Null where the link was replaced, or its home is gone. `hold`: until the commit, so that a second click waits. */
export async function readHousehold(db: Kysely<Tables>, nth: number, hold = false): Promise<Household | null> {
  const { rows } = await sql<Household>`select h.nth, h.area, area_label(h.area) as label from household_link h
    where h.nth = ${nth} and h.ended_at is null and exists (select 1 from area a where a.path = h.area)
    ${hold ? sql`for update of h` : sql``}`.execute(db);
  return rows[0] ?? null;
}

export interface LinkRow extends Household {
  readonly at: number;
  readonly byName: string;
}

/** The link of a home, made where there is none; `renew` ends the one there is. Null where the scope holds no such home. */
export async function linkHome(
  trx: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  { area, renew, at }: { readonly area: string; readonly renew: boolean; readonly at: number },
): Promise<LinkRow | null> {
  const home = await sql`select 1 from area a where a.path = ${area} and a.kind = 'room' and ${inside('a.path', scope)}`.execute(
    trx,
  );
  if (home.rows.length === 0) return null;
  if (renew) await sql`update household_link set ended_at = ${at} where area = ${area} and ended_at is null`.execute(trx);
  await sql`insert into household_link (area, at, by_name) values (${area}, ${at}, ${actor.name})
    on conflict (area) where ended_at is null do nothing`.execute(trx);
  const { rows } = await sql<LinkRow>`select nth, area, area_label(area) as label, at, by_name as "byName" from household_link
    where area = ${area} and ended_at is null`.execute(trx);
  return rows[0] ?? null;
}

/** Forgets what came by links before `before`, and notices that ended before it; at most `most` of each a call. */
export async function dropOldHomeRecords(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const gone = [
    await sql`delete from resident_report where id in
      (select id from resident_report where at < ${before} limit ${most})`.execute(db),
    await sql`delete from resident_sos where id in
      (select id from resident_sos where at < ${before} and state <> 'pending' limit ${most})`.execute(db),
    await sql`delete from notice_receipt where notice in
      (select id from notice where until_at < ${before}) and at < ${before}`.execute(db),
    await sql`delete from notice n where n.until_at < ${before}
      and not exists (select 1 from notice_receipt t where t.notice = n.id)`.execute(db),
  ];
  return gone.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0), 0);
}
