import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { RuleSetting } from '@yihu/device-profiles/vocabulary/site-rule.ts';
import type { RuleOverride } from './evaluate/rules.ts';
import { siteProfile, type SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';

/** Profiles told to the cloud, and their bytes as JSON: past it a device is shown by the cloud's own library or by its ids. */
const mostProfiles = 256;
const mostBytes = 1024 * 1024;

/**
 * What the cloud must know of the profiles in use here: its own library may be older, and profiles of the site's folders
 * it has never seen. Devices of one profile in several variants share one entry with the points of all.
 */
export function siteProfiles(profiles: readonly Profile[]): SiteProfile[] {
  const known = new Map<string, SiteProfile>();
  for (const profile of new Set(profiles)) {
    const shown = siteProfile(profile);
    const before = known.get(shown.id);
    known.set(shown.id, before ? joined(before, shown) : shown);
  }
  let bytes = 0;
  return [...known.values()].slice(0, mostProfiles).filter((shown) => (bytes += JSON.stringify(shown).length) <= mostBytes);
}

function joined(one: SiteProfile, other: SiteProfile): SiteProfile {
  return {
    ...one,
    points: { ...other.points, ...one.points },
    alarms: { ...other.alarms, ...one.alarms },
    events: { ...other.events, ...one.events },
  };
}

/**
 * The limits a device runs with, where they may differ from what the cloud's library says of its profile: changed in the site
 * file, or reckoned from parameters.
 */
export function ruleSettings(profile: Profile, overrides: Readonly<Record<string, RuleOverride>>): Record<string, RuleSetting> {
  const hasParams = Object.keys(profile.params).length > 0;
  const told = Object.entries(profile.alarms).flatMap(([alarm, rule]): [string, RuleSetting][] => {
    const override = overrides[alarm];
    const limit = 'above' in rule ? rule.above : 'below' in rule ? rule.below : undefined;
    if (limit === undefined || !('clear' in rule) || (override === undefined && !hasParams)) return [];
    const { severity, off } = override ?? {};
    const setting = { limit: override?.limit ?? limit, clear: override?.clear ?? rule.clear, forMs: override?.forMs ?? rule.for };
    return [[alarm, { ...setting, ...(severity === undefined ? {} : { severity }), ...(off === true ? { off } : {}) }]];
  });
  return Object.fromEntries(told);
}
