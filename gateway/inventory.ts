import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
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
