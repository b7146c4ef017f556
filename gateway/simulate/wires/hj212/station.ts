import type { Clock, Timer } from '../../../clock.ts';
import { DialIn, type Faulty } from '../../dial-in.ts';

/** HJ 212-2017 as a station says it; written from the standard apart from the gateway's decoder. */

/** Annex A, bit by bit. */
function crcOf(text: string): number {
  let register = 0xffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    register = (register >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = register & 1;
      register >>= 1;
      if (carry === 1) register ^= 0xa001;
    }
  }
  return register;
}

/** A whole packet around its segment. */
export function packetBytes(segment: string): Buffer {
  const crc = crcOf(segment).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.from(`##${String(segment.length).padStart(4, '0')}${segment}${crc}\r\n`, 'latin1');
}

const zoneMs = 8 * 3_600_000;

function digits(at: number): string {
  return new Date(at + zoneMs).toISOString().replaceAll(/\D/g, '');
}

export interface Hj212Heard {
  readonly qn: string;
  readonly cn: string;
  readonly parameters: string;
}

function hear(bytes: Buffer): { taken: number; frames: Hj212Heard[] } {
  const text = bytes.toString('latin1');
  const frames = [...text.matchAll(/##\d{4}([^\r]*)[0-9A-F]{4}\r\n/g)].map(([, segment = '']) => ({
    qn: /QN=(\d+)/.exec(segment)?.[1] ?? '',
    cn: /CN=(\d+)/.exec(segment)?.[1] ?? '',
    parameters: /CP=&&(.*)&&/.exec(segment)?.[1] ?? '',
  }));
  return { taken: text.lastIndexOf('\n') + 1, frames };
}

/** A packet of another station, and a sum that fits. */
function readdressed(packet: Uint8Array): Uint8Array {
  const segment = Buffer.from(packet).toString('latin1').slice(6, -6);
  return packetBytes(segment.replace(/MN=([^;]*)/, 'MN=$1X'));
}

export interface StationOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly mn: string;
  readonly password?: string;
  /** 系统编码: 22 is air quality. */
  readonly st?: number;
  /** What is sent by itself, and how often. */
  readonly every?: { readonly ms: number; readonly values: () => Readonly<Record<string, number>> };
  readonly faulty?: Faulty;
}

/** A simulated station; data resolve when they have been answered (9014), and are sent again until then. */
export class SimulatedStation {
  readonly #options: StationOptions;
  readonly #line: DialIn<Hj212Heard>;
  #timer: Timer | null = null;
  #last = 0;
  /** Parameters of the requests it was sent, by their CN. */
  readonly requests: { readonly cn: string; readonly parameters: string }[] = [];

  constructor(options: StationOptions) {
    this.#options = options;
    this.#line = new DialIn({
      ...options,
      speech: { hear, answer: (frame) => this.#answer(frame), checksumFromEnd: 3, readdressed },
    });
    this.#beat();
  }

  get repeats(): number {
    return this.#line.repeats;
  }

  /** 实时数据 by factor; `flags` other than N by factor. */
  realtime(values: Readonly<Record<string, number>>, flags: Readonly<Record<string, string>> = {}): Promise<void> {
    const records = Object.entries(values).map(([code, value]) => `${code}-Rtd=${value},${code}-Flag=${flags[code] ?? 'N'}`);
    return this.say('2011', records);
  }

  /** 小时数据. */
  hour(values: Readonly<Record<string, number>>): Promise<void> {
    const records = Object.entries(values).map(
      ([code, value]) => `${code}-Avg=${value},${code}-Min=${value},${code}-Max=${value},${code}-Flag=N`,
    );
    return this.say('2061', records);
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

  /** A command with its records; resolves when it has been answered. */
  say(cn: string, records: readonly string[]): Promise<void> {
    const qn = this.#number();
    const parameters = [`DataTime=${qn.slice(0, 14)}`, ...records].join(';');
    return this.#line.ask(this.#packet(qn, cn, 5, parameters), (frame) => frame.cn === '9014' && frame.qn === qn);
  }

  /** QN, the time in milliseconds; no two are the same. */
  #number(): string {
    const { clock, faulty } = this.#options;
    const now = faulty?.device.clockAt(clock.now()) ?? clock.now();
    this.#last = now === this.#last ? now + 1 : now;
    return digits(this.#last);
  }

  #packet(qn: string, cn: string, flag: number, parameters: string): Buffer {
    const { mn, password = '123456', st = 22 } = this.#options;
    return packetBytes(`QN=${qn};ST=${st};CN=${cn};PW=${password};MN=${mn};Flag=${flag};CP=&&${parameters}&&`);
  }

  /** A request is accepted (9011) and carried out (9012). */
  #answer({ qn, cn, parameters }: Hj212Heard): Buffer | null {
    if (cn.startsWith('9') || cn === '') return null;
    this.requests.push({ cn, parameters });
    return Buffer.concat([this.#packet(qn, '9011', 4, 'QnRtn=1'), this.#packet(qn, '9012', 4, 'ExeRtn=1')]);
  }

  #beat(): void {
    const { every, clock } = this.#options;
    if (!every) return;
    this.#timer = clock.after(every.ms, () => {
      void this.realtime(every.values());
      this.#beat();
    });
  }
}
