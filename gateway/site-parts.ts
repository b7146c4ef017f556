import { bindProfile } from '@yihu/device-profiles/library/bind.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SiteContext } from './config.ts';
import { nearest } from './nearest.ts';
import type { Report } from './problems.ts';
import type { DeviceSection } from './site-file.ts';

interface PartsOptions extends Pick<SiteContext, 'profiles'> {
  readonly zone: string | undefined;
  /** What the site file says of its parts, by their profile. */
  readonly said: DeviceSection['parts'];
}

/**
 * The profiles that parts of such a device can have, with the site's zone and its params; those that are nowhere, and what
 * the site file says of parts that the device never has, are problems.
 */
export function partProfiles(
  profile: Profile,
  { profiles, zone, said }: PartsOptions,
  path: readonly (string | number)[],
  report: Report,
): ReadonlyMap<string, Profile> {
  const found = new Map<string, Profile>();
  const names = namesOf(profile);
  for (const id of names) {
    const known = profiles.get(id);
    const params = said[id]?.params ?? {};
    const bound = known && bindProfile(known, { params, ...(zone !== undefined && { zone }) });
    if (bound === undefined)
      report.add(
        [...path, 'profile'],
        `档案 ${profile.id} 的下级设备要用档案 ${id}，库里没有。请把它放进 profiles 里的目录。`,
        `Parts of profile ${profile.id} need the profile ${id}, which is nowhere. Put it into a folder named under profiles.`,
      );
    else if ('profile' in bound) found.set(id, bound.profile);
    else
      for (const { path: inside, zh, en } of bound.findings)
        report.add([...path, 'parts', id, 'params', ...inside.slice(0, 1)], zh, en);
  }
  for (const id of Object.keys(said))
    if (!names.includes(id)) report.add([...path, 'parts', id], ...neverThere(profile, id, names));
  return found;
}

function neverThere({ id: profile }: Profile, id: string, names: readonly string[]): [zh: string, en: string] {
  const near = nearest(id, names);
  const [zh, en] =
    names.length === 0 ? ['它没有下级设备', 'it has no parts'] : [`有：${names.join('、')}`, `there are: ${names.join(', ')}`];
  const hint = near ? { zh: `想写 ${near}？`, en: ` Did you mean ${near}?` } : { zh: '', en: '' };
  return [`档案 ${profile} 没有下级设备 ${id}；${zh}。${hint.zh}`, `Profile ${profile} has no parts ${id}; ${en}.${hint.en}`];
}

function namesOf({ children }: Profile): string[] {
  if (!children) return [];
  const { profile } = children;
  if (typeof profile === 'string') return [profile];
  return [...new Set([...Object.values(profile.map), ...(profile.otherwise === undefined ? [] : [profile.otherwise])])];
}
