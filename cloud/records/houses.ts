import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { OrganisationSummary, RoomSummary } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Clock } from '../clock.ts';
import type { Doer, Within } from '../registry/areas-records.ts';
import type {
  FoundOrganisation,
  HouseRecords,
  OrganisationChange,
  RoomChange,
  RoomFacts,
  StoredOrganisation,
} from '../registry/houses-records.ts';
import type { RoomTail } from '../registry/search.ts';
import { inside, isOrBelow } from './inside.ts';
import { once } from './once.ts';
import { pageOf, pageSize } from './paging.ts';
import { selectPeople } from './people-rows.ts';
import { inTransaction } from './retry.ts';
import { every } from './scope.ts';
import type { Tables } from './tables.ts';

export function houseRecords(db: Kysely<Tables>, clock: Clock): HouseRecords {
  return {
    communities: async (scope) => {
      const { rows } = await sql<Pick<Area, 'path' | 'name'>>`select a.path, a.name from area a
        where a.kind = 'community' and (${inside('a.path', scope)} or ${above('a.path', scope)}) order by a.path`.execute(db);
      return rows;
    },
    findRooms: (scope, below, tail, limit) =>
      selectRooms(
        db,
        every([inside('a.path', scope), anyBelow('a.path', below), endsIn(tail)]),
        sql`order by a.path collate "C" limit ${limit}`,
      ),
    listRooms: (scope, query) => listRooms(db, scope, query),
    room: (scope, path) => roomFacts(db, scope, path),
    changeRoom: (scope, path, version, change) => inTransaction(db, (trx) => changeRoom(trx, scope, path, version, change)),
    findOrganisations: (scope, below, word, limit) => {
      const where = every([inside('o.area', scope), anyBelow('o.area', below), sql`strpos(o.search, ${word}) > 0`]);
      return selectOrganisations(db, where, sql`order by o.closed_at is not null, o.name, o.id limit ${limit}`);
    },
    organisation: async (scope, id) =>
      (await selectOrganisations(db, sql`o.id = ${id} and ${inside('o.area', scope)}`, sql``, sql`, o.contact`))[0] ?? null,
    staff: (scope, organisation) =>
      selectPeople(
        db,
        sql`exists (select 1 from occupancy w where w.person = p.id and w.organisation = ${organisation} and w.until_at is null
          and ${inside('w.area', scope)})`,
      ),
    addOrganisation: (scope, doer, organisation, key) =>
      inTransaction(db, (trx) => addOrganisation(trx, scope, doer, organisation, key, clock.now())),
    changeOrganisation: (scope, id, version, change) =>
      inTransaction(db, (trx) => changeOrganisation(trx, scope, id, version, change)),
  };
}

/** SQL: an area above one of the scope's: a grid's worker searches within the community it is part of. */
function above(column: string, scope: Within): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from unnest(${[...scope.areas]}::text[]) as g(area) where starts_with(g.area, ${sql.ref(column)} || '/'))`;
}

function anyBelow(column: string, paths: readonly string[]): RawBuilder<unknown> {
  if (paths.length === 0) return sql`true`;
  return sql`(${sql.join(
    paths.map((path) => isOrBelow(column, path)),
    sql` or `,
  )})`;
}

/** SQL: a house whose path ends so; between building and flat a stairwell may be left out. The codes are letters and digits. */
function endsIn(tail: RoomTail): RawBuilder<unknown> {
  const flat = tail.at(-1) ?? '';
  const found = [sql`a.kind = 'room'`, sql`reverse(a.path) like ${`${reversed(`/${flat}`)}%`}`];
  if (tail.length === 3) found.push(sql`reverse(a.path) like ${`${reversed(`/${tail.join('/')}`)}%`}`);
  if (tail.length === 2) found.push(sql`(a.path like ${`%/${tail.join('/')}`} or a.path like ${`%/${tail[0]}/%/${flat}`})`);
  return every(found);
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}

async function selectRooms(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql``,
): Promise<RoomSummary[]> {
  const { rows } =
    await sql<RoomSummary>`select a.path as area, area_label(a.path) as label, r.floor, r.square_metres as "squareMetres",
      coalesce(r.use, 'unknown') as use, coalesce(r.version, 1) as version,
      (select count(*)::int from person_seat s where s.area = a.path and s.current) as residents
    from area a left join room r on r.area = a.path where a.kind = 'room' and ${condition} ${tail}`.execute(db);
  return rows;
}

async function listRooms(db: Kysely<Tables>, scope: Within, query: { area: string; after?: string | undefined; limit: number }) {
  const limit = pageSize(query.limit);
  const where = every([inside('a.path', scope), isOrBelow('a.path', query.area)]);
  const after = query.after === undefined ? sql`true` : sql`a.path ~>~ ${query.after}`;
  const rows = await selectRooms(db, every([where, after]), sql`order by a.path using ~<~ limit ${limit + 1}`);
  const counted = await sql<{ n: number }>`select count(*)::int as n from area a where a.kind = 'room' and ${where}`.execute(db);
  return pageOf(rows, limit, counted.rows[0]?.n ?? 0, (row) => row.area);
}

async function roomFacts(db: Kysely<Tables>, scope: Within, path: string): Promise<RoomFacts | null> {
  const [room] = await selectRooms(db, sql`a.path = ${path} and ${inside('a.path', scope)}`);
  if (!room) return null;
  const past = await sql<{
    n: number;
  }>`select count(*)::int as n from occupancy o where o.area = ${path} and o.until_at is not null`.execute(db);
  const devices = await sql<RoomFacts['devices'][number]>`select d.gateway, d.id, d.name, d.category from device d
    where d.area = ${path} and d.removed_at is null order by d.key`.execute(db);
  const organisations = await selectOrganisations(db, sql`o.area = ${path}`, sql`order by o.closed_at is not null, o.name, o.id`);
  return { ...room, past: past.rows[0]?.n ?? 0, devices: devices.rows, organisations };
}

async function changeRoom(
  trx: Kysely<Tables>,
  scope: Within,
  path: string,
  version: number,
  { floor, squareMetres, use }: RoomChange,
): Promise<boolean | null> {
  const { rows: there } =
    await sql`select 1 from area a where a.path = ${path} and a.kind = 'room' and ${inside('a.path', scope)}`.execute(trx);
  if (there.length === 0) return null;
  await sql`insert into room (area) values (${path}) on conflict do nothing`.execute(trx);
  const { rows } = await sql`update room set version = version + 1, use = coalesce(${use ?? null}, use),
      floor = ${floor === undefined ? sql.ref('floor') : floor}, square_metres = ${squareMetres === undefined ? sql.ref('square_metres') : squareMetres}
    where area = ${path} and version = ${version} returning area`.execute(trx);
  return rows.length > 0;
}

async function selectOrganisations<T extends OrganisationSummary = FoundOrganisation>(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown>,
  more: RawBuilder<unknown> = sql``,
): Promise<T[]> {
  const { rows } = await sql<T>`select o.id, o.name, o.kind, o.credit_code as "creditCode", o.area, area_label(o.area) as label,
      o.closed_at as "closedAt", o.version ${more} from organisation o where ${condition} ${tail}`.execute(db);
  return rows;
}

async function addOrganisation(
  trx: Kysely<Tables>,
  scope: Within,
  doer: Doer,
  organisation: StoredOrganisation,
  key: string,
  at: number,
): Promise<{ id: string; repeated: boolean } | 'not-found' | 'key-reused'> {
  const { id, area, name, kind, creditCode, contact, search } = organisation;
  const { rows } = await sql`select 1 from area a where a.path = ${area} and ${inside('a.path', scope)}`.execute(trx);
  if (rows.length === 0) return 'not-found';
  const done = await once(trx, { actor: doer.id, key, about: 'organisation', at }, async () => {
    await sql`insert into organisation (id, area, name, kind, credit_code, contact, search, created_at)
      values (${id}, ${area}, ${name}, ${kind}, ${creditCode}, ${contact}, ${search}, ${at})`.execute(trx);
    return id;
  });
  return typeof done === 'string' ? 'key-reused' : { id: done.subject, repeated: done.repeated };
}

async function changeOrganisation(
  trx: Kysely<Tables>,
  scope: Within,
  id: string,
  version: number,
  { name, kind, creditCode, contact, search, closedAt }: OrganisationChange,
): Promise<boolean | null> {
  const { rows: there } = await sql`select 1 from organisation o where o.id = ${id} and ${inside('o.area', scope)}`.execute(trx);
  if (there.length === 0) return null;
  const given = (value: unknown, column: string) => (value === undefined ? sql.ref(column) : sql`${value}`);
  const { rows } =
    await sql`update organisation set version = version + 1, name = coalesce(${name ?? null}, name), kind = coalesce(${kind ?? null}, kind),
      search = coalesce(${search ?? null}, search), credit_code = ${given(creditCode, 'credit_code')}, contact = ${given(contact, 'contact')},
      closed_at = ${given(closedAt, 'closed_at')}
    where id = ${id} and version = ${version} returning id`.execute(trx);
  return rows.length > 0;
}
