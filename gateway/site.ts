import { childProfiles, missingChildren } from '@yihu/device-profiles/library/check-children.ts';
import {
  applyVariant,
  type LoadedProfile,
  loadLibrary,
  loadOwn,
  type ProfileProblem,
} from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Driver } from './collect/driver.ts';
import { type Site, checkSite, profileFolders, readSiteFile } from './config.ts';
import { loadDrivers } from './drivers.ts';
import type { Problem } from './problems.ts';
import { proveProfile } from './prove.ts';

/**
 * What sites are checked against. Drivers and profiles are loaded when a site first names them, and stay the same while a
 * program runs.
 */
export interface Catalog {
  readonly drivers: Map<string, Driver>;
  readonly profiles: Map<string, Profile>;
  readonly problems: ProfileProblem[];
  /** All of the library has been read. */
  isWhole: boolean;
}

/** Reading and proving the whole library takes seconds of one core, and a site names a few of its profiles. */
export async function openCatalog(): Promise<Catalog> {
  return { drivers: new Map(), profiles: new Map(), problems: [], isWhole: false };
}

/** A site file with everything it needs around it: drivers found, profiles loaded and proven, all problems in one list. */
export async function loadSite(file: string, catalog?: Catalog): Promise<{ site: Site } | { problems: Problem[] }> {
  const read = await readSiteFile(file);
  return 'problems' in read ? read : checkSiteText(read.text, file, catalog ?? (await openCatalog()));
}

/** The same of a text that shall become the file: relative paths in it count from where the file is. */
export async function checkSiteText(
  text: string,
  file: string,
  catalog: Catalog,
): Promise<{ site: Site } | { problems: Problem[] }> {
  await readNamed(catalog, namedIn(text, 'profile'));
  await readDrivers(catalog, namedIn(text, 'driver'));
  const checked = await check(text, file, catalog);
  if ('site' in checked) return checked;
  const isMissing = (what: 'profile' | 'driver') => checked.problems.some(({ path }) => path.endsWith(what));
  // What is not there may be another one misspelt, or was named in a way that only YAML understands.
  if (isMissing('driver')) await readDrivers(catalog);
  if (isMissing('profile') && !catalog.isWhole) await readWhole(catalog);
  return isMissing('driver') || isMissing('profile') ? check(text, file, catalog) : checked;
}

async function check(
  text: string,
  file: string,
  { drivers, ...library }: Catalog,
): Promise<{ site: Site } | { problems: Problem[] }> {
  const { profiles, problems } = await withFolders(library, profileFolders(text, file));
  const checked = checkSite(text, file, { drivers, profiles, applyVariant: variantOf });
  if (problems.length === 0) return checked;
  return { problems: [...problems, ...('problems' in checked ? checked.problems : [])] };
}

const naming = {
  profile: /\bprofile["']?\s*:\s*(?:&\S+\s+)?["']?([\w-]+\.[\w.-]+)/g,
  driver: /\bdriver["']?\s*:\s*(?:&\S+\s+)?["']?([\w-]+)/g,
};

/** What stands behind `profile:`, or behind `driver:`, anywhere in a site file. */
function namedIn(text: string, what: keyof typeof naming): string[] {
  return [...text.matchAll(naming[what])].flatMap(([, id]) => id ?? []);
}

/** Without `names`: all there are. */
async function readDrivers({ drivers }: Catalog, names?: readonly string[]): Promise<void> {
  for (const [name, driver] of await loadDrivers(names)) drivers.set(name, driver);
}

/** These and the profiles of their parts. */
async function readNamed({ profiles, problems }: Pick<Catalog, 'profiles' | 'problems'>, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (profiles.has(id)) continue;
    const loaded = await loadOwn(id, { prove: proveProfile });
    if (loaded === null) continue;
    if ('problems' in loaded) {
      problems.push(...loaded.problems.filter((one) => !problems.some((known) => isSame(one, known))));
      continue;
    }
    profiles.set(id, loaded.profile);
    await readNamed({ profiles, problems }, childProfiles(loaded.profile));
  }
}

async function readWhole(catalog: Catalog): Promise<void> {
  const whole = await loadFolders([undefined]);
  for (const [id, profile] of whole.profiles) if (!catalog.profiles.has(id)) catalog.profiles.set(id, profile);
  catalog.problems.push(...whole.problems.filter((one) => !catalog.problems.some((known) => isSame(one, known))));
  catalog.isWhole = true;
}

function isSame(one: ProfileProblem, other: ProfileProblem): boolean {
  return one.file === other.file && one.line === other.line && one.en === other.en;
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
