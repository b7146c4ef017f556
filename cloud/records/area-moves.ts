import { type Kysely, sql } from 'kysely';
import { type AreaMove, parentOf } from '../registry/grids.ts';
import { isOrBelow } from './inside.ts';
import type { Tables } from './tables.ts';

/** A column that holds paths of areas, with the unique keys it is part of. */
interface AreaColumn {
  readonly table: string;
  /** The other columns of each unique key; an empty list where the path alone is the key. */
  readonly keys: readonly (readonly string[])[];
}

/** The audit says what was reached when it was written; the stream is told to begin again. */
const left = ['audit', 'stream_event'];

/** Every column named `area` of a table, as the database itself knows them: a table that comes later follows by its name. */
async function areaColumns(trx: Kysely<Tables>): Promise<AreaColumn[]> {
  const { rows } = await sql<AreaColumn>`
    select c.relname as "table", coalesce(jsonb_agg(u.keys) filter (where u.keys is not null), '[]') as keys
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'area' and a.attnum > 0 and not a.attisdropped
    left join lateral (
      select (select coalesce(jsonb_agg(k.attname), '[]') from pg_attribute k
        where k.attrelid = c.oid and k.attnum = any(i.indkey) and k.attname <> 'area') as keys
      from pg_index i where i.indrelid = c.oid and i.indisunique and i.indpred is null and a.attnum = any(i.indkey)
    ) u on true
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and not (c.relname = any(${left}))
    group by c.relname order by c.relname`.execute(trx);
  return rows;
}

/**
 * Carries areas from one path to another, with everything that is kept under them, in the caller's transaction (which
 * holds `lockResponse`). Where a target is there already the two become one, and what the target says of itself counts.
 */
export async function moveAreas(trx: Kysely<Tables>, moves: readonly AreaMove[], at: number): Promise<void> {
  const columns = await areaColumns(trx);
  for (const move of moves) {
    await copyRows(trx, move);
    for (const column of columns) await repoint(trx, column, move);
    await repointGroups(trx, move);
    await sql`delete from area where ${isOrBelow('area.path', move.from)}`.execute(trx);
    await rememberMove(trx, move, at);
  }
}

/** SQL: what the path in `column` becomes. */
const target = (column: string, { from, to }: AreaMove) => sql`(${to} || substr(${sql.ref(column)}, ${from.length + 1}))`;

async function copyRows(trx: Kysely<Tables>, move: AreaMove): Promise<void> {
  await sql`insert into area (path, parent, kind, name, position, version, shape)
    select ${target('a.path', move)}, case when a.path = ${move.from} then ${parentOf(move.to)} else ${target('a.parent', move)} end,
      a.kind, a.name, a.position, a.version, a.shape
    from area a where ${isOrBelow('a.path', move.from)} on conflict (path) do nothing`.execute(trx);
}

async function repoint(trx: Kysely<Tables>, { table, keys }: AreaColumn, move: AreaMove): Promise<void> {
  const of = sql.table(table);
  for (const others of keys) {
    const same = others.map((other) => sql`and there.${sql.ref(other)} is not distinct from here.${sql.ref(other)}`);
    await sql`delete from ${of} here using ${of} there where ${isOrBelow('here.area', move.from)}
      and there.area = ${target('here.area', move)} ${sql.join(same, sql` `)}`.execute(trx);
  }
  await sql`update ${of} here set area = ${target('here.area', move)} where ${isOrBelow('here.area', move.from)}`.execute(trx);
}

/** The key that brings alarms to their open incident holds the place too (`hazard@area`). */
async function repointGroups(trx: Kysely<Tables>, { from, to }: AreaMove): Promise<void> {
  await sql`update incident set group_key = hazard || '@' || ${to}::text || substr(group_key, ${from.length + 2} + length(hazard))
    where open and (group_key = hazard || '@' || ${from}::text or starts_with(group_key, hazard || '@' || ${`${from}/`}::text))`.execute(
    trx,
  );
}

/** A gateway's inventory goes on naming the old path; it is led to the new one. Where an area stands again, no sign is needed. */
async function rememberMove(trx: Kysely<Tables>, move: AreaMove, at: number): Promise<void> {
  await sql`update area_moved set path = ${target('area_moved.path', move)} where ${isOrBelow('area_moved.path', move.from)}`.execute(
    trx,
  );
  await sql`insert into area_moved (was, path, at) values (${move.from}, ${move.to}, ${at})
    on conflict (was) do update set path = excluded.path, at = excluded.at`.execute(trx);
  await sql`delete from area_moved m where exists (select 1 from area a where a.path = m.was)`.execute(trx);
}
