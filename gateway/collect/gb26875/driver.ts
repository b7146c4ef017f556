import { z } from 'zod';
import type { Driver, DriverContext } from '../driver.ts';
import { ListeningPort } from '../listening/port.ts';
import { Repeats } from '../listening/repeats.ts';
import { listeningSettings } from '../listening/settings.ts';
import type { Dialect } from '../listening/talk.ts';
import { check, Gb26875Address } from './address.ts';
import { Conversation } from './conversation.ts';
import { framing, type Packet } from './packet.ts';

const Gb26875Port = z.strictObject(listeningSettings);
type Gb26875Port = z.output<typeof Gb26875Port>;

/** The standard names no heartbeat period: longer than any transmitter seen, shorter than a NAT forgets for good. */
const silentAfterMs = 30 * 60_000;

/** GB/T 26875.3: user information transmitters (用户信息传输装置) dial in and report fire panels and what hangs on them. */
export const driver: Driver<Gb26875Port, Gb26875Address> = {
  name: 'gb26875',
  protocols: ['gb26875'],
  port: Gb26875Port,
  address: Gb26875Address,
  check: (_, devices) => check(devices),
  start: (context: DriverContext<Gb26875Port, Gb26875Address>) => new ListeningPort(context, dialect(context)).start(),
};

function dialect({ clock, devices, kept }: DriverContext<Gb26875Port, Gb26875Address>): Dialect<Packet> {
  const repeats = new Repeats(clock, kept);
  return { framing, silentAfterMs, talk: (line) => new Conversation({ clock, devices, line, repeats }) };
}
