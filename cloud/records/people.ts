import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isLifeSafety, type Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Within } from '../registry/areas-records.ts';
import type {
  Collected,
  IncidentReach,
  PeopleRecords,
  PeopleWork,
  PersonChange,
  PersonHistory,
  StoredOccupancy,
} from '../registry/people-records.ts';
import { postsOver } from './area-posts.ts';
import { inside } from './inside.ts';
import { once } from './once.ts';
import { findPeople, seenIn } from './people-find.ts';
import { insertPeople, selectPeople, updatePerson } from './people-rows.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** One reader's reveals are counted one after the other; the lock is taken with this and a hash of the reader. */
const revealLock = 7_204_041;

export function peopleRecords(db: Kysely<Tables>): PeopleRecords {
  return { ...peopleWork(db), atOnce: (run) => inTransaction(db, (trx) => run(peopleWork(trx))) };
}

export function peopleWork(trx: Kysely<Tables>): PeopleWork {
  return {
    find: (scope, query) => findPeople(trx, scope, query),
    person: async (scope, id) =>
      (await selectPeople(trx, sql`p.id = ${id} and p.merged_into is null and ${seenIn(scope)}`))[0] ?? null,
    byIds: (ids) => selectPeople(trx, sql`p.id = any(${[...ids]}) and p.merged_into is null`),
    hold: async (scope, id) => {
      await sql`select 1 from person where id = ${id} for update`.execute(trx);
      return (await selectPeople(trx, sql`p.id = ${id} and p.merged_into is null and ${seenIn(scope)}`))[0] ?? null;
    },
    history: (id) => historyOf(trx, id),
    openIncident: (scope, id) => openIncident(trx, scope, id),
    postsOver: (scope, area, at) => postsOver(trx, scope, area, at),
    rooms: (scope, paths) => labelsOf(trx, scope, paths),
    insert: (people, at) => insertPeople(trx, people, at),
    update: (id, change, at) => updatePerson(trx, id, change, at),
    setTags: async (person, tags) => {
      await sql`delete from person_tag where person = ${person}`.execute(trx);
      await sql`insert into person_tag (person, tag) select ${person}, unnest(${[...tags]}::text[]) on conflict do nothing`.execute(
        trx,
      );
    },
    addOccupancies: (occupancies) => addOccupancies(trx, occupancies),
    endOccupancy: async (id, untilAt) => {
      await sql`update occupancy set until_at = ${untilAt} where id = ${id}`.execute(trx);
    },
    reseat: (people) => reseat(trx, people),
    collect: (acts) => collect(trx, acts),
    noteChanges: (changes) => noteChanges(trx, changes),
    noteReveal: async ({ id, person, fields, why, note, incident, by, at }) => {
      await sql`insert into reveal (id, person, fields, why, note, incident, by, at)
        values (${id}, ${person}, ${[...fields]}, ${why}, ${note}, ${incident}, ${by}, ${at})`.execute(trx);
    },
    revealsSince: async (by, since) => {
      await sql`select pg_advisory_xact_lock(${revealLock}, hashtext(${by}))`.execute(trx);
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from reveal where by = ${by} and at > ${since}`.execute(
        trx,
      );
      return rows[0]?.n ?? 0;
    },
    once: (command, make) => once(trx, command, make),
  };
}

/** SQL: this person and those that were merged into it, whose past is its own. */
export function withMerged(person: string): RawBuilder<unknown> {
  return sql`(select ${person}::text union all select m.id from person m where m.merged_into = ${person})`;
}

async function historyOf(db: Kysely<Tables>, person: string): Promise<PersonHistory> {
  const occupancies = await sql<
    PersonHistory['occupancies'][number]
  >`select o.id, o.person, o.area, area_label(o.area) as label, o.role,
      o.organisation, g.name as "organisationName", o.from_at as "fromAt", o.until_at as "untilAt", o.import
    from occupancy o left join organisation g on g.id = o.organisation where o.person in ${withMerged(person)}
    order by o.until_at desc nulls first, o.from_at desc nulls last, o.id`.execute(db);
  const collected = await sql<Collected>`select subject, fields, again, source, basis, form, import, by, at from collected
    where subject in ${withMerged(person)} order by id desc`.execute(db);
  const changes = await sql<PersonHistory['changes'][number]>`select id, kind, fields, cause, by, at from person_change
    where person in ${withMerged(person)} order by id desc`.execute(db);
  const reveals = await sql<{ n: number }>`select count(*)::int as n from reveal where person in ${withMerged(person)}`.execute(
    db,
  );
  return { occupancies: occupancies.rows, collected: collected.rows, changes: changes.rows, reveals: reveals.rows[0]?.n ?? 0 };
}

/** Its building where it lies in one. What concerns a whole community must be a danger to life to open its people's needs. */
async function openIncident(db: Kysely<Tables>, scope: Within, id: string): Promise<IncidentReach | null> {
  const { rows } = await sql<{ area: string; hazard: Hazard; kind: string | null; building: string | null }>`
    select i.area, i.hazard, (select a.kind from area a where a.path = i.area) as kind,
      (select b.path from area b where b.kind = 'building' and (i.area = b.path or starts_with(i.area, b.path || '/'))) as building
    from incident i where i.id = ${id} and i.open and ${inside('i.area', scope)}`.execute(db);
  const [found] = rows;
  if (!found) return null;
  if (found.building !== null) return { area: found.area, reach: found.building };
  const wide = found.kind === 'community' || found.kind === 'street' || found.kind === null;
  return wide && !isLifeSafety(found.hazard) ? null : { area: found.area, reach: found.area };
}

/** Where somebody may live or work: a house, or a stairwell or building that is one. */
async function labelsOf(db: Kysely<Tables>, scope: Within, paths: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ path: string; label: string }>`select a.path, area_label(a.path) as label from area a
    where a.path = any(${[...paths]}) and a.kind in ('building', 'unit', 'room') and ${inside('a.path', scope)}`.execute(db);
  return new Map(rows.map(({ path, label }) => [path, label]));
}

async function addOccupancies(trx: Kysely<Tables>, occupancies: readonly StoredOccupancy[]): Promise<void> {
  if (occupancies.length === 0) return;
  await sql`insert into occupancy (id, person, area, role, organisation, from_at, until_at, import)
    select id, person, area, role, organisation, "fromAt", "untilAt", import
    from jsonb_to_recordset(${json(occupancies)}) as r(id text, person text, area text, role text, organisation text, "fromAt" bigint, "untilAt" bigint, import text)`.execute(
    trx,
  );
}

/** The places of current occupancies; of those who have none, the one that ended last. */
export async function reseat(trx: Kysely<Tables>, people: readonly string[]): Promise<void> {
  if (people.length === 0) return;
  await sql`delete from person_seat where person = any(${[...people]})`.execute(trx);
  await sql`insert into person_seat (person, area, current, name_index)
    select distinct o.person, o.area, o.until_at is null, p.name_index from occupancy o join person p on p.id = o.person where o.person = any(${[...people]}) and (o.until_at is null
      or (not exists (select 1 from occupancy c where c.person = o.person and c.until_at is null)
        and o.id = (select l.id from occupancy l where l.person = o.person order by l.until_at desc, l.id desc limit 1)))`.execute(
    trx,
  );
}

async function collect(trx: Kysely<Tables>, acts: readonly Collected[]): Promise<void> {
  if (acts.length === 0) return;
  await sql`insert into collected (subject, fields, again, source, basis, form, import, by, at)
    select subject, fields, again, source, basis, form, import, by, at from jsonb_to_recordset(${json(acts)})
      as r(subject text, fields text[], again text[], source text, basis text, form text, import text, by text, at bigint)`.execute(
    trx,
  );
}

async function noteChanges(trx: Kysely<Tables>, changes: readonly PersonChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql`insert into person_change (person, kind, fields, before, cause, by, at, version)
    select person, kind, fields, before, cause, by, at, version from jsonb_to_recordset(${json(changes)})
      as r(person text, kind text, fields text[], before jsonb, cause text, by text, at bigint, version integer)`.execute(trx);
}
