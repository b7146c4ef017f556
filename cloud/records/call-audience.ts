import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { commonArea, liesIn } from '../call/audience.ts';
import { inside, isOrBelow } from './inside.ts';
import type { Tables } from './tables.ts';

/** SQL: the households and people an audience names, each person once, at the home where they live rather than work. */
async function members(db: Kysely<Tables>, audience: CallAudience): Promise<RawBuilder<unknown>> {
  const { tags, roles, except } = audience;
  const areas = [...audience.areas, ...(await drawn(db, audience.outline))];
  return sql`select distinct on (s.person) s.person, s.area, p.has_needs as vulnerable, p.phone is not null as phone
    from person_seat s join person p on p.id = s.person
    where s.current and p.merged_into is null and ${inside('s.area', { areas })} and not ${inside('s.area', except)}
      and not (s.person = any(${[...except.people]}::text[]))
      and (${tags.length === 0} or exists (select 1 from person_tag t where t.person = s.person and t.tag = any(${[...tags]}::text[])))
      and (${roles.length === 0} or exists (select 1 from occupancy o where o.person = s.person and o.area = s.area
        and o.until_at is null and o.role = any(${[...roles]}::text[])))
    order by s.person, not exists (select 1 from occupancy o where o.person = s.person and o.area = s.area
      and o.until_at is null and o.role <> 'staff'), s.area`;
}

/** The buildings that lie in an outline somebody drew. */
async function drawn(db: Kysely<Tables>, outline: CallAudience['outline']): Promise<string[]> {
  if (outline === null) return [];
  const { rows } = await sql<{ path: string; shape: Shape }>`select a.path, a.shape from area a
    where a.kind = 'building' and a.shape is not null and ${isOrBelow('a.path', outline.within)}`.execute(db);
  return rows.filter(({ shape }) => liesIn(shape, outline.shape)).map(({ path }) => path);
}

/** SQL: the area of `kind` that holds `column`, found by the steps of its path. */
function holderOf(kind: string, column: string): RawBuilder<string | null> {
  const area = sql.ref(column);
  return sql<string | null>`(select a.path from area a where a.kind = ${kind} and a.path = any (array(
    select array_to_string((string_to_array(${area}, '/'))[1:nth], '/')
    from generate_series(1, array_length(string_to_array(${area}, '/'), 1)) nth)) limit 1)`;
}

/** What an audience comes to. */
export interface AudienceFigures {
  readonly people: number;
  readonly households: number;
  readonly grids: number;
  readonly vulnerable: number;
  /** People and households with a telephone. */
  readonly phones: { readonly people: number; readonly households: number };
  readonly area: string;
  /** Of those without one; at most so many as were asked for. */
  readonly without: readonly { readonly person: string; readonly area: string; readonly label: string }[];
}

interface Home {
  readonly area: string;
  readonly grid: string;
  readonly people: number;
  readonly phones: number;
  readonly vulnerable: number;
}

/** Counts an audience exactly as it would be frozen now. */
export async function figuresOf(db: Kysely<Tables>, audience: CallAudience, list: number): Promise<AudienceFigures> {
  return figures(db, await members(db, audience), list);
}

/** The same of the frozen audience of a call. */
async function frozenFigures(db: Kysely<Tables>, call: string, list: number): Promise<AudienceFigures> {
  return figures(db, sql`select person, area, vulnerable, phone from call_recipient where call = ${call}`, list);
}

async function figures(db: Kysely<Tables>, people: RawBuilder<unknown>, list: number): Promise<AudienceFigures> {
  const { rows } = await sql<Home>`with home as (
      select m.area, count(*)::int as people, count(*) filter (where m.phone)::int as phones,
        count(*) filter (where m.vulnerable)::int as vulnerable from (${people}) m group by m.area)
    select h.*, coalesce(${holderOf('grid', 'h.area')}, ${holderOf('building', 'h.area')}, h.area) as grid from home h`.execute(
    db,
  );
  const without = await sql<AudienceFigures['without'][number]>`select m.person, m.area, area_label(m.area) as label
    from (${people}) m where not m.phone order by m.area, m.person limit ${list}`.execute(db);
  const sum = (of: (home: Home) => number) => rows.reduce((total, home) => total + of(home), 0);
  return {
    people: sum((home) => home.people),
    households: rows.length,
    grids: new Set(rows.map(({ grid }) => grid)).size,
    vulnerable: sum((home) => home.vulnerable),
    phones: { people: sum((home) => home.phones), households: rows.filter(({ phones }) => phones > 0).length },
    area: commonArea(rows.map(({ area }) => area)),
    without: without.rows,
  };
}

/** 定名单: writes down who they are now; what changes in the registry later changes nothing of this call. */
export async function freeze(trx: Kysely<Tables>, call: string, audience: CallAudience): Promise<AudienceFigures> {
  await sql`delete from call_recipient where call = ${call}`.execute(trx);
  await sql`insert into call_recipient (call, person, area, vulnerable, phone)
    select ${call}, m.person, m.area, m.vulnerable, m.phone from (${await members(trx, audience)}) m order by m.area, m.person`.execute(
    trx,
  );
  return frozenFigures(trx, call, 0);
}

/** True where every area named there exists within the scope. */
export async function areAllSeen(
  db: Kysely<Tables>,
  scope: { readonly areas: readonly string[] },
  paths: readonly string[],
): Promise<boolean> {
  const wanted = [...new Set(paths)];
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from area
    where path = any(${wanted}) and ${inside('area.path', scope)}`.execute(db);
  return rows[0]?.n === wanted.length;
}
