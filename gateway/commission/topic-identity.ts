import { mqttOf } from '@yihu/device-profiles/protocols/mqtt.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** The identity of the device that publishes to this topic, if it is one of the profile's topics. Pure. */
export function identityIn(profile: Profile, topic: string): string | undefined {
  if (profile.transport.protocol !== 'mqtt') return undefined;
  const { identity, topics } = mqttOf(profile);
  const pattern = new RegExp(identity.pattern, 'u');
  for (const { filter } of Object.values(topics)) {
    const found = levelOf(filter.split('/'), topic.split('/'), `{${identity.name}}`);
    if (found !== undefined && pattern.test(found)) return found;
  }
  return undefined;
}

/** What stands in the topic where the filter has the identity; MQTT 3.1.1 §4.7.1 for `+` and `#`. */
function levelOf(filter: readonly string[], topic: readonly string[], name: string): string | undefined {
  const isOpen = filter.at(-1) === '#';
  if (isOpen ? topic.length < filter.length - 1 : topic.length !== filter.length) return undefined;
  let found: string | undefined;
  for (const [at, level] of filter.entries()) {
    if (level === '#') break;
    if (level === name) found = topic[at];
    else if (level !== '+' && level !== topic[at]) return undefined;
  }
  return found;
}
