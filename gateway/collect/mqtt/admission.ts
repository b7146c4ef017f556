import { commandTopic, loginOf, type MqttDevice } from './address.ts';
import type { CounterName } from './counters.ts';
import { limits } from './limits.ts';
import type { Target, TopicIndex } from './topics.ts';

/** What a message may do: go on disk, be acked and forgotten, or cost its sender the connection. */
export type Admission =
  | { verdict: 'take'; targets: readonly Target[] }
  | { verdict: 'drop' | 'close'; counter: CounterName; why: string };

/** Who is speaking: the devices behind a login, or every device of the port where no login is asked for. */
export interface Speaker {
  readonly login: string;
  readonly devices: ReadonlySet<MqttDevice>;
}

export interface Published {
  readonly topic: string;
  readonly qos: number;
}

/**
 * A message of an unknown topic is acked and dropped, because MQTT 3.1.1 (§3.3.5) leaves only that or closing, and
 * a closed device sends the same again for ever. A foreign, broken or reserved topic is closed: no honest device does that.
 */
export function admit(index: TopicIndex, speaker: Speaker, message: Published): Admission {
  const fault = topicFault(message.topic);
  if (fault) return { verdict: 'close', counter: 'topics_malformed', why: fault };
  if (message.qos === 2)
    return { verdict: 'close', counter: 'qos2_refused', why: 'QoS 2 is not served; set the device to QoS 1' };
  const targets = index.find(message.topic);
  if (targets.length === 0) return { verdict: 'drop', counter: 'topics_unknown', why: 'no device of this port has this topic' };
  const own = targets.filter((target) => speaker.devices.has(target.device));
  if (own.length === 0) return { verdict: 'close', counter: 'topics_foreign', why: `not a topic of login ${speaker.login}` };
  return { verdict: 'take', targets: own };
}

/** Why a topic is not one a device may publish to, whoever it is; undefined when there is nothing wrong with it. */
export function topicFault(topic: string): string | undefined {
  if (topic.length === 0 || Buffer.byteLength(topic) > limits.topicBytes) return 'topic is empty or too long';
  if (topic.startsWith('$')) return 'topics that begin with $ are the broker’s own';
  if (/[+#]/.test(topic)) return 'a topic has no wildcards';
  // Bytes that were no UTF-8 have become U+FFFD: two different topics would look the same (§1.5.3).
  if (/[\p{Cc}\ufffd]/u.test(topic)) return 'topic with control characters or broken UTF-8';
  if (topic.split('/').length > limits.topicLevels) return 'topic has too many levels';
  return undefined;
}

/** A device hears its own commands and nothing else; no wildcard in front, no `$share`. */
export function maySubscribe(speaker: Speaker, filter: string, qos: number): boolean {
  if (qos === 2) return false;
  for (const { address } of speaker.devices) {
    const own = commandTopic(address.identity);
    if (filter === own || filter === `${own}/#` || filter === `${own}/+`) return true;
  }
  return false;
}

/** The same rule on the way out, so that a subscription made under other rights delivers nothing. */
export function mayHear(speaker: Speaker, topic: string): boolean {
  for (const { address } of speaker.devices) {
    const own = commandTopic(address.identity);
    if (topic === own || topic.startsWith(`${own}/`)) return true;
  }
  return false;
}

export const clientIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** login name → its devices and the hashes that fit any of them. */
export interface Account extends Speaker {
  readonly hashes: readonly string[];
}

export function accountsOf(devices: readonly MqttDevice[]): ReadonlyMap<string, Account> {
  const accounts = new Map<string, { login: string; devices: Set<MqttDevice>; hashes: string[] }>();
  for (const device of devices) {
    const login = loginOf(device);
    const account = accounts.get(login) ?? { login, devices: new Set(), hashes: [] };
    accounts.set(login, account);
    account.devices.add(device);
    const hash = device.address.secret;
    if (hash && !account.hashes.includes(hash)) account.hashes.push(hash);
  }
  return accounts;
}
