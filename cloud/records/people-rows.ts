import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { FoundPerson, StoredPerson } from '../registry/people-records.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** Columns that hold bytes: JSON carries them in base64. */
const byteColumns = ['name', 'nameIndex', 'idNumber', 'idIndex', 'phone', 'phoneIndex', 'birth', 'contact', 'needs'] as const;

const columnOf: Readonly<Record<keyof Omit<StoredPerson, 'id'>, string>> = {
  name: 'name',
  nameIndex: 'name_index',
  nameTokens: 'name_tokens',
  idKind: 'id_kind',
  idNumber: 'id_number',
  idIndex: 'id_index',
  phone: 'phone',
  phoneIndex: 'phone_index',
  sex: 'sex',
  birth: 'birth',
  birthYear: 'birth_year',
  contact: 'contact',
  needs: 'needs',
  hasNeeds: 'has_needs',
  test: 'test',
};

const columns = sql`p.id, p.name, p.name_index as "nameIndex", p.name_tokens::text[] as "nameTokens", p.id_kind as "idKind", p.id_number as "idNumber",
  p.id_index as "idIndex", p.phone, p.phone_index as "phoneIndex", p.sex, p.birth, p.birth_year as "birthYear", p.contact, p.needs,
  p.has_needs as "hasNeeds", p.test, p.merged_into as "mergedInto", p.updated_at as "updatedAt", p.version`;

/** People `p` for which `condition` holds, with where they are looked for and their tags. */
export async function selectPeople(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by p.id`,
): Promise<FoundPerson[]> {
  const { rows } = await sql<FoundPerson>`select ${columns}, lived.places,
      coalesce((select json_agg(t.tag order by t.tag) from person_tag t where t.person = p.id), '[]') as tags
    from person p cross join lateral (
      select coalesce(json_agg(json_build_object('area', o.area, 'label', area_label(o.area), 'role', o.role, 'current', o.until_at is null)
        order by o.until_at is null desc, o.from_at, o.area), '[]') as places
      from (
        select distinct on (o.area) o.area, o.role, o.until_at, o.from_at from occupancy o
        join person_seat s on s.person = o.person and s.area = o.area
        where o.person = p.id order by o.area, o.until_at is null desc, o.until_at desc, o.id
      ) o
    ) lived
    where ${condition} ${tail}`.execute(db);
  return rows;
}

/** Bulk: thousands of people in one statement. */
export async function insertPeople(db: Kysely<Tables>, people: readonly StoredPerson[], at: number): Promise<void> {
  if (people.length === 0) return;
  const rows = people.map((person) => ({ ...person, ...inBase64(person) }));
  await sql`insert into person (id, name, name_index, name_tokens, id_kind, id_number, id_index, phone, phone_index, sex, birth, birth_year,
      contact, needs, has_needs, test, created_at, updated_at)
    select id, decode(name, 'base64'), decode("nameIndex", 'base64'), "nameTokens", "idKind", decode("idNumber", 'base64'), decode("idIndex", 'base64'),
      decode(phone, 'base64'), decode("phoneIndex", 'base64'), sex, decode(birth, 'base64'), "birthYear", decode(contact, 'base64'),
      decode(needs, 'base64'), "hasNeeds", test, ${at}, ${at}
    from jsonb_to_recordset(${json(rows)}) as r(id text, name text, "nameIndex" text, "nameTokens" bigint[], "idKind" text, "idNumber" text, "idIndex" text,
      phone text, "phoneIndex" text, sex text, birth text, "birthYear" integer, contact text, needs text, "hasNeeds" boolean, test boolean)`.execute(
    db,
  );
}

function inBase64(person: Partial<StoredPerson>): Record<string, string | null> {
  const given = byteColumns.filter((column) => person[column] !== undefined);
  return Object.fromEntries(given.map((column) => [column, person[column]?.toString('base64') ?? null]));
}

export async function updatePerson(
  db: Kysely<Tables>,
  id: string,
  change: Partial<Omit<StoredPerson, 'id'>>,
  at: number,
): Promise<void> {
  const sets = Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => setting(field as keyof typeof columnOf, value));
  await sql`update person set ${sql.join([...sets, sql`version = version + 1`, sql`updated_at = ${at}`])} where id = ${id}`.execute(
    db,
  );
  if (change.nameIndex === undefined) return;
  await sql`update person_seat set name_index = ${change.nameIndex} where person = ${id}`.execute(db);
}

function setting(field: keyof typeof columnOf, value: unknown): RawBuilder<unknown> {
  const column = sql.ref(columnOf[field]);
  return field === 'nameTokens' ? sql`${column} = ${value}::bigint[]` : sql`${column} = ${value}`;
}
