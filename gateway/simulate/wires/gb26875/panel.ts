import type { Clock, Timer } from '../../../clock.ts';
import { DialIn, type Faulty } from '../../dial-in.ts';
import {
  frameBytes,
  fromElsewhere,
  hearFrames,
  type HeardFrame,
  partAnalogue,
  partState,
  type SimulatedPart,
  transmitterOperation,
  transmitterState,
} from './frames.ts';

export interface PanelOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** 源地址; real devices often say 0. */
  readonly source?: number;
  readonly destination?: number;
  /** Between heartbeats; none without it. */
  readonly heartbeatMs?: number;
  /** What the device's clock is off by. */
  readonly clockOffMs?: number;
  readonly faulty?: Faulty;
}

const zoneMs = 8 * 3_600_000;

/**
 * A simulated user information transmitter (用户信息传输装置) with a panel behind it: registers, sends heartbeats, and each
 * thing it says resolves when the gateway has confirmed it; until then it is said again.
 */
export class SimulatedPanel {
  readonly #options: PanelOptions;
  readonly #line: DialIn<HeardFrame>;
  #serial = 0;
  #timer: Timer | null = null;
  #offMs: number;
  /** Minutes of the inspections that were asked for. */
  readonly inspections: number[] = [];

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#offMs = options.clockOffMs ?? 0;
    const speech = {
      hear: hearFrames,
      greeting: () => [this.#frame(2, [])],
      answer: (frame: HeardFrame) => this.#answer(frame),
      checksumFromEnd: 3,
      readdressed: fromElsewhere,
    };
    this.#line = new DialIn({ ...options, speech });
    this.#beat();
  }

  get repeats(): number {
    return this.#line.repeats;
  }

  /** `flags` as in `state`; 0 is the restore. */
  part(part: SimulatedPart, flags: number): Promise<void> {
    return this.say(partState(part, flags, this.#local()));
  }

  analogue(part: SimulatedPart, quantity: number, raw: number): Promise<void> {
    return this.say(partAnalogue(part, quantity, raw, this.#local()));
  }

  transmitter(flags: number): Promise<void> {
    return this.say(transmitterState(flags, this.#local()));
  }

  operation(flags: number, operator = 0): Promise<void> {
    return this.say(transmitterOperation(flags, operator, this.#local()));
  }

  heartbeat(): Promise<void> {
    return this.say([]);
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

  /** Application data of an upload. */
  say(data: readonly number[]): Promise<void> {
    const bytes = this.#frame(2, data);
    const serial = this.#serial;
    return this.#line.ask(bytes, (frame) => frame.command === 3 && frame.serial === serial);
  }

  #frame(command: number, data: readonly number[], serial = (this.#serial = (this.#serial + 1) & 0xffff)): Buffer {
    const { source = 0, destination = 100 } = this.#options;
    return frameBytes({ serial, source, destination, command, data, local: this.#local() });
  }

  /** A clock that is set is right from then on; an inspection is noted; both are confirmed with their own serial. */
  #answer({ serial, command, type, data }: HeardFrame): Buffer | null {
    if (command === 4 && type === 81) return this.#frame(5, transmitterState(0, this.#local()), serial);
    if (command !== 1) return null;
    if (type === 90) this.#offMs = 0;
    if (type === 91) this.inspections.push(data[2] ?? 0);
    return this.#frame(type === 90 || type === 91 ? 3 : 6, [], serial);
  }

  #beat(): void {
    const { heartbeatMs, clock } = this.#options;
    if (heartbeatMs === undefined) return;
    this.#timer = clock.after(heartbeatMs, () => {
      void this.heartbeat();
      this.#beat();
    });
  }

  #local(): number {
    const { clock, faulty } = this.#options;
    return (faulty?.device.clockAt(clock.now()) ?? clock.now()) + zoneMs + this.#offMs;
  }
}
