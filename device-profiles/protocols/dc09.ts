import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** ANSI/SIA DC-09: an alarm host (报警主机) that dials in and reports Contact ID events (ADM-CID, DC-05). */
export const Dc09Transport = z.strictObject({
  protocol: z.literal('dc09'),
  /** The zone of the host's clock: DC-09 5.5.1.9 says GMT, many hosts send local time. */
  zone: z
    .string()
    .regex(/^(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/, 'must be Z or an offset such as +08:00')
    .default('Z'),
});
export type Dc09Transport = z.output<typeof Dc09Transport>;

/** @throws for a profile of another protocol. */
export function dc09Of(profile: Profile): Dc09Transport {
  if (profile.transport.protocol !== 'dc09') throw new Error(`profile ${profile.id} is not a DC-09 profile`);
  return profile.transport as Dc09Transport;
}

/** `event`: of the host itself; `zone`: of one of its zones (防区); `unknown`: kept as it came. */
const dc09Channels = ['event', 'zone', 'unknown'] as const;
export type Dc09Channel = (typeof dc09Channels)[number];

export const protocol: Protocol<Dc09Transport> = {
  name: 'dc09',
  transport: Dc09Transport,
  values: 'messages',
  isPolled: false,
  check: (profile) => checkMessages(profile, dc09Channels),
  channels: () => dc09Channels,
};
