import { z } from 'zod';
import type { Driver, DriverContext } from '../driver.ts';
import { ListeningPort } from '../listening/port.ts';
import { Repeats } from '../listening/repeats.ts';
import { listeningSettings } from '../listening/settings.ts';
import type { Dialect } from '../listening/talk.ts';
import { check, DnyAddress } from './address.ts';
import { Conversation } from './conversation.ts';
import { framing, type Heard } from './packet.ts';

const DnyPort = z.strictObject(listeningSettings);
type DnyPort = z.output<typeof DnyPort>;

/** The modem says `link` every 30 s; the maker asks servers not to throw a socket out before it has long been silent. */
const silentAfterMs = 10 * 60_000;

/** E-bike charging piles that speak "DNY" dial in. */
export const driver: Driver<DnyPort, DnyAddress> = {
  name: 'dny',
  protocols: ['dny'],
  port: DnyPort,
  address: DnyAddress,
  check: (_, devices) => check(devices),
  start: (context: DriverContext<DnyPort, DnyAddress>) => new ListeningPort(context, dialect(context)).start(),
};

function dialect({ clock, devices, kept }: DriverContext<DnyPort, DnyAddress>): Dialect<Heard> {
  const repeats = new Repeats(clock, kept);
  return { framing, silentAfterMs, talk: (line) => new Conversation({ clock, devices, line, repeats }) };
}
