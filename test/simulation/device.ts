import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../gateway/clock.ts';
import type { Seeded } from './seeded.ts';

const ackWithinMs = 1_500;

/** A device that numbers what it says, and says each thing until it is acked, one at a time. */
export class Device {
  readonly id: string;
  /** Numbers the gateway said it has. */
  readonly acked = new Set<number>();
  /** How often each number was sent. */
  readonly sent = new Map<number, number>();
  readonly #clock: Clock;
  readonly #random: Seeded;
  readonly #emit: (frame: Frame) => Promise<void>;
  #number = 0;
  #temperature = 38;
  #running = false;

  constructor(id: string, clock: Clock, random: Seeded, emit: (frame: Frame) => Promise<void>) {
    this.id = id;
    this.#clock = clock;
    this.#random = random;
    this.#emit = emit;
  }

  start(everyMs: number): void {
    this.#running = true;
    this.#clock.after(this.#random.whole(0, everyMs), () => this.#next(everyMs));
  }

  stop(): void {
    this.#running = false;
  }

  #next(everyMs: number): void {
    if (!this.#running) return;
    this.#number++;
    this.#temperature = Math.min(46, Math.max(32, this.#temperature + this.#random.whole(-4, 4)));
    this.#say(this.#number, this.#temperature, () => this.#clock.after(everyMs, () => this.#next(everyMs)));
  }

  #say(n: number, t: number, then: () => void): void {
    if (!this.#running) return;
    this.sent.set(n, (this.sent.get(n) ?? 0) + 1);
    let settled = false;
    const again = () => {
      if (settled) return;
      settled = true;
      this.#say(n, t, then);
    };
    const timer = this.#clock.after(ackWithinMs, again);
    const frame: Frame = {
      device: this.id,
      at: this.#clock.now(),
      body: { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(JSON.stringify({ n, t })) },
    };
    this.#emit(frame).then(
      () => {
        timer.cancel();
        this.acked.add(n);
        if (settled) return;
        settled = true;
        then();
      },
      () => undefined,
    );
  }
}
