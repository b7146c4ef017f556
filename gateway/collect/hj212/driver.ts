import { z } from 'zod';
import type { Driver, DriverContext } from '../driver.ts';
import { ListeningPort } from '../listening/port.ts';
import { Repeats } from '../listening/repeats.ts';
import { listeningSettings } from '../listening/settings.ts';
import type { Dialect } from '../listening/talk.ts';
import { check, Hj212Address } from './address.ts';
import { Conversation } from './conversation.ts';
import { framing, type Packet } from './segment.ts';

const Hj212Port = z.strictObject(listeningSettings);
type Hj212Port = z.output<typeof Hj212Port>;

/** A station that sends hourly values only speaks once an hour. */
const silentAfterMs = 65 * 60_000;

/** HJ 212-2017 and HJ/T 212-2005: environmental stations dial in. */
export const driver: Driver<Hj212Port, Hj212Address> = {
  name: 'hj212',
  protocols: ['hj212'],
  port: Hj212Port,
  address: Hj212Address,
  check: (_, devices) => check(devices),
  start: (context: DriverContext<Hj212Port, Hj212Address>) => new ListeningPort(context, dialect(context)).start(),
};

function dialect({ clock, devices, kept }: DriverContext<Hj212Port, Hj212Address>): Dialect<Packet> {
  const repeats = new Repeats(clock, kept);
  return { framing, silentAfterMs, talk: (line) => new Conversation({ clock, devices, line, repeats }) };
}
