import type { Clock, Timer } from '../../../clock.ts';
import { DialIn, type Faulty } from '../../dial-in.ts';

/** DC-09 as an alarm host says it; written from the standard apart from the gateway's decoder. */

export interface Dc09Heard {
  readonly id: string;
  readonly seq: string;
}

/** The CRC of DC-09, bit by bit: polynomial 0xA001 from the right, begins with 0. */
function crcOf(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');

/** A whole message around its body. */
export function messageBytes(body: string): Buffer {
  return Buffer.from(`\n${hex(crcOf(body), 4)}0${hex(body.length, 3)}${body}\r`, 'latin1');
}

/** `HH:MM:SS,MM-DD-YYYY` of ms since 1970 read as UTC. */
export function stamp(at: number): string {
  const time = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  return `${clock},${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())}-${time.getUTCFullYear()}`;
}

function hear(bytes: Buffer): { taken: number; frames: Dc09Heard[] } {
  const text = bytes.toString('latin1');
  const frames = [...text.matchAll(/\n[0-9A-F]{8}"\*?([A-Z-]+)"(\d{4})[^\r]*\r/g)].map(([, id = '', seq = '']) => ({ id, seq }));
  return { taken: text.lastIndexOf('\r') + 1, frames };
}

/** A message of another account, and a sum that fits. */
function readdressed(message: Uint8Array): Uint8Array {
  const body = Buffer.from(message).toString('latin1').slice(9, -1);
  return messageBytes(body.replace(/#(\w+)\[/, '#9$1['));
}

export interface AlarmHostOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly account: string;
  /** Between NULL messages; none without it. */
  readonly heartbeatMs?: number;
  readonly faulty?: Faulty;
}

/** A simulated alarm host: each thing it says resolves when it has been acked; until then it is said again. */
export class SimulatedAlarmHost {
  readonly #options: AlarmHostOptions;
  readonly #line: DialIn<Dc09Heard>;
  #seq = 0;
  #timer: Timer | null = null;

  constructor(options: AlarmHostOptions) {
    this.#options = options;
    this.#line = new DialIn({ ...options, speech: { hear, readdressed } });
    this.#beat();
  }

  get repeats(): number {
    return this.#line.repeats;
  }

  /** `code` with its qualifier in front, such as 1130 for a burglary and 3130 for its end. */
  event(code: string, zone: number, group = 0): Promise<void> {
    const two = String(group).padStart(2, '0');
    return this.say('ADM-CID', `#${this.#options.account}|${code} ${two} ${String(zone).padStart(3, '0')}`);
  }

  heartbeat(): Promise<void> {
    return this.say('NULL', '');
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

  /** `data`: what stands in the brackets behind the account. */
  say(id: string, data: string): Promise<void> {
    this.#seq = (this.#seq % 9_999) + 1;
    const seq = String(this.#seq).padStart(4, '0');
    const { account, clock, faulty } = this.#options;
    const at = faulty?.device.clockAt(clock.now()) ?? clock.now();
    const bytes = messageBytes(`"${id}"${seq}R1L0#${account}[${data}]_${stamp(at)}`);
    return this.#line.ask(bytes, (frame) => frame.seq === seq && (frame.id === 'ACK' || frame.id === 'DUH'));
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
