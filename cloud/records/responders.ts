import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Responder } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Scope } from './records.ts';
import { above, within } from './scope.ts';
import type { StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';

/** Who can be sent: accounts with one of these roles, the nearest to the street first. */
const sendable = ['grid-worker', 'property', 'dispatcher'];

/**
 * People who can be sent, each once, with what they are busy with. Their phone numbers are whole here; whoever shows them
 * masks them for readers without the right.
 */
async function selectResponders(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<Responder[]> {
  const { rows } = await sql<Responder>`select * from (
      select distinct on (u.id) u.id, u.name, r.role, r.area, u.phone, u.on_duty as "onDuty",
        busy.incident, busy.state as "legState", null::float8 as metres
      from app_user u join app_grant r on r.user_id = u.id
      left join lateral (
        select l.incident, l.state from leg l
        where l.person = u.id and l.state in ('offered', 'accepted', 'en-route', 'on-scene') order by l.at desc limit 1
      ) busy on true
      where u.disabled_at is null and r.role = any(${sendable}) and ${condition}
      order by u.id, array_position(${sendable}::text[], r.role), r.area
    ) people order by "onDuty" desc, (incident is null) desc, name, id`.execute(db);
  return rows;
}

/** Those whose area the scope may see, and those whose area holds the scope: a street's worker serves each of its grids. */
export function responders(db: Kysely<Tables>, scope: Scope): Promise<Responder[]> {
  return selectResponders(db, sql`(${within('r.area', scope)} or ${above('r.area', scope)})`);
}

/** The name of somebody whom the scope can send, by the same rule as the list of them; null where there is no such person. */
export async function responderName(db: Kysely<Tables>, scope: Scope, id: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select u.name from app_user u where u.id = ${id} and u.disabled_at is null
    and exists (select 1 from app_grant r where r.user_id = u.id and r.role = any(${sendable})
      and (${within('r.area', scope)} or ${above('r.area', scope)}))`.execute(db);
  return rows[0]?.name ?? null;
}

/** What the screens hear of people whose errand changed. The stream reaches many readers, so it carries no phone number. */
export async function responderDrafts(db: Kysely<Tables>, people: readonly string[], at: number): Promise<StreamDraft[]> {
  const found = await selectResponders(db, sql`u.id = any(${[...people]})`);
  return found.map((one) => ({ area: one.area, event: { type: 'responder', at, responder: { ...one, phone: null } } }));
}
