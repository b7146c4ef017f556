import { type Kysely, sql } from 'kysely';
import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import type { SeedStreet } from '../registry/seed/seed.ts';
import { peopleWork } from './people.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

const rowsAtOnce = 5_000;

/** True where an area of this path is there already. */
export async function hasArea(db: Kysely<Tables>, path: string): Promise<boolean> {
  return (await sql`select 1 from area where path = ${path}`.execute(db)).rows.length > 0;
}

/** Writes a whole street in one transaction: all of it or nothing. */
export async function writeStreet(db: Kysely<Tables>, street: SeedStreet, at: number): Promise<{ people: number }> {
  return db.transaction().execute(async (trx) => {
    for (const rows of inParts(street.areas)) {
      await sql`insert into area (path, parent, kind, name) select path, parent, kind, name
        from jsonb_to_recordset(${json(rows)}) as r(path text, parent text, kind text, name text)`.execute(trx);
    }
    await sql`insert into area_post (id, area, post, name, phone, from_at) select id, area, post, name, phone, "fromAt"
      from jsonb_to_recordset(${json(street.posts)}) as r(id text, area text, post text, name text, phone text, "fromAt" bigint)`.execute(
      trx,
    );
    const organisations = street.organisations.map((one) => ({ ...one, search: searchText([one.name]) }));
    await sql`insert into organisation (id, area, name, kind, search, created_at) select id, area, name, kind, search, ${at}
      from jsonb_to_recordset(${json(organisations)}) as r(id text, area text, name text, kind text, search text)`.execute(trx);
    await writeDevices(trx, street, at);
    const people = await writePeople(trx, street, at);
    return { people };
  });
}

async function writeDevices(trx: Kysely<Tables>, { gateways, devices }: SeedStreet, at: number): Promise<void> {
  const named = gateways.map(({ id, area, name }) => ({ id, area, name: { zh: name } }));
  await sql`insert into gateway (id, area, name, state, last_seen) select id, area, name, 'offline', ${at}
    from jsonb_to_recordset(${json(named)}) as r(id text, area text, name jsonb) on conflict (id) do nothing`.execute(trx);
  const labels = await labelsOf(trx, [...new Set(devices.map(({ area }) => area))]);
  const rows = devices.map(({ name, ...device }) => {
    const place = labels.get(device.area) ?? '';
    return { ...device, name: { zh: name }, place, search: searchText([name, place, device.id]) };
  });
  await sql`insert into device (gateway, id, profile, category, name, place_text, area, availability, last_at, search)
    select gateway, id, profile, category, name, place, area, 'online', ${at}, search
    from jsonb_to_recordset(${json(rows)}) as r(gateway text, id text, profile text, category text, name jsonb, area text, place text,
      search text)`.execute(trx);
}

/** As people say where it is: "幸福里 3栋2单元502". */
async function labelsOf(trx: Kysely<Tables>, areas: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ path: string; label: string }>`select path, area_label(path) as label from area
    where path = any(${[...areas]})`.execute(trx);
  return new Map(rows.map(({ path, label }) => [path, label]));
}

async function writePeople(trx: Kysely<Tables>, street: SeedStreet, at: number): Promise<number> {
  const work = peopleWork(trx);
  let count = 0;
  for (const batch of street.people()) {
    await work.insert(batch.people, at);
    await sql`insert into person_tag (person, tag) select person, tag from jsonb_to_recordset(${json(batch.tags)}) as r(person text, tag text)`.execute(
      trx,
    );
    await work.addOccupancies(batch.occupancies);
    await work.reseat(batch.people.map(({ id }) => id));
    await work.collect(batch.collected);
    await work.noteChanges(batch.changes);
    count += batch.people.length;
  }
  return count;
}

/** So that the first question after a seed is planned as well as the thousandth. */
export async function settleStreet(db: Kysely<Tables>): Promise<void> {
  for (const table of [
    'area',
    'person',
    'person_seat',
    'occupancy',
    'collected',
    'person_change',
    'device',
    'organisation',
    'person_tag',
  ]) {
    await sql`vacuum analyze ${sql.table(table)}`.execute(db);
  }
}

function inParts<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / rowsAtOnce) }, (_, nth) =>
    list.slice(nth * rowsAtOnce, (nth + 1) * rowsAtOnce),
  );
}
