import type { Geocode } from '@yihu/device-profiles/vocabulary/cap.ts';
import type { Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { type Kysely, sql } from 'kysely';
import type { CapArea, CapMessage } from '../cap/message.ts';
import { type Candidate, ownScheme } from '../cap/targets.ts';
import { inside } from './inside.ts';
import type { Scope } from './records.ts';
import { every, json } from './scope.ts';
import type { Tables } from './tables.ts';

interface AreaRow {
  readonly path: string;
  readonly shape: Shape | null;
  readonly codes: { scheme: string; code: string }[];
}

/** The areas of the scope that a message may mean: those it names by our own path, those with a code, those with an outline. Flats are never meant. */
export async function capCandidates(trx: Kysely<Tables>, scope: Scope, message: CapMessage): Promise<Candidate[]> {
  const codes = message.info.flatMap(({ area }) => area.flatMap(({ geocode }) => geocode));
  const paths = codes.filter(({ valueName }) => valueName === ownScheme).map(({ value }) => value);
  const { rows } = await sql<AreaRow>`select a.path, a.shape, coalesce(g.codes, '[]') as codes from area a
    left join (select area, jsonb_agg(jsonb_build_object('scheme', scheme, 'code', code)) as codes from area_geocode group by area) g
      on g.area = a.path
    where ${inside('a.path', scope)} and a.kind in ('street', 'community', 'grid', 'building')
      and (a.path = any(${paths}) or g.codes is not null or a.shape ->> 'kind' = 'lonlat')`.execute(trx);
  return rows.map(({ path, shape, codes: own }) => ({ path, ring: shape?.kind === 'lonlat' ? shape.ring : null, codes: own }));
}

/** Where something is, as a document that leaves the house says it: no closer than the building, with its names from the top. */
export async function capAreaOf(db: Kysely<Tables>, area: string): Promise<CapArea> {
  const { rows } = await sql<AreaRow & { name: string }>`select a.path, a.name, a.shape, coalesce((
      select jsonb_agg(jsonb_build_object('scheme', g.scheme, 'code', g.code) order by g.scheme, g.code)
      from area_geocode g where g.area = a.path), '[]') as codes
    from area a where (a.path = ${area} or starts_with(${area}, a.path || '/')) and a.kind in ('street', 'community', 'grid', 'building')
    order by length(a.path)`.execute(db);
  const nearest = rows.at(-1);
  const outline = rows.findLast(({ shape }) => shape?.kind === 'lonlat')?.shape;
  const coded = rows.findLast(({ codes }) => codes.length > 0);
  return {
    areaDesc: rows.map(({ name }) => name).join(' ') || area.split('/').slice(0, 4).join('/'),
    polygon: outline ? [outline.ring] : [],
    circle: [],
    geocode: [
      { valueName: ownScheme, value: nearest?.path ?? area.split('/').slice(0, 4).join('/') },
      ...(coded?.codes ?? []).map(({ scheme, code }) => ({ valueName: scheme, value: code })),
    ],
  };
}

export async function listGeocodes(db: Kysely<Tables>, scope: Scope, area: string): Promise<Geocode[] | null> {
  const where = every([sql`a.path = ${area}`, inside('a.path', scope)]);
  const there = await sql`select 1 from area a where ${where}`.execute(db);
  if (there.rows.length === 0) return null;
  const { rows } = await sql<Geocode>`select scheme, code from area_geocode where area = ${area} order by scheme, code`.execute(
    db,
  );
  return rows;
}

/** The codes of an area from now on; null where the scope has no such area, the code where it is another area's already. */
export async function setGeocodes(
  db: Kysely<Tables>,
  scope: Scope,
  area: string,
  codes: readonly Geocode[],
): Promise<Geocode[] | null | { readonly taken: Geocode }> {
  return db.transaction().execute(async (trx) => {
    const before = await listGeocodes(trx, scope, area);
    if (before === null) return null;
    const { rows } = await sql<Geocode>`select g.scheme, g.code from area_geocode g
      join jsonb_to_recordset(${json(codes)}) as r(scheme text, code text) on g.scheme = r.scheme and g.code = r.code
      where g.area <> ${area} limit 1`.execute(trx);
    if (rows[0]) return { taken: rows[0] };
    await sql`delete from area_geocode where area = ${area}`.execute(trx);
    await sql`insert into area_geocode (area, scheme, code)
      select distinct ${area}, scheme, code from jsonb_to_recordset(${json(codes)}) as r(scheme text, code text)`.execute(trx);
    return listGeocodes(trx, scope, area);
  });
}
