import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import { checkIdentity, Identity } from '../library/identity.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Finding } from '../library/source.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { Id } from '../vocabulary/text.ts';

/** MQTT 3.1.1: the device publishes to topics that carry its identity. */
export const MqttTransport = z.strictObject({
  protocol: z.literal('mqtt'),
  /** What the installer types in; stands in the topics as `{name}`. */
  identity: Identity,
  topics: z.record(Id, z.strictObject({ filter: z.string().max(200), qos: z.union([z.literal(0), z.literal(1)]).default(1) })),
});
export type MqttTransport = z.output<typeof MqttTransport>;

/** @throws for a profile of another protocol. */
export function mqttOf(profile: Profile): MqttTransport {
  if (profile.transport.protocol !== 'mqtt') throw new Error(`profile ${profile.id} is not an MQTT profile`);
  return profile.transport as MqttTransport;
}

export const protocol: Protocol<MqttTransport> = {
  name: 'mqtt',
  transport: MqttTransport,
  values: 'messages',
  isPolled: false,
  command: z.strictObject({
    /** `{identity}` by its name and `{argument}` are filled in. */
    topic: z.string().min(1).max(200),
    payload: z.string().max(4096),
    qos: z.union([z.literal(0), z.literal(1)]).default(1),
  }),
  check: (profile, transport) => [
    ...checkIdentity(transport.identity),
    ...checkTopics(profile, transport),
    ...checkMessages(profile, Object.keys(transport.topics)),
  ],
  channels: ({ topics }) => Object.keys(topics),
  texts: ({ identity }) => [{ path: ['transport', 'identity', 'label'], text: identity.label }],
};

function checkTopics(profile: Profile, { topics, identity }: MqttTransport): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(topics).length === 0)
    findings.push({ path: ['transport', 'topics'], zh: '至少需要一个主题。', en: 'At least one topic is needed.' });
  for (const [channel, { filter }] of Object.entries(topics)) {
    const path = ['transport', 'topics', channel, 'filter'];
    const levels = filter.split('/');
    if (!filter.includes(`{${identity.name}}`)) {
      findings.push({
        path,
        zh: `主题里缺少 {${identity.name}}；否则一台设备会收到别人的消息。`,
        en: `{${identity.name}} is missing; without it a device would take the messages of others.`,
      });
    }
    const stranger = /\{([^}]*)\}/g.exec(filter.replaceAll(`{${identity.name}}`, ''))?.[1];
    if (stranger !== undefined) findings.push({ path, zh: `不认识 {${stranger}}。`, en: `{${stranger}} is not known.` });
    // MQTT 3.1.1 §4.7.1: a wildcard fills a whole level, # the last one.
    const isWrong = levels.some(
      (level, index) => (/[+#]/.test(level) && level.length > 1) || (level === '#' && index < levels.length - 1),
    );
    if (isWrong)
      findings.push({
        path,
        zh: '+ 和 # 必须独占一级，# 只能在最后。',
        en: '+ and # must fill a level, and # must be the last.',
      });
    if (filter.startsWith('$'))
      findings.push({ path, zh: '不能订阅以 $ 开头的主题。', en: 'Topics that begin with $ cannot be used.' });
    if (!Object.hasOwn(profile.decode, channel) && profile.availability.will?.channel !== channel) {
      findings.push({
        path,
        zh: `没有说明如何读 "${channel}" 的消息（decode）。`,
        en: `Nothing says how to read the messages of "${channel}" (decode).`,
      });
    }
  }
  return findings;
}
