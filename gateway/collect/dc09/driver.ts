import { z } from 'zod';
import type { Driver, DriverContext } from '../driver.ts';
import { ListeningPort } from '../listening/port.ts';
import { Repeats } from '../listening/repeats.ts';
import { listeningSettings } from '../listening/settings.ts';
import type { Dialect } from '../listening/talk.ts';
import { check, Dc09Address } from './address.ts';
import { Conversation } from './conversation.ts';
import { framing, type Message } from './message.ts';

const Dc09Port = z.strictObject(listeningSettings);
type Dc09Port = z.output<typeof Dc09Port>;

/** Hosts are supervised by NULL messages every few minutes at most (EN 50136: DP1 25 h, the common ones far below). */
const silentAfterMs = 30 * 60_000;

/** ANSI/SIA DC-09: alarm hosts (报警主机) dial in and report Contact ID events. */
export const driver: Driver<Dc09Port, Dc09Address> = {
  name: 'dc09',
  protocols: ['dc09'],
  port: Dc09Port,
  address: Dc09Address,
  check: (_, devices) => check(devices),
  start: (context: DriverContext<Dc09Port, Dc09Address>) => new ListeningPort(context, dialect(context)).start(),
};

function dialect({ clock, devices, kept }: DriverContext<Dc09Port, Dc09Address>): Dialect<Message> {
  const repeats = new Repeats(clock, kept);
  return { framing, silentAfterMs, talk: (line) => new Conversation({ clock, devices, line, repeats }) };
}
