import type { Clock, Timer } from '../../../clock.ts';
import { DialIn, type Faulty } from '../../dial-in.ts';

/** "DNY" as a charging pile says it; written from the maker's public papers apart from the gateway's decoder. */

export interface DnyHeard {
  readonly message: number;
  readonly command: number;
  readonly data: Buffer;
}

export const low = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256);

/** `id`: as a number, the first byte says what it is (0x04 a double socket). */
export function dnyBytes(id: number, message: number, command: number, data: readonly number[]): Buffer {
  const bytes = [0x44, 0x4e, 0x59, ...low(9 + data.length, 2), ...low(id, 4), ...low(message, 2), command, ...data];
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return Buffer.from([...bytes, ...low(sum, 2)]);
}

function hear(bytes: Buffer): { taken: number; frames: DnyHeard[] } {
  const frames: DnyHeard[] = [];
  let at = 0;
  while (bytes.length - at >= 14) {
    const total = 5 + bytes.readUInt16LE(at + 3);
    if (bytes.length - at < total) break;
    frames.push({
      message: bytes.readUInt16LE(at + 9),
      command: bytes[at + 11] as number,
      data: Buffer.from(bytes.subarray(at + 12, at + total - 2)),
    });
    at += total;
  }
  return { taken: at, frames };
}

/** A packet of another pile, and a sum that fits; the modem's own words are of nobody. */
function readdressed(packet: Uint8Array): Uint8Array {
  const bytes = Buffer.from(packet);
  if (bytes.length < 14) return bytes;
  return dnyBytes(bytes.readUInt32LE(5) ^ 1, bytes.readUInt16LE(9), bytes[11] ?? 0, [...bytes.subarray(12, -2)]);
}

/** 0x21: volts, and the state of each port (0 idle, 1 charging, 9 relay stuck, …). */
export function heartbeatData(volts: number, states: readonly number[], celsius: number): number[] {
  return [...low(Math.round(volts * 10), 2), states.length, ...states, 0, celsius + 65];
}

/** 0x06 of a port (from 0): watts, kWh so far, seconds so far, order number. */
export function chargingData(
  port: number,
  watts: number,
  kilowattHours: number,
  seconds: number,
  order: readonly number[],
): number[] {
  const power = low(Math.round(watts * 10), 2);
  return [
    port,
    1,
    ...low(seconds, 2),
    ...low(Math.round(kilowattHours * 100), 2),
    1,
    ...power,
    ...power,
    ...power,
    ...power,
    ...order.slice(0, 16),
  ];
}

export interface PileOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly id: number;
  readonly ports?: number;
  /** Between heartbeats; none without it. */
  readonly heartbeatMs?: number;
  readonly faulty?: Faulty;
}

export const order = [0x20, 0x26, 0x05, 0x03, 0x10, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/** A simulated charging pile; what it says that is to be acked resolves when it is, and is said again until then. */
export class SimulatedPile {
  readonly #options: PileOptions;
  readonly #line: DialIn<DnyHeard>;
  readonly #states: number[];
  #message = 0;
  #timer: Timer | null = null;
  /** Commands it was given that it carried out. */
  readonly done: { readonly command: number; readonly data: Buffer }[] = [];

  constructor(options: PileOptions) {
    this.#options = options;
    this.#states = Array.from({ length: options.ports ?? 2 }, () => 0);
    // What a modem sends by itself before the pile says a word.
    const greeting = () => [Buffer.from('89860429165872938875', 'latin1')];
    this.#line = new DialIn({ ...options, speech: { hear, greeting, answer: (frame) => this.#answer(frame), readdressed } });
    this.#beat();
  }

  get repeats(): number {
    return this.#line.repeats;
  }

  heartbeat(volts = 221, celsius = 25): Promise<void> {
    return this.ask(0x21, heartbeatData(volts, this.#states, celsius));
  }

  /** Resolves with the pile's clock set. */
  askTime(): Promise<void> {
    return this.ask(0x22, []);
  }

  /** Port from 0; not acked by the protocol. */
  async charging(port: number, watts: number): Promise<void> {
    this.#states[port] = 1;
    await this.tell(0x06, chargingData(port, watts, 0.48, 3_600, order));
  }

  /** 0x03: a charge is over, with the reason for it. */
  async settled(port: number, reason: number): Promise<void> {
    this.#states[port] = 0;
    await this.ask(0x03, [...low(3_600, 2), ...low(1_000, 2), ...low(48, 2), port, 1, 0, 0, 0, 0, reason, ...order]);
  }

  /** 0x42: 4 smoke, 5 heat, 3 fusible link, …; not acked by the protocol. */
  async alarm(kind: number, port = 0): Promise<void> {
    await this.tell(0x42, [kind, port, 0]);
  }

  state(port: number, state: number): void {
    this.#states[port] = state;
  }

  link(): Promise<void> {
    return this.#line.tell(Buffer.from('link', 'latin1'));
  }

  drop(): void {
    this.#line.drop();
  }

  failed(): void {
    this.#line.failed();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#line.stop();
  }

  /** What the protocol acks. */
  ask(command: number, data: readonly number[]): Promise<void> {
    const message = (this.#message = (this.#message + 1) & 0xffff);
    const bytes = dnyBytes(this.#options.id, message, command, data);
    return this.#line.ask(bytes, (frame) => frame.command === command && frame.message === message);
  }

  /** What it does not. */
  tell(command: number, data: readonly number[]): Promise<void> {
    const message = (this.#message = (this.#message + 1) & 0xffff);
    return this.#line.tell(dnyBytes(this.#options.id, message, command, data));
  }

  #answer({ message, command, data }: DnyHeard): Buffer | null {
    const { id } = this.#options;
    if (command === 0x81) return dnyBytes(id, message + 1, 0x21, heartbeatData(221, this.#states, 25));
    if (command !== 0x82 && command !== 0x96) return null;
    this.done.push({ command, data });
    if (command === 0x96) return dnyBytes(id, message, command, [0]);
    const port = data[5] ?? 0;
    this.#states[port] = 2;
    return dnyBytes(id, message, command, [0, ...data.subarray(9, 25), port, 0, 0]);
  }

  #beat(): void {
    const { heartbeatMs, clock } = this.#options;
    if (heartbeatMs === undefined) return;
    this.#timer = clock.after(heartbeatMs, () => {
      void this.heartbeat();
      this.#beat();
    });
  }
}
