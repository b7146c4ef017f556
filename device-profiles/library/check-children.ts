import { JsonPath } from '../vocabulary/message.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { placesOf } from './children.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';

/** Parts can be told apart by their key, and have a name and a profile. */
export function checkChildren(profile: Profile): Finding[] {
  const { children } = profile;
  if (children === undefined) return [];
  const findings: Finding[] = [];
  const say = (key: string, zh: string, en: string): void => void findings.push({ path: ['children', key], zh, en });
  if (protocolOf(profile).values !== 'messages') say('profile', '只有消息里才有下级设备。', 'Only messages speak of parts.');
  if ((children.key === undefined) !== (children.name === undefined))
    say('key', 'key 与 name 要么都写，要么都由协议给出。', 'Write key and name, or leave both to the protocol.');
  if (children.each !== undefined && !children.each.startsWith('$'))
    say('each', '这里的路径必须以 $ 开头。', 'The path must begin with $ here.');
  const templates = { key: children.key, name: children.name?.zh, note: children.note } as const;
  for (const [key, template] of [...Object.entries(templates), ['name', children.name?.en] as const]) {
    if (template === undefined) continue;
    const places = placesOf(template);
    const wrong = places.find((place) => !JsonPath.safeParse(place).success);
    if (wrong !== undefined) say(key, `"{${wrong}}" 不是路径。`, `"{${wrong}}" is no path.`);
    else if (key === 'key' && places.length === 0) say(key, '所有部件会有同一个 key。', 'All parts would have the same key.');
    const stray = places.find((place) => place.startsWith('item') && children.each === undefined);
    if (stray !== undefined) say(key, `"${stray}" 需要 each。`, `"${stray}" needs each.`);
  }
  return findings;
}

/** The profiles that a profile's parts have. */
export function childProfiles({ children }: Profile): string[] {
  if (children === undefined) return [];
  const { profile } = children;
  if (typeof profile === 'string') return [profile];
  return [...new Set([...Object.values(profile.map), ...(profile.otherwise === undefined ? [] : [profile.otherwise])])];
}

/** Parts whose profile is nowhere; for whoever has all profiles in hand. */
export function missingChildren(
  profiles: ReadonlyMap<string, Profile>,
): { readonly profile: string; readonly missing: string }[] {
  return [...profiles.values()].flatMap((profile) =>
    childProfiles(profile)
      .filter((id) => !profiles.has(id))
      .map((missing) => ({ profile: profile.id, missing })),
  );
}
