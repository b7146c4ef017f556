import { type Kysely, sql } from 'kysely';
import type { Undone } from '../registry/import-records.ts';
import { backFrom } from '../registry/person-change.ts';
import { reseat } from './people.ts';
import { removePeople } from './people-remove.ts';
import { updatePerson } from './people-rows.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

interface Change {
  readonly id: number;
  readonly person: string;
  readonly kind: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly made: boolean;
}

/**
 * Takes an import back: whom it made is gone, what it changed is as it was. People that somebody worked on since (their
 * version has moved on) stay as they are.
 */
export async function takeBack(trx: Kysely<Tables>, id: string, at: number): Promise<Undone> {
  const { rows: mine } = await sql<{ person: string; untouched: boolean; made: boolean }>`
    select c.person, coalesce(p.version = max(c.version) and p.merged_into is null, false) as untouched, bool_or(c.kind = 'made') as made
    from person_change c left join person p on p.id = c.person where c.cause = ${id} group by c.person, p.version, p.merged_into`.execute(
    trx,
  );
  const untouched = mine.filter((one) => one.untouched);
  const made = untouched.filter((one) => one.made).map(({ person }) => person);
  const changed = untouched.filter((one) => !one.made).map(({ person }) => person);
  await removePeople(trx, made);
  await restore(trx, id, changed, at);
  const houses = await removeHouses(trx, id);
  return { people: untouched.length, kept: mine.length - untouched.length, houses };
}

async function restore(trx: Kysely<Tables>, id: string, people: readonly string[], at: number): Promise<void> {
  if (people.length === 0) return;
  const { rows } = await sql<Change>`select id, person, kind, before from person_change
    where cause = ${id} and person = any(${[...people]}) order by id desc`.execute(trx);
  for (const { person, before } of rows) {
    const { tags, ...columns } = before;
    await updatePerson(trx, person, backFrom(columns), at);
    if (!Array.isArray(tags)) continue;
    await sql`delete from person_tag where person = ${person}`.execute(trx);
    await sql`insert into person_tag (person, tag) select ${person}, unnest(${tags}::text[])`.execute(trx);
  }
  await sql`delete from occupancy where import = ${id} and person = any(${[...people]})`.execute(trx);
  await sql`delete from collected where import = ${id} and subject = any(${[...people]})`.execute(trx);
  await reseat(trx, people);
  const notes = people.map((person) => ({ person }));
  await sql`insert into person_change (person, kind, fields, before, cause, by, at, version)
    select n.person, 'undo', '{}', '{}', ${id}, i.by, ${at}, p.version from jsonb_to_recordset(${json(notes)}) as n(person text)
    join person p on p.id = n.person join import i on i.id = ${id}`.execute(trx);
}

/** Houses the import made and nobody else lives, works, or hangs a device in; flats before the stairwells they are in. */
async function removeHouses(trx: Kysely<Tables>, id: string): Promise<number> {
  let removed = 0;
  for (const kind of ['room', 'unit']) {
    const { numAffectedRows } =
      await sql`delete from area a using import i where i.id = ${id} and a.path = any(i.made_areas) and a.kind = ${kind}
      and not exists (select 1 from occupancy o where o.area = a.path) and not exists (select 1 from device d where d.area = a.path)
      and not exists (select 1 from organisation g where g.area = a.path) and not exists (select 1 from alarm l where l.area = a.path)
      and not exists (select 1 from incident n where n.area = a.path) and not exists (select 1 from area_post t where t.area = a.path)
      and not exists (select 1 from room m where m.area = a.path) and not exists (select 1 from area b where b.parent = a.path)`.execute(
        trx,
      );
    removed += Number(numAffectedRows ?? 0n);
  }
  return removed;
}
