import { applyVariant, type LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type {
  LocalAlarmSetting,
  LocalParam,
  LocalPartSettings,
  LocalSettings,
} from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { ConfiguredDevice } from '../config.ts';
import type { Parts } from '../main.ts';
import { neededBy } from './pairing.ts';
import { addressWords } from './source.ts';

/** What an installer has set of a device, as the site file has it: a bound profile knows only what came of it. */
const Own = z.looseObject({
  id: z.string(),
  variant: z.string().optional().catch(undefined),
  params: z.record(z.string(), z.number()).catch({}),
  parts: z.record(z.string(), z.looseObject({ params: z.record(z.string(), z.number()).catch({}) })).catch({}),
});
type Own = z.infer<typeof Own>;

/** 设定: what can be changed of a device, and what it is now; null where the site has none of that name. */
export async function settingsOf(
  parts: Pick<Parts, 'site'>,
  library: () => Promise<ReadonlyMap<string, LoadedProfile>>,
  id: string,
): Promise<LocalSettings | null> {
  const site = parts.site();
  const device = site.devices.find((each) => each.id === id);
  if (!device) return null;
  const { profile, place } = device;
  const own = ownIn(site.text, id);
  const asWritten = Object.keys(own.params).length === 0 ? profile : await unbound(library, profile, own);
  const fitting = site.ports.filter(({ driver }) => driver.protocols.includes(profile.transport.protocol));
  return {
    id,
    name: device.name.zh,
    port: device.port,
    ports: fitting.map((port) => port.id),
    place: Object.fromEntries(Object.entries(place).filter(([, word]) => word !== undefined)),
    address: Object.fromEntries(addressWords(device.address)),
    login: givenLogin(site.text, id),
    params: paramsOf(asWritten, own.params),
    alarms: alarmsOf(profile, device.overrides),
    parts: await partsOf(library, device, own),
  };
}

/** Each kind that parts of the device can be and that has something to set. */
async function partsOf(
  library: () => Promise<ReadonlyMap<string, LoadedProfile>>,
  { parts, partOverrides }: ConfiguredDevice,
  own: Own,
): Promise<LocalPartSettings[]> {
  const all = [...parts].map(async ([id, part]) => {
    const params = own.parts[id]?.params ?? {};
    const asWritten = Object.keys(params).length === 0 ? part : await unbound(library, part, {});
    return { id, name: part.name, params: paramsOf(asWritten, params), alarms: alarmsOf(part, partOverrides.get(id) ?? {}) };
  });
  return (await Promise.all(all)).filter(({ params, alarms }) => params.length + alarms.length > 0);
}

function paramsOf({ params }: Profile, own: Readonly<Record<string, number>>): LocalParam[] {
  return Object.entries(params).map(([id, { name, unit, min, max, ask, ref = null, default: usual }]) => {
    return { id, name, symbol: units[unit].symbol, value: own[id] ?? null, default: usual, min, max, ask, ref };
  });
}

/** Of a device that has been given a secret; null where it has none of its own. */
function givenLogin(siteText: string, id: string): string | null {
  const pairing = neededBy({ reissue: id }, siteText);
  return pairing === null || 'refused' in pairing ? null : pairing.login;
}

function ownIn(text: string, id: string): Own {
  const { devices } = parseDocument(text).toJS({ maxAliasCount: 0 }) as { devices?: unknown[] };
  for (const each of devices ?? []) {
    const own = Own.safeParse(each);
    if (own.success && own.data.id === id) return own.data;
  }
  return { id, params: {}, parts: {} };
}

/** With the defaults that its author wrote. */
async function unbound(
  library: () => Promise<ReadonlyMap<string, LoadedProfile>>,
  bound: Profile,
  { variant }: Pick<Own, 'variant'>,
): Promise<Profile> {
  const loaded = (await library()).get(bound.id);
  if (!loaded) return bound;
  return variant === undefined ? loaded.profile : applyVariant(loaded.profile, variant);
}

function alarmsOf(profile: Profile, overrides: ConfiguredDevice['overrides']): LocalAlarmSetting[] {
  return Object.entries(profile.alarms).map(([id, rule]) => {
    const own = overrides[id] ?? {};
    const limit = 'above' in rule ? rule.above : 'below' in rule ? rule.below : null;
    const point = 'point' in rule ? profile.points[rule.point] : undefined;
    return {
      id,
      name: rule.name,
      ref: rule.ref ?? null,
      compares: 'above' in rule ? 'above' : 'below' in rule ? 'below' : null,
      symbol: units[point?.unit ?? '1'].symbol,
      usual: { limit, clear: 'clear' in rule ? rule.clear : null, forS: rule.for / 1000, severity: rule.severity },
      own: {
        limit: own.limit ?? null,
        clear: own.clear ?? null,
        forS: own.forMs === undefined ? null : own.forMs / 1000,
        severity: own.severity ?? null,
        off: own.off ?? false,
      },
    };
  });
}
