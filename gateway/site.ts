import { missingChildren } from '@yihu/device-profiles/library/check-children.ts';
import { applyVariant, type LoadedProfile, loadLibrary, type ProfileProblem } from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Driver } from './collect/driver.ts';
import { type Site, checkSite, profileFolders, readSiteFile } from './config.ts';
import { loadDrivers } from './drivers.ts';
import type { Problem } from './problems.ts';
import { proveProfile } from './prove.ts';

/** What sites are checked against: drivers and the library, which stay the same while a program runs. */
export interface Catalog {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly problems: readonly ProfileProblem[];
}

/** Proving a whole library takes seconds of one core: a running gateway loads it once and keeps it. */
export async function loadCatalog(): Promise<Catalog> {
  return { drivers: await loadDrivers(), ...(await loadFolders([undefined])) };
}

/** A site file with everything it needs around it: drivers found, profiles loaded and proven, all problems in one list. */
export async function loadSite(file: string, catalog?: Catalog): Promise<{ site: Site } | { problems: Problem[] }> {
  const read = await readSiteFile(file);
  return 'problems' in read ? read : checkSiteText(read.text, file, catalog ?? (await loadCatalog()));
}

/** The same of a text that shall become the file: relative paths in it count from where the file is. */
export async function checkSiteText(
  text: string,
  file: string,
  { drivers, ...library }: Catalog,
): Promise<{ site: Site } | { problems: Problem[] }> {
  const { profiles, problems } = await withFolders(library, profileFolders(text, file));
  const checked = checkSite(text, file, { drivers, profiles, applyVariant: variantOf });
  if (problems.length === 0) return checked;
  return { problems: [...problems, ...('problems' in checked ? checked.problems : [])] };
}

/** The library and the site's own profile folders; a profile that fails its vectors is a problem, not a profile. */
export async function loadProfiles(folders: readonly string[] = []): Promise<Library> {
  return withFolders(await loadFolders([undefined]), folders);
}

interface Library {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly problems: readonly ProfileProblem[];
}

async function withFolders(library: Library, folders: readonly string[]): Promise<Library> {
  const own = await loadFolders(folders);
  const profiles = new Map([...library.profiles, ...own.profiles]);
  const missing = missingChildren(profiles).map(({ profile, missing: child }) => ({
    file: `${profile.replace('.', '/')}.yaml`,
    line: 1,
    path: 'children.profile',
    zh: `没有档案 ${child}；它的下级设备需要它。`,
    en: `There is no profile ${child}, which its parts have.`,
  }));
  return { profiles, problems: [...library.problems, ...own.problems, ...missing] };
}

/** `undefined`: the library that comes with the program. */
async function loadFolders(folders: readonly (string | undefined)[]): Promise<Library> {
  const profiles = new Map<string, Profile>();
  const problems: ProfileProblem[] = [];
  for (const folder of folders) {
    const library = await loadLibrary(folder, { prove: proveProfile });
    problems.push(...library.problems);
    for (const [id, { profile }] of library.profiles) profiles.set(id, profile);
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
