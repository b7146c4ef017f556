import type { LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type { LocalProfile, LocalProfiles } from '@yihu/device-profiles/vocabulary/local.ts';
import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import { limits } from '../limits.ts';

/** Profiles by what is printed on a device: maker, model, what it is. */
export function findProfiles(
  library: ReadonlyMap<string, LoadedProfile>,
  { q, protocol }: { readonly q: string; readonly protocol: string },
): LocalProfiles {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = [...library.values()].filter(({ profile }) => {
    if (protocol !== '' && profile.transport.protocol !== protocol) return false;
    return words.every((word) => foundBy(profile).includes(word));
  });
  return { total: library.size, matching: matching.length, profiles: matching.slice(0, limits.localRows).map(shown) };
}

/** Spelt once; there are hundreds. */
const spelt = new WeakMap<Profile, string>();

function foundBy(profile: Profile): string {
  const { id, name, maker, model, models, category } = profile;
  const text =
    spelt.get(profile) ??
    `${[id, name.en, maker.en, model, category, ...(models?.ids ?? [])].join(' ').toLowerCase()}\n${searchText([maker.zh, name.zh])}`;
  spelt.set(profile, text);
  return text;
}

function shown({ profile, tier }: LoadedProfile): LocalProfile {
  const { id, name, maker, model, category, transport, points, alarms, params, variants } = profile;
  return {
    id,
    name,
    maker,
    model,
    category,
    protocol: transport.protocol,
    tier,
    points: Object.keys(points).length,
    alarms: Object.keys(alarms).length,
    params: Object.entries(params).map(([param, { name: label, unit, default: usual, min, max, ask }]) => ({
      id: param,
      name: label,
      symbol: units[unit].symbol,
      default: usual,
      min,
      max,
      ask,
    })),
    variants: variants.map(({ id: variant, name: label }) => ({ id: variant, name: label })),
  };
}
