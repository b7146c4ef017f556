import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import type { RuleSetting } from '@yihu/device-profiles/vocabulary/site-rule.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { PointView } from '@yihu/device-profiles/vocabulary/view.ts';
import { type Latest, valueName } from './device-rows.ts';

type Shown = Profile | SiteProfile;

/**
 * The points of a device as its page shows them, in the profile's order; a point the profile does not know (an older or
 * newer profile, or none) is shown under its own id rather than not at all.
 */
export function pointViews(profile: Shown | undefined, latest: readonly Latest[], set: Settings): PointView[] {
  const known = new Map(latest.map((one) => [one.point, one]));
  const declared = Object.keys(profile?.points ?? {});
  const others = latest.map((one) => one.point).filter((point) => !declared.includes(point));
  return [...declared, ...others].map((id) => pointView(id, profile, known.get(id), set));
}

const charts = { gauge: 'line', counter: 'line', state: 'step', text: 'none' } as const;

/** The limits a device runs with, where they may not be the profile's. */
type Settings = Readonly<Record<string, RuleSetting>>;

function pointView(id: string, profile: Shown | undefined, latest: Latest | undefined, set: Settings): PointView {
  const point = profile?.points[id];
  const value = latest?.value ?? null;
  const unit = point?.unit ?? '1';
  return {
    point: id,
    name: point?.name ?? { zh: id },
    unit,
    symbol: units[unit].symbol,
    value,
    valueName: valueName(point, value),
    quality: latest?.quality ?? 'bad',
    reason: latest?.reason ?? null,
    at: latest?.at ?? null,
    limits: limitsOf(id, profile, set),
    chart: charts[point?.kind ?? (typeof value === 'number' ? 'gauge' : 'text')],
  };
}

function limitsOf(id: string, profile: Shown | undefined, set: Settings): PointView['limits'] {
  return Object.entries(profile?.alarms ?? {}).flatMap(([alarm, rule]) => {
    const own = limitOf(rule, id);
    const { limit, severity = rule.severity, off } = set[alarm] ?? {};
    if (own === null || off === true) return [];
    const held = limit === undefined ? own : own.above === null ? { above: null, below: limit } : { above: limit, below: null };
    return [{ alarm, name: rule.name, severity, ...held }];
  });
}

function limitOf(rule: Shown['alarms'][string], point: string): { above: number | null; below: number | null } | null {
  if ('above' in rule && rule.above !== undefined && rule.point === point) return { above: rule.above, below: null };
  if ('below' in rule && rule.below !== undefined && rule.point === point) return { above: null, below: rule.below };
  return null;
}
