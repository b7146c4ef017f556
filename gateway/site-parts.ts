import { bindProfile } from '@yihu/device-profiles/library/bind.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SiteContext } from './config.ts';
import type { Report } from './problems.ts';

/** The profiles that parts of such a device can have, with the site's zone; those that are nowhere are problems. */
export function partProfiles(
  profile: Profile,
  { profiles }: Pick<SiteContext, 'profiles'>,
  zone: string | undefined,
  path: readonly (string | number)[],
  report: Report,
): ReadonlyMap<string, Profile> {
  const found = new Map<string, Profile>();
  for (const id of namesOf(profile)) {
    const known = profiles.get(id);
    const bound = known && bindProfile(known, zone === undefined ? {} : { zone });
    if (bound && 'profile' in bound) found.set(id, bound.profile);
    else
      report.add(
        [...path, 'profile'],
        `档案 ${profile.id} 的下级设备要用档案 ${id}，库里没有。请把它放进 profiles 里的目录。`,
        `Parts of profile ${profile.id} need the profile ${id}, which is nowhere. Put it into a folder named under profiles.`,
      );
  }
  return found;
}

function namesOf({ children }: Profile): string[] {
  if (!children) return [];
  const { profile } = children;
  if (typeof profile === 'string') return [profile];
  return [...new Set([...Object.values(profile.map), ...(profile.otherwise === undefined ? [] : [profile.otherwise])])];
}
