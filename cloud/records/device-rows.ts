import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Quality, QualityReason, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Tables } from './tables.ts';

/** The latest reading of a point, as kept. */
export interface Latest {
  readonly point: string;
  readonly value: Value;
  readonly quality: Quality;
  readonly reason: QualityReason | null;
  readonly at: number;
}

type Row = Omit<DeviceSummary, 'headline'> & { readonly latest: readonly Latest[]; readonly shown: SiteProfile | null };

/** The values a list shows of one device. */
const headlinePoints = 3;

/**
 * SQL: availability as people may believe it. While its gateway is not online, or what it hangs on is down, nobody knows, so
 * it is `unknown`; what the edge said last is kept underneath and counts again when that is back.
 */
export const believed = sql<string>`case when g.state = 'online' and d.parent_down is null then d.availability else 'unknown' end`;

/** Devices `d` (with their gateway `g`) for which `condition` holds, as lists show them. */
export async function selectDevices(
  db: Kysely<Tables>,
  profiles: ReadonlyMap<string, Profile>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by d.key`,
): Promise<DeviceSummary[]> {
  const { rows } =
    await sql<Row>`select d.id, d.gateway, d.profile, d.name, d.category, d.area, d.place, d.place_text as "placeText",
      ${believed} as availability, d.last_at as "lastAt", coalesce(counted.active, 0)::int as "activeAlarms", counted.worst,
      said.shown,
      coalesce((select jsonb_agg(jsonb_build_object('point', p.point, 'value', p.value, 'quality', p.quality, 'reason', p.reason, 'at', p.at))
        from point_latest p where p.device = d.key), '[]') as latest
    from device d join gateway g on g.id = d.gateway
    left join site_profile said on said.gateway = d.gateway and said.id = d.profile
    cross join lateral (
      select count(*) filter (where a.active) as active, (array_agg(a.severity order by a.level) filter (where a.active))[1] as worst
      from alarm a where a.open and a.gateway = d.gateway and a.device = d.id
    ) counted
    where ${condition} ${tail}`.execute(db);
  return rows.map(({ latest, shown, ...row }) => ({ ...row, headline: headline(shown ?? profiles.get(row.profile), latest) }));
}

function headline(
  profile: Pick<Profile | SiteProfile, 'points'> | undefined,
  latest: readonly Latest[],
): DeviceSummary['headline'] {
  const known = new Map(latest.map((one) => [one.point, one]));
  const ids = profile ? Object.keys(profile.points) : [...known.keys()].sort();
  return ids.slice(0, headlinePoints).map((id) => {
    const point = profile?.points[id];
    const last = known.get(id);
    const value = last?.value ?? null;
    return {
      point: id,
      name: point?.name ?? { zh: id },
      value,
      valueName: valueName(point, value),
      symbol: units[point?.unit ?? '1'].symbol,
      quality: last?.quality ?? 'bad',
      at: last?.at ?? null,
    };
  });
}

/** The name of an enum's value; decoded values carry the enum's own word. */
export function valueName(point: Pick<Point, 'enum'> | undefined, value: Value): Text | null {
  const named = Object.values(point?.enum ?? {}).find((one) => one.value === String(value));
  return named?.name ?? null;
}
