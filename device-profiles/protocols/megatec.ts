import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import { LineTiming, SerialLine } from '../library/serial-line.ts';
import type { Finding } from '../library/source.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** What a UPS can be asked: its state (Q1), and what it is made for (F). */
export const megatecChannels = ['status', 'rating'] as const;
export type MegatecChannel = (typeof megatecChannels)[number];

/** Megatec/Q1 (document V2.7): a UPS on a serial line of its own. Its answers come by the channels `status` and `rating`. */
export const MegatecTransport = z.strictObject({
  protocol: z.literal('megatec'),
  serial: SerialLine.prefault({ baud: 2400, parity: 'none', stopBits: 1 }),
  timing: LineTiming.prefault({ timeout: '1s' }),
  /** The word of the state: Mustek models take QS, very old ones D. */
  statusWord: z.enum(['Q1', 'QS', 'D']).default('Q1'),
});
export type MegatecTransport = z.output<typeof MegatecTransport>;

/** Nothing that switches the load: whoever hangs on this UPS, perhaps the gateway itself, would go dark. */
export const MegatecCommand = z.union([
  z.strictObject({ test: z.enum(['quick', 'deep', 'stop']) }),
  z.strictObject({ beeper: z.literal('toggle') }),
]);
export type MegatecCommand = z.output<typeof MegatecCommand>;

/** @throws for a profile of another protocol. */
export function megatecOf(profile: Profile): MegatecTransport {
  if (profile.transport.protocol !== 'megatec') throw new Error(`profile ${profile.id} is not a Megatec profile`);
  return profile.transport as MegatecTransport;
}

export const protocol: Protocol<MegatecTransport> = {
  name: 'megatec',
  transport: MegatecTransport,
  values: 'messages',
  isPolled: true,
  command: MegatecCommand,
  check: (profile) => [...checkMessages(profile, megatecChannels, true), ...checkStatus(profile)],
  channels: () => megatecChannels,
};

function checkStatus({ decode }: Profile): Finding[] {
  if (Object.hasOwn(decode, 'status')) return [];
  return [{ path: ['decode'], zh: '缺少 status 消息的读法。', en: 'How to read the message "status" is missing.' }];
}
