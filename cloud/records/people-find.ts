import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Within } from '../registry/areas-records.ts';
import type { FoundPerson, PersonQuery } from '../registry/people-records.ts';
import { inside, isOrBelow } from './inside.ts';
import { pageOf, pageSize } from './paging.ts';
import { selectPeople } from './people-rows.ts';
import { every } from './scope.ts';
import type { Tables } from './tables.ts';

function conditions(query: PersonQuery): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [];
  if (query.token !== undefined) found.push(sql`p.name_tokens @> array[${query.token}::bigint]`);
  if (query.idIndex !== undefined) found.push(sql`p.id_index = ${query.idIndex} and p.merged_into is null`);
  if (query.phoneIndex !== undefined) found.push(sql`p.phone_index = ${query.phoneIndex} and p.merged_into is null`);
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

interface Place {
  readonly area: string;
  readonly person: string;
}

/** SQL: the seats that count for the question. */
function seatsOf(scope: Within, query: PersonQuery, of: 's' | 'e' = 's'): RawBuilder<unknown> {
  const column = `${of}.area`;
  return every([
    inside(column, scope),
    query.area === undefined ? sql`true` : isOrBelow(column, query.area),
    query.current ? sql`${sql.ref(`${of}.current`)}` : sql`true`,
  ]);
}

/**
 * The people a question fits, each once, at the first of its places in sight, in the order of the houses. What picks a few
 * is asked first and put in order then; a list of everybody walks along the houses and stops when the page is full.
 */
export async function findPeople(
  db: Kysely<Tables>,
  scope: Within,
  query: PersonQuery,
): Promise<{ items: FoundPerson[]; total: number; next: string | null }> {
  const limit = pageSize(query.limit);
  const [, area, person] = /^([A-Za-z0-9_/-]{1,300})~([A-Za-z0-9._-]{1,80})$/.exec(query.after ?? '') ?? [];
  const after = area === undefined || person === undefined ? null : { area, person };
  const picked = conditions(query);
  const { seats, total } = await (picked.length === 0
    ? walk(db, scope, query, after, limit)
    : pick(db, scope, query, picked, after, limit));
  const page = pageOf(seats, limit, total, (row) => `${row.area}~${row.person}`);
  const order = page.items.map((row) => row.person);
  const people = await selectPeople(db, sql`p.id = any(${order})`);
  const byId = new Map(people.map((one) => [one.id, one]));
  return { ...page, items: order.flatMap((id) => byId.get(id) ?? []) };
}

async function pick(
  db: Kysely<Tables>,
  scope: Within,
  query: PersonQuery,
  picked: readonly RawBuilder<unknown>[],
  after: Place | null,
  limit: number,
): Promise<{ seats: Place[]; total: number }> {
  const beyond =
    after === null ? sql`true` : sql`(seat.area, seat.person) > (${after.area} collate "C", ${after.person} collate "C")`;
  const { rows } = await sql<Place & { total: number }>`with seat as materialized (
      select s.person, min(s.area collate "C") as area from person_seat s join person p on p.id = s.person and ${every([...picked])}
      where ${seatsOf(scope, query)} group by s.person
    )
    select seat.person, seat.area, counted.total from (select count(*)::int as total from seat) counted left join seat on ${beyond}
    order by seat.area collate "C", seat.person collate "C" limit ${limit + 1}`.execute(db);
  return { seats: rows.filter((row) => row.person !== null), total: rows[0]?.total ?? 0 };
}

async function walk(
  db: Kysely<Tables>,
  scope: Within,
  query: PersonQuery,
  after: Place | null,
  limit: number,
): Promise<{ seats: Place[]; total: number }> {
  const beyond =
    after === null
      ? sql`true`
      : sql`(s.area ~>=~ ${after.area} and (s.area <> ${after.area} or s.person > ${after.person} collate "C"))`;
  const { rows: seats } = await sql<Place>`select s.person, s.area from person_seat s
    where ${seatsOf(scope, query)} and ${beyond} and not exists (
      select 1 from person_seat e where e.person = s.person and e.area ~<~ s.area and ${seatsOf(scope, query, 'e')})
    order by s.area using ~<~, s.person collate "C" limit ${limit + 1}`.execute(db);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from (
      select s.person from person_seat s where ${seatsOf(scope, query)} group by s.person) counted`.execute(db);
  return { seats, total: rows[0]?.n ?? 0 };
}

/** SQL: a person `p` this scope may see. */
export function seenIn(scope: Within): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from person_seat s where s.person = p.id and ${inside('s.area', scope)})`;
}
