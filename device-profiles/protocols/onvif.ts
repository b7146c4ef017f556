import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Finding } from '../library/source.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** A topic without prefixes, or everything below one: `RuleEngine/CellMotionDetector/Motion`, `VideoSource/GlobalSceneChange/*`. */
const Topic = z
  .string()
  .max(200)
  .regex(/^[A-Za-z][\w.-]*(\/[A-Za-z][\w.-]*)*(\/\*)?$/, 'must be a topic without prefixes, such as VideoSource/MotionAlarm');

/** An ONVIF camera: its events are pulled, pictures and outputs are asked for. */
export const OnvifTransport = z.strictObject({
  protocol: z.literal('onvif'),
  /** What `decode` is given; everything else a camera reports is a sign of life and no more. */
  topics: z.array(Topic).min(1).max(64),
});
export type OnvifTransport = z.output<typeof OnvifTransport>;

/** @throws for a profile of another protocol. */
export function onvifOf(profile: Profile): OnvifTransport {
  if (profile.transport.protocol !== 'onvif') throw new Error(`profile ${profile.id} is not an ONVIF profile`);
  return profile.transport as OnvifTransport;
}

const channels = ['event'] as const;

/** A command's `do`: an output (SetRelayOutputState), the first is 1 in the camera's own order. */
export const OnvifCommand = z.strictObject({
  output: z.union([z.number().int().min(1).max(64), z.string().regex(/^\{[a-z0-9][a-z0-9._-]{0,63}\}$/, 'must be {argument}')]),
  state: z.enum(['active', 'inactive']),
});
export type OnvifCommand = z.output<typeof OnvifCommand>;

export const protocol: Protocol<OnvifTransport> = {
  name: 'onvif',
  transport: OnvifTransport,
  values: 'messages',
  isPolled: false,
  command: OnvifCommand,
  check: (profile) => [...checkMessages(profile, channels), ...checkRead(profile)],
  channels: () => channels,
};

function checkRead({ decode }: Profile): Finding[] {
  if (Object.hasOwn(decode, 'event')) return [];
  return [
    {
      path: ['decode'],
      zh: '没有说明如何读摄像机的事件（decode.event）。',
      en: 'Nothing says how to read the camera’s events (decode.event).',
    },
  ];
}
