import type { MeterUse } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Unit, units } from '@yihu/device-profiles/vocabulary/units.ts';
import { sql } from 'kysely';
import type { Desk } from './commands.ts';
import type { Scope } from './records.ts';
import { within } from './scope.ts';

/** Meters of one report; who has more asks area by area. */
const mostMeters = 5_000;
const dayMs = 86_400_000;
/** A longer span is looked at less often than every day. */
const mostSteps = 62;
/** A reading counts for the end of a day when it is no older than this; silent for longer, a meter was not read. */
const oldestMs = 2 * dayMs;

const unitsOf: Record<MeterUse['kind'], readonly Unit[]> = {
  electricity: ['kW.h'],
  water: ['m3', 'L'],
  gas: ['m3', 'Nm3'],
  heat: ['kW.h', 'MJ'],
};

function kindOf({ category }: Profile): MeterUse['kind'] | null {
  const [what, kind = ''] = category.split('.');
  return what === 'meter' && Object.hasOwn(unitsOf, kind) ? (kind as MeterUse['kind']) : null;
}

interface Counter {
  readonly profile: string;
  readonly kind: MeterUse['kind'];
  readonly point: string;
  readonly unit: Unit;
}

/** What a meter of this profile is read by: its first counter in a unit of its kind that does not count what is given back. */
function counterOf(profile: Profile): Counter | null {
  const kind = kindOf(profile);
  if (kind === null) return null;
  const found = Object.entries(profile.points).find(
    ([name, point]) =>
      point.kind === 'counter' && unitsOf[kind].some((unit) => unit === point.unit) && !/export|reverse/.test(name),
  );
  return found === undefined ? null : { profile: profile.id, kind, point: found[0], unit: found[1].unit };
}

interface Row {
  readonly gateway: string;
  readonly device: string;
  readonly name: MeterUse['name'];
  readonly place: string;
  readonly area: string;
  readonly profile: string;
  readonly values: readonly (readonly [at: number, value: number])[] | null;
}

/** 抄表: what each meter of the scope counted in [from, to), from its reading at the beginning and at the end of every day. A meter that began anew twice in a day is counted too low. */
export async function meterUse(
  { database: { db }, rules: { profiles } }: Desk,
  scope: Scope,
  { from, to }: { from: number; to: number },
): Promise<MeterUse[]> {
  const counters = [...profiles.values()].map(counterOf).filter((counter) => counter !== null);
  const known = new Map(counters.map((counter) => [counter.profile, counter]));
  // `from` belongs to the day before, so that what was counted by then is the first reading.
  const stepMs = Math.max(dayMs, Math.ceil((to - from) / mostSteps));
  const steps = Math.max(0, Math.ceil((to - from) / stepMs));
  const ends = Array.from({ length: steps + 1 }, (_, nth) => Math.min(from + nth * stepMs, to));
  const { rows } = await sql<Row>`
    with counter as (select * from unnest(${counters.map(({ profile }) => profile)}::text[], ${counters.map(({ point }) => point)}::text[]) as c(profile, point)),
    meter as (select d.key, d.gateway, d.id as device, d.name, d.place_text as place, d.area, d.profile, c.point
      from device d join counter c on c.profile = d.profile
      where d.removed_at is null and ${within('d.area', scope)} order by d.area, d.gateway, d.id limit ${sql.lit(mostMeters)})
    select m.gateway, m.device, m.name, m.place, m.area, m.profile, (
        select json_agg(json_build_array(r.at, r.value) order by e.at) from unnest(${ends}::bigint[]) as e(at)
        cross join lateral (
          select t.at, (case when jsonb_typeof(t.readings -> m.point) = 'array' then t.readings -> m.point -> 0 else t.readings -> m.point end #>> '{}')::float8 as value
          from telemetry t where t.device = m.key and t.at < e.at and t.at >= e.at - ${sql.lit(oldestMs)}::bigint
            and jsonb_typeof(t.readings -> m.point) in ('number', 'array')
            and (jsonb_typeof(t.readings -> m.point) = 'number'
              or (t.readings -> m.point ->> 1 = 'good' and jsonb_typeof(t.readings -> m.point -> 0) = 'number'))
          order by t.at desc, t.seq desc limit 1) r
      ) as values
    from meter m order by m.area, m.gateway, m.device`.execute(db);
  return rows.flatMap((row) => {
    const counter = known.get(row.profile);
    return counter === undefined ? [] : [useOf(row, counter)];
  });
}

/** A counter that fell began anew: what it shows was counted since. */
function useOf({ gateway, device, name, place, area, values }: Row, { kind, unit }: Counter): MeterUse {
  const read = values ?? [];
  let [used, restarts] = [0, 0];
  for (const [nth, [, value]] of read.entries()) {
    const before = read[nth - 1]?.[1];
    if (before === undefined) continue;
    if (value < before) restarts += 1;
    used += value < before ? value : value - before;
  }
  const [first, last] = [read[0], read.at(-1)];
  return {
    gateway,
    device,
    name,
    place,
    area,
    kind,
    symbol: units[unit].symbol,
    first: first?.[1] ?? null,
    last: last?.[1] ?? null,
    lastAt: last?.[0] ?? null,
    // With one reading alone nobody knows what was used.
    used: read.length < 2 || first?.[0] === last?.[0] ? null : Math.round(used * 1e6) / 1e6,
    restarts,
  };
}

/** By kind and unit: how much by how many meters, and how many gave no reading to count from. */
export function sumsOf(
  list: readonly MeterUse[],
): { kind: MeterUse['kind']; symbol: string; used: number; meters: number; unread: number }[] {
  return [...Map.groupBy(list, ({ kind, symbol }) => `${kind} ${symbol}`).values()].flatMap((meters) => {
    const [first] = meters;
    if (first === undefined) return [];
    const used = meters.reduce((sum, meter) => sum + (meter.used ?? 0), 0);
    const unread = meters.filter((meter) => meter.used === null).length;
    return [{ kind: first.kind, symbol: first.symbol, used: Math.round(used * 1e3) / 1e3, meters: meters.length, unread }];
  });
}
