import type { Clock } from '../../clock.ts';
import type { Repeats } from '../listening/repeats.ts';
import type { Line, Talk } from '../listening/talk.ts';
import { type Dc09Device, deviceOf, zoneOf } from './address.ts';
import { saidBy } from './bodies.ts';
import { type Message, refusal, reply, timeStamp } from './message.ts';

export interface Parts {
  readonly devices: readonly Dc09Device[];
  readonly clock: Clock;
  readonly line: Line;
  /** Of the port, not of the connection: a host sends again on a new connection what was not acked on the old one. */
  readonly repeats: Repeats;
}

/** Answers to answers: a host sends none of these by itself. */
const answers = new Set(['ACK', 'NAK', 'DUH', 'RSP']);

/** One connection of an alarm host. */
export class Conversation implements Talk<Message> {
  readonly #parts: Parts;
  readonly #connection = Symbol('connection');
  #zone = 'Z';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async hear(message: Message): Promise<void> {
    const { devices, line } = this.#parts;
    const device = deviceOf(devices, message.account);
    if (!device) return line.refuse(`account ${message.account}`, 'no device of this port has this account');
    if (!line.claim(device.id)) return;
    this.#zone = zoneOf(device);
    line.note(device.id, { heard: message.body });
    if (answers.has(message.id)) return;
    const said = saidBy(message, this.#zone);
    if (said === null) {
      // Nothing of it can be read, so nothing may be promised: the host is told, and the installer sees why.
      line.fault(device.id, 'encrypted');
      return this.#answer(device, reply(message, 'DUH', this.#now()));
    }
    const isUnread = said.body.kind === 'fields' && said.body.channel === 'unknown';
    if (await this.#keep(device, message, said)) this.#answer(device, reply(message, isUnread ? 'DUH' : 'ACK', this.#now()));
  }

  /** What could not be read is asked for again. */
  damaged(why: string): void {
    if (why !== 'cut-short') this.#parts.line.send(refusal(this.#now()));
  }

  /** Kept once, acked each time. */
  async #keep(device: Dc09Device, message: Message, said: NonNullable<ReturnType<typeof saidBy>>): Promise<boolean> {
    const { clock, line, repeats } = this.#parts;
    const { seq, id, data } = message;
    const frame = { device: device.id, at: clock.now() };
    if (said.body.kind === 'alive') return line.keep([{ ...frame, body: said.body }]);
    const words = `${seq} ${id} ${data}`;
    if (repeats.isRepeat(device.id, words, this.#connection)) {
      line.repeated();
      return line.keep([{ ...frame, body: { kind: 'alive' } }]);
    }
    const kept = await line.keep([{ ...frame, ...said }], repeats.keep(device.id, words));
    if (kept) repeats.remember(device.id, words, this.#connection);
    return kept;
  }

  #answer(device: Dc09Device, bytes: Buffer): void {
    this.#parts.line.send(bytes);
    this.#parts.line.note(device.id, { sent: bytes.toString('latin1') });
  }

  #now(): string {
    return timeStamp(this.#parts.clock.now(), this.#zone);
  }
}
