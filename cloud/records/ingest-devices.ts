import { type Kysely, sql } from 'kysely';
import type { LogRecord, SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { parentOf } from '../registry/grids.ts';
import { placed } from './area-signs.ts';
import type { IngestGateway } from './ingest-accepted.ts';
import { releaseRemoved } from './root-cause.ts';
import type { Registered, Rules } from './rules.ts';
import { json } from './scope.ts';
import { keepSiteProfiles } from './site-profiles.ts';
import type { Tables } from './tables.ts';

export interface KnownDevice {
  readonly key: number;
  readonly id: string;
  readonly area: string;
  readonly name: Text;
  readonly placeText: string;
}

export type KnownDevices = ReadonlyMap<string, KnownDevice>;

type Site = Extract<LogRecord, { kind: 'site' }>;

/** The gateway's whole inventory: new devices come, known ones change, missing ones are marked removed and keep their history. */
export async function keepInventory(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: IngestGateway,
  site: Site,
  at: number,
): Promise<void> {
  if (site.profiles) await keepSiteProfiles(trx, rules.profiles, gateway.id, site.profiles);
  await writeDevices(trx, gateway, register(rules, gateway, site.devices, site.profiles));
  // What is new beside what is there: parts that a device has begun to speak of.
  if (site.partial) return;
  const ids = site.devices.map((device) => device.id);
  await sql`update device set removed_at = ${at} where gateway = ${gateway.id} and removed_at is null and not (id = any(${ids}))`.execute(
    trx,
  );
  await releaseRemoved(trx, gateway.id, at);
  await sql`update gateway set site_hash = ${site.hash} where id = ${gateway.id}`.execute(trx);
}

function register(
  rules: Rules,
  gateway: IngestGateway,
  devices: readonly SiteDevice[],
  said: readonly SiteProfile[] = [],
): Registered[] {
  const own = new Map(said.map((profile) => [profile.id, profile]));
  return devices.map((device) => {
    return rules.registerDevice(device, gateway, own.get(device.profile) ?? rules.profiles.get(device.profile));
  });
}

async function writeDevices(trx: Kysely<Tables>, gateway: IngestGateway, registered: readonly Registered[]): Promise<void> {
  const named = new Map(registered.flatMap((one) => one.areas.map((area) => [area.path, area] as const)));
  const now = await placed(trx, [...named.values()]);
  const areas = [...named.values()].map(({ path, kind, name }) => ({ path: now(path), parent: parentOf(now(path)), kind, name }));
  await sql`insert into area (path, parent, kind, name)
    select path, parent, kind, name from jsonb_to_recordset(${json([...new Map(areas.map((area) => [area.path, area])).values()])}) as r(path text, parent text, kind text, name text)
    order by path on conflict (path) do nothing`.execute(trx);
  const unique = [...new Map(registered.map((one) => [one.device.id, one])).values()];
  const rows = unique.map(({ device, category, area, placeText, search }) => ({
    ...device,
    category,
    area: now(area),
    placeText,
    search,
  }));
  await sql`insert into device (gateway, id, profile, category, name, place, place_text, area, search, parent, rules)
    select ${gateway.id}, id, profile, category, name, place, "placeText", area, search, parent, rules
    from jsonb_to_recordset(${json(rows)}) as r(id text, profile text, category text, name jsonb, place jsonb, "placeText" text, area text, search text, parent text, rules jsonb)
    order by id
    on conflict (gateway, id) do update set profile = excluded.profile, category = excluded.category, name = excluded.name,
      place = excluded.place, place_text = excluded.place_text, area = excluded.area, search = excluded.search, parent = excluded.parent, rules = excluded.rules, removed_at = null`.execute(
    trx,
  );
}

/**
 * The devices these records speak of. One that speaks before its inventory has come is kept under its own id, so that no
 * reading waits for a name.
 */
export async function knowDevices(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: IngestGateway,
  spoken: readonly { record: { device: string; profile: string } }[],
): Promise<KnownDevices> {
  const profiles = new Map(spoken.map(({ record }) => [record.device, record.profile]));
  const known = await readDevices(trx, gateway.id, [...profiles.keys()]);
  const missing = [...profiles].filter(([id]) => !known.has(id));
  if (missing.length === 0) return known;
  const devices = missing.map(([id, profile]): SiteDevice => ({ id, profile, name: { zh: id }, place: {} }));
  await writeDevices(trx, gateway, register(rules, gateway, devices));
  return readDevices(trx, gateway.id, [...profiles.keys()]);
}

async function readDevices(trx: Kysely<Tables>, gateway: string, ids: readonly string[]): Promise<Map<string, KnownDevice>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<KnownDevice>`select key, id, area, name, place_text as "placeText" from device
    where gateway = ${gateway} and id = any(${[...ids]})`.execute(trx);
  return new Map(rows.map((row) => [row.id, row]));
}
