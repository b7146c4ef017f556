import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** SQL: the ids of all that became part of this incident, through however many merges; not itself. */
export function mergedInto(incident: RawBuilder<string>): RawBuilder<string> {
  return sql<string>`(with recursive part (id) as (
      select m.id from incident m where m.merged_into = ${incident}
      union select m.id from incident m join part on m.merged_into = part.id)
    select id from part)`;
}

/** SQL: the id of the incident that this one is part of now, itself where it is part of none; null where there is no such incident. */
export function standsFor(incident: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`(with recursive up (id, merged_into) as (
      select m.id, m.merged_into from incident m where m.id = ${incident}
      union select m.id, m.merged_into from incident m join up on m.id = up.merged_into)
    select id from up where merged_into is null)`;
}

/** The ids of all that became part of an incident, the oldest first. */
export async function partsOf(db: Kysely<Tables>, incident: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from incident where id in ${mergedInto(sql<string>`${incident}`)}
    order by opened_at, id`.execute(db);
  return rows.map(({ id }) => id);
}
