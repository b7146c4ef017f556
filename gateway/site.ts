import { missingChildren } from '@yihu/device-profiles/library/check-children.ts';
import { applyVariant, type LoadedProfile, loadLibrary, type ProfileProblem } from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Site, checkSite, profileFolders, readSiteFile } from './config.ts';
import { loadDrivers } from './drivers.ts';
import type { Problem } from './problems.ts';
import { proveProfile } from './prove.ts';

/** A site file with everything it needs around it: drivers found, profiles loaded and proven, all problems in one list. */
export async function loadSite(file: string): Promise<{ site: Site } | { problems: Problem[] }> {
  const read = await readSiteFile(file);
  if ('problems' in read) return read;
  const { profiles, problems } = await loadProfiles(profileFolders(read.text, file));
  const drivers = await loadDrivers();
  const checked = checkSite(read.text, file, { drivers, profiles, applyVariant: variantOf });
  if (problems.length === 0) return checked;
  return { problems: [...problems, ...('problems' in checked ? checked.problems : [])] };
}

/** The library and the site's own profile folders; a profile that fails its vectors is a problem, not a profile. */
export async function loadProfiles(
  folders: readonly string[] = [],
): Promise<{ profiles: Map<string, Profile>; problems: ProfileProblem[] }> {
  const profiles = new Map<string, Profile>();
  const problems: ProfileProblem[] = [];
  for (const folder of [undefined, ...folders]) {
    const library = await loadLibrary(folder, { prove: proveProfile });
    problems.push(...library.problems);
    for (const [id, { profile }] of library.profiles) profiles.set(id, profile);
  }
  for (const { profile, missing } of missingChildren(profiles)) {
    problems.push({
      file: `${profile.replace('.', '/')}.yaml`,
      line: 1,
      path: 'children.profile',
      zh: `没有档案 ${missing}；它的下级设备需要它。`,
      en: `There is no profile ${missing}, which its parts have.`,
    });
  }
  return { profiles, problems };
}

/** The same with their tiers, for whoever chooses one: only those that pass their vectors. */
export async function provenProfiles(folders: readonly string[]): Promise<Map<string, LoadedProfile>> {
  const libraries = await Promise.all([undefined, ...folders].map((folder) => loadLibrary(folder, { prove: proveProfile })));
  return new Map(libraries.flatMap(({ profiles }) => [...profiles]));
}

function variantOf(profile: Profile, variant: string): Profile | null {
  return profile.variants.some((each) => each.id === variant) ? applyVariant(profile, variant) : null;
}
