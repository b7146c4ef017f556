import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import { LineTiming, SerialLine } from '../library/serial-line.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** 有线 M-Bus (EN 13757-2, -3), behind a level converter on a serial line. Its answers come by the channel `data`. */
export const MbusTransport = z.strictObject({
  protocol: z.literal('mbus'),
  serial: SerialLine.prefault({ baud: 2400, parity: 'even', stopBits: 1 }),
  /** An answer begins within 330 bit times and 50 ms (EN 13757-2); slow meters take longer. */
  timing: LineTiming.prefault({ timeout: '500ms', gap: '50ms' }),
  /** SND_NKE before a reading, so that it begins with the first telegram; not for a meter that does not confirm it. */
  reset: z.boolean().default(true),
  /** A meter that has more telegrams is left alone after so many: a log of years empties a battery. */
  telegrams: z.number().int().min(1).max(32).default(8),
});
export type MbusTransport = z.output<typeof MbusTransport>;

/** @throws for a profile of another protocol. */
export function mbusOf(profile: Profile): MbusTransport {
  if (profile.transport.protocol !== 'mbus') throw new Error(`profile ${profile.id} is not an M-Bus profile`);
  return profile.transport as MbusTransport;
}

export const protocol: Protocol<MbusTransport> = {
  name: 'mbus',
  transport: MbusTransport,
  values: 'messages',
  isPolled: true,
  check: (profile) => checkMessages(profile, ['data'], true),
  channels: () => ['data'],
};
