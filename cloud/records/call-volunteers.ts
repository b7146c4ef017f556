import { type Kysely, sql } from 'kysely';
import type { CallNear, CallVolunteer } from '@yihu/device-profiles/vocabulary/call.ts';
import type { AreaKind } from '@yihu/device-profiles/vocabulary/place.ts';
import { nearest } from '../call/nearest.ts';
import { inside } from './inside.ts';
import type { Scope } from './records.ts';
import type { Tables } from './tables.ts';

export type NamelessVolunteer = Omit<CallVolunteer, 'name' | 'phone'>;

interface Asking {
  readonly person: string;
  readonly area: string;
}

/** Looked through for the needs of one call. */
const looked = 20_000;

/**
 * 能帮忙的邻居: for each of those who ask, by person, whoever within the scope said last that they can help, the nearest first.
 * Only the grids they live in are looked through, or their buildings where there are no grids.
 */
export async function volunteersNear(
  db: Kysely<Tables>,
  scope: Scope,
  call: string,
  asking: readonly Asking[],
): Promise<ReadonlyMap<string, readonly NamelessVolunteer[]>> {
  const above = asking.flatMap(({ area }) => area.split('/').map((_, nth, steps) => steps.slice(0, nth + 1).join('/')));
  const areas = await sql<{ path: string; kind: AreaKind }>`select path, kind from area
    where path = any(${[...new Set(above)]})`.execute(db);
  const around = areas.rows.flatMap(({ path, kind }) => (kind === 'grid' || kind === 'building' ? [path] : []));
  if (around.length === 0) return new Map();
  const { rows } = await sql<Asking>`select r.person, r.area from call_recipient r where r.call = ${call}
    and r.answer = 'volunteer' and ${inside('r.area', scope)} and ${inside('r.area', { areas: around })}
    order by r.area, r.nth limit ${looked}`.execute(db);
  const kinds = new Map(areas.rows.map(({ path, kind }) => [path, kind]));
  const found = asking.map(({ person, area }) => {
    const others = rows.filter((one) => one.person !== person);
    return { person, volunteers: nearest(area, others, kinds) };
  });
  const said = await wordsOf(db, call, new Set(found.flatMap(({ volunteers }) => volunteers.map((one) => one.person))));
  const whole = (one: Asking & { readonly near: CallNear }) => {
    const { label = one.area, note = null } = said.get(one.person) ?? {};
    return { ...one, label, note };
  };
  return new Map(found.map(({ person, volunteers }) => [person, volunteers.map(whole)]));
}

/** Where they live, as people say it, and what they said with their offer. */
async function wordsOf(
  db: Kysely<Tables>,
  call: string,
  people: ReadonlySet<string>,
): Promise<Map<string, { label: string; note: string | null }>> {
  if (people.size === 0) return new Map();
  const { rows } = await sql<{ person: string; label: string; note: string | null }>`select r.person, area_label(r.area) as label,
      (select a.note from call_answer a where a.call = r.call and a.person = r.person and a.answer = 'volunteer'
        order by a.id desc limit 1) as note
    from call_recipient r where r.call = ${call} and r.person = any(${[...people]})`.execute(db);
  return new Map(rows.map(({ person, ...words }) => [person, words]));
}
