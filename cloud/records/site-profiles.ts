import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { siteProfile, type SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

type Library = ReadonlyMap<string, Profile>;

/** A gateway's word on its profiles replaces its earlier one; what our library says likewise is not kept twice. */
export async function keepSiteProfiles(
  trx: Kysely<Tables>,
  library: Library,
  gateway: string,
  profiles: readonly SiteProfile[],
): Promise<void> {
  const own = [...new Map(profiles.map((profile) => [profile.id, profile])).values()].filter(
    (profile) => !isOurs(library.get(profile.id), profile),
  );
  await sql`delete from site_profile where gateway = ${gateway}`.execute(trx);
  if (own.length === 0) return;
  // As text, because jsonb forgets the order of keys, and the first points of a profile are the ones a list shows.
  const rows = own.map((shown) => ({ id: shown.id, shown: JSON.stringify(shown) }));
  await sql`insert into site_profile (gateway, id, shown)
    select ${gateway}, id, shown::json from jsonb_to_recordset(${json(rows)}) as r(id text, shown text)`.execute(trx);
}

function isOurs(library: Profile | undefined, said: SiteProfile): boolean {
  return library !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(siteProfile(library))), said);
}

/** What a device of this gateway is: the gateway's word before our library's. */
export async function shownProfile(
  db: Kysely<Tables>,
  library: Library,
  gateway: string,
  id: string,
): Promise<SiteProfile | Profile | undefined> {
  const { rows } = await sql<{ shown: SiteProfile }>`select shown from site_profile
    where gateway = ${gateway} and id = ${id}`.execute(db);
  return rows[0]?.shown ?? library.get(id);
}
