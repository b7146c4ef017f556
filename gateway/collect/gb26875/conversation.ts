import type { Gb26875Command } from '@yihu/device-profiles/protocols/gb26875.ts';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { Asked, notBefore } from '../listening/asked.ts';
import type { Repeats } from '../listening/repeats.ts';
import type { Line, Talk } from '../listening/talk.ts';
import { deviceOf, type Gb26875Device, zoneOf } from './address.ts';
import { saidBy } from './bodies.ts';
import { downloads } from './edition-2011.ts';
import { commands, encode, type Packet, reply } from './packet.ts';
import { timeBytes, timeText } from './time.ts';

export interface Parts {
  readonly devices: readonly Gb26875Device[];
  readonly clock: Clock;
  readonly line: Line;
  /** Of the port, not of the connection: a device sends again on a new connection what was not acked on the old one. */
  readonly repeats: Repeats;
}

/** How long a transmitter has for its confirmation. */
const answerMs = 10_000;
/** A panel's clock may be off by so much before it is said. */
const skewMs = 5 * 60_000;

/** One connection of a user information transmitter. */
export class Conversation implements Talk<Packet> {
  readonly #parts: Parts;
  readonly #asked: Asked;
  readonly #connection = Symbol('connection');
  /** The last frame of each device here: its addresses and version are what commands go out with. */
  readonly #last = new Map<string, Packet>();
  #serial = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#asked = new Asked(parts.clock);
  }

  async hear(packet: Packet): Promise<void> {
    const { devices, line } = this.#parts;
    const device = deviceOf(devices, packet.source, line.address);
    if (!device) return line.refuse(`source ${packet.source}`, 'no device of this port has this source and peer');
    if (!line.claim(device.id)) return;
    this.#last.set(device.id, packet);
    if (this.#isSkewed(device, packet)) line.fault(device.id, 'clock-skew');
    line.note(device.id, { heard: Buffer.from(packet.bytes).toString('hex') });
    switch (packet.command) {
      case commands.confirm:
        return this.#asked.answer(`${device.id} ${packet.serial}`, { state: 'sent' });
      case commands.deny:
        return this.#asked.answer(`${device.id} ${packet.serial}`, denied);
      case commands.send:
        if (await this.#keep(device, packet)) this.#reply(device, packet, commands.confirm);
        return;
      case commands.response:
        await this.#keep(device, packet);
        return this.#asked.answer(`${device.id} ${packet.serial}`, { state: 'sent' });
      default:
        // Control and requests go to a device, not from it; what is not in the standard is kept as it came.
        if (await this.#keep(device, packet)) this.#reply(device, packet, commands.deny);
    }
  }

  async act(act: Act): Promise<ActOutcome> {
    const packet = this.#last.get(act.device);
    const device = this.#parts.devices.find(({ id }) => id === act.device);
    if (!packet || !device) return notBefore;
    const command = act.spec.do as Gb26875Command;
    const serial = (this.#serial = (this.#serial + 1) & 0xffff);
    const bytes = this.#encode(device, packet, serial, command, act.args);
    return this.#asked.ask(`${act.device} ${serial}`, act, answerMs, () => this.#send(device, bytes));
  }

  gone(): void {
    this.#asked.gone();
  }

  /** Retransmissions are one event: kept once, confirmed each time. */
  async #keep(device: Gb26875Device, packet: Packet): Promise<boolean> {
    const { clock, line, repeats } = this.#parts;
    // The time in the control unit is when it was sent; a retransmission may have a later one.
    const words = `${packet.serial} ${packet.command} ${Buffer.from(packet.data).toString('base64')}`;
    const isHeartbeat = packet.data.length <= 1;
    if (!isHeartbeat && repeats.isRepeat(device.id, words, this.#connection)) {
      line.repeated();
      return line.keep([{ device: device.id, at: clock.now(), body: { kind: 'alive' } }]);
    }
    const at = clock.now();
    const frames = saidBy(packet, zoneOf(device), device.address.edition).map((said) => ({ device: device.id, at, ...said }));
    if (isHeartbeat) return line.keep(frames);
    const kept = await line.keep(frames, repeats.keep(device.id, words));
    if (kept) repeats.remember(device.id, words, this.#connection);
    return kept;
  }

  #reply(device: Gb26875Device, packet: Packet, command: typeof commands.confirm | typeof commands.deny): void {
    this.#send(device, reply(packet, command, this.#now(device)));
  }

  #encode(device: Gb26875Device, to: Packet, serial: number, command: Gb26875Command, args: Act['args']): Buffer {
    const { version, source, destination } = to;
    const { type } = downloads[command.send];
    const data = (): number[] => {
      if (command.send === 'clock') return [type, 1, ...this.#now(device)];
      if (command.send === 'inspect') return [type, 1, minutesOf(command.minutes, args)];
      return [type, 1, 0];
    };
    return encode({
      serial,
      version,
      time: this.#now(device),
      source: destination,
      destination: source,
      command: command.send === 'read-transmitter' ? commands.request : commands.control,
      data: Uint8Array.from(data()),
    });
  }

  #send(device: Gb26875Device, bytes: Buffer): void {
    this.#parts.line.send(bytes);
    this.#parts.line.note(device.id, { sent: bytes.toString('hex') });
  }

  /** Events are ordered by when they came; that the panel's clock is wrong is for the installer to see and to set. */
  #isSkewed(device: Gb26875Device, { time }: Packet): boolean {
    const sentAt = timeText(time, zoneOf(device));
    return sentAt === undefined || Math.abs(Date.parse(sentAt) - this.#parts.clock.now()) > skewMs;
  }

  #now(device: Gb26875Device): Uint8Array {
    return timeBytes(this.#parts.clock.now(), zoneOf(device));
  }
}

function minutesOf(minutes: number | string, args: Act['args']): number {
  const given = typeof minutes === 'number' ? minutes : Number(args[minutes.slice(1, -1)]);
  return Math.min(255, Math.max(1, Math.round(given) || 1));
}

const denied: ActOutcome = {
  state: 'refused',
  code: 'denied',
  zh: '传输装置拒绝了这条命令。',
  en: 'The transmitter denied this command.',
};
