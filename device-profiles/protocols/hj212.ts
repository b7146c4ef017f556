import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** HJ 212-2017 (and HJ/T 212-2005): an environmental station (dust, noise, air) that dials in. */
export const Hj212Transport = z.strictObject({
  protocol: z.literal('hj212'),
  /** The zone of the station's clock; its times carry none. */
  zone: z
    .string()
    .regex(/^[+-]([01]\d|2[0-3]):[0-5]\d$/, 'must be an offset such as +08:00')
    .default('+08:00'),
});
export type Hj212Transport = z.output<typeof Hj212Transport>;

/** @throws for a profile of another protocol. */
export function hj212Of(profile: Profile): Hj212Transport {
  if (profile.transport.protocol !== 'hj212') throw new Error(`profile ${profile.id} is not an HJ 212 profile`);
  return profile.transport as Hj212Transport;
}

/** 实时数据 2011, 分钟 2051, 小时 2061, 日 2031; other commands are kept as they came. */
const hj212Channels = ['realtime', 'minute', 'hour', 'day', 'unknown'] as const;
export type Hj212Channel = (typeof hj212Channels)[number];

const argument = z.string().regex(/^\{[a-z0-9][a-z0-9._-]{0,63}\}$/, 'must be {argument}');

export const Hj212Command = z.discriminatedUnion('send', [
  /** 设置现场机时间 (CN 1012). */
  z.strictObject({ send: z.literal('clock') }),
  /** 设置实时数据间隔 (CN 1062), seconds. */
  z.strictObject({ send: z.literal('interval'), seconds: z.union([z.number().int().min(1).max(3600), argument]) }),
]);
export type Hj212Command = z.output<typeof Hj212Command>;

export const protocol: Protocol<Hj212Transport> = {
  name: 'hj212',
  transport: Hj212Transport,
  values: 'messages',
  isPolled: false,
  command: Hj212Command,
  check: (profile) => checkMessages(profile, hj212Channels),
  channels: () => hj212Channels,
};
