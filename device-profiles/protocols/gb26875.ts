import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** GB/T 26875.3: a user information transmitter (用户信息传输装置) that dials in, and the systems and parts behind it. */
export const Gb26875Transport = z.strictObject({
  protocol: z.literal('gb26875'),
  /** The zone of the device's clock; its times carry none. */
  zone: z
    .string()
    .regex(/^[+-]([01]\d|2[0-3]):[0-5]\d$/, 'must be an offset such as +08:00')
    .default('+08:00'),
});
export type Gb26875Transport = z.output<typeof Gb26875Transport>;

/** @throws for a profile of another protocol. */
export function gb26875Of(profile: Profile): Gb26875Transport {
  if (profile.transport.protocol !== 'gb26875') throw new Error(`profile ${profile.id} is not a GB/T 26875.3 profile`);
  return profile.transport as Gb26875Transport;
}

/** What a frame's objects are about; `unknown` ones are kept as they came, in hex. */
const gb26875Channels = [
  'system',
  'part',
  'analogue',
  'operation',
  'transmitter',
  'version',
  'configuration',
  'clock',
  'unknown',
] as const;
export type Gb26875Channel = (typeof gb26875Channels)[number];

/** A number, or the argument that stands for it. */
const argument = z.string().regex(/^\{[a-z0-9][a-z0-9._-]{0,63}\}$/, 'must be {argument}');

export const Gb26875Command = z.discriminatedUnion('send', [
  /** 同步时钟 (type 90). */
  z.strictObject({ send: z.literal('clock') }),
  /** 查岗 (type 91): somebody must answer at the transmitter within so many minutes. */
  z.strictObject({ send: z.literal('inspect'), minutes: z.union([z.number().int().min(1).max(255), argument]) }),
  /** 读传输装置状态 (type 81); the answer comes as the transmitter's state. */
  z.strictObject({ send: z.literal('read-transmitter') }),
]);
export type Gb26875Command = z.output<typeof Gb26875Command>;

export const protocol: Protocol<Gb26875Transport> = {
  name: 'gb26875',
  transport: Gb26875Transport,
  values: 'messages',
  isPolled: false,
  command: Gb26875Command,
  check: (profile) => checkMessages(profile, gb26875Channels),
  channels: () => gb26875Channels,
};
