import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Within } from '../registry/areas-records.ts';
import type { FoundPerson, PersonQuery } from '../registry/people-records.ts';
import { inside, isOrBelow } from './inside.ts';
import { pageOf, pageSize } from './paging.ts';
import { selectPeople } from './people-rows.ts';
import { every } from './scope.ts';
import type { Tables } from './tables.ts';

interface Seat {
  readonly person: string;
  readonly area: string;
}

function conditions(query: PersonQuery): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [];
  if (query.token !== undefined) found.push(sql`p.name_tokens @> array[${query.token}::bigint]`);
  if (query.idIndex !== undefined) found.push(sql`p.id_index = ${query.idIndex}`);
  if (query.phoneIndex !== undefined) found.push(sql`p.phone_index = ${query.phoneIndex}`);
  if (query.needy !== undefined) found.push(sql`p.has_needs`, forPurpose(query.needy));
  if (query.tag !== undefined)
    found.push(sql`exists (select 1 from person_tag t where t.person = p.id and t.tag = ${query.tag})`);
  return found;
}

/** Needs are read for a purpose, and the database holds the purpose to be true while it answers. */
function forPurpose(needy: NonNullable<PersonQuery['needy']>): RawBuilder<unknown> {
  if (needy === 'care') return sql`true`;
  return sql`exists (select 1 from incident i where i.id = ${needy.incident} and i.open) and ${isOrBelow('s.area', needy.reach)}`;
}

/** Each person once, at the first of its places in sight, in the order of the houses. */
function seats(scope: Within, query: PersonQuery): RawBuilder<Seat> {
  const where = query.area === undefined ? sql`true` : isOrBelow('s.area', query.area);
  const of = conditions(query);
  const who = of.length === 0 ? sql`` : sql`join person p on p.id = s.person and ${every(of)}`;
  return sql`select s.person, min(s.area collate "C") as area from person_seat s ${who}
    where ${inside('s.area', scope)} and ${where} and ${query.current ? sql`s.current` : sql`true`} group by s.person`;
}

export async function findPeople(
  db: Kysely<Tables>,
  scope: Within,
  query: PersonQuery,
): Promise<{ items: FoundPerson[]; total: number; next: string | null }> {
  const limit = pageSize(query.limit);
  const [, area, person] = /^([A-Za-z0-9_/-]{1,300})~([A-Za-z0-9._-]{1,80})$/.exec(query.after ?? '') ?? [];
  const after =
    area === undefined || person === undefined
      ? sql`true`
      : sql`(seat.area, seat.person) > (${area} collate "C", ${person} collate "C")`;
  const { rows } = await sql<Seat & { total: number }>`with seat as materialized (${seats(scope, query)})
    select seat.person, seat.area, (select count(*)::int from seat) as total from seat where ${after}
    order by seat.area collate "C", seat.person collate "C" limit ${limit + 1}`.execute(db);
  const total = rows[0]?.total ?? (query.after === undefined ? 0 : await countOf(db, scope, query));
  const page = pageOf(rows, limit, total, (row) => `${row.area}~${row.person}`);
  const order = page.items.map((row) => row.person);
  const people = await selectPeople(db, sql`p.id = any(${order})`);
  const byId = new Map(people.map((one) => [one.id, one]));
  return { ...page, items: order.flatMap((id) => byId.get(id) ?? []) };
}

async function countOf(db: Kysely<Tables>, scope: Within, query: PersonQuery): Promise<number> {
  const { rows } = await sql<{ total: number }>`select count(*)::int as total from (${seats(scope, query)}) seat`.execute(db);
  return rows[0]?.total ?? 0;
}

/** SQL: a person `p` this scope may see. */
export function seenIn(scope: Within): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from person_seat s where s.person = p.id and ${inside('s.area', scope)})`;
}
