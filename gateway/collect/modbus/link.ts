import type { Clock } from '../../clock.ts';
import type { Counters } from './counters.ts';
import type { Problem } from './outcome.ts';
import type { Dial, Wire } from './wire.ts';

export interface LinkEvents {
  up(): void;
  data(chunk: Buffer): void;
  /** The wire is gone; `failed` when it never came up. */
  down(problem: Problem, failed: boolean): void;
}

export interface LinkOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  /** 0…1, for jitter. */
  readonly chance: () => number;
  readonly counters: Counters;
  readonly maxBackoffMs: number;
}

const firstBackoffMs = 250;

/**
 * Keeps one wire. It is opened when somebody needs it and the back-off has passed: the polls drive it, so a thousand
 * absent devices cost no timers.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  #wire: Wire | undefined;
  #state: 'idle' | 'connecting' | 'up' | 'stopped' = 'idle';
  #problem: Problem | undefined;
  /** Failures since the last good answer. */
  #failures = 0;
  #notBefore = -Infinity;
  #everUp = false;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  state(): 'up' | 'connecting' | 'down' {
    if (this.#state === 'up' || this.#state === 'connecting') return this.#state;
    return this.#problem || this.#state === 'stopped' ? 'down' : 'connecting';
  }

  /** Whether a request may be queued: the wire is up, coming, or may be tried again now. */
  get hopeful(): boolean {
    if (this.#state === 'up' || this.#state === 'connecting') return true;
    return this.#state === 'idle' && this.#options.clock.mono() >= this.#notBefore;
  }

  open(): void {
    if (this.#state !== 'idle' || !this.hopeful) return;
    this.#state = 'connecting';
    const { counters } = this.#options;
    counters.connects += 1;
    if (this.#everUp) counters.reconnects += 1;
    this.#wire = this.#options.dial({
      open: () => this.#opened(),
      data: (chunk) => this.#received(chunk),
      lost: (problem) => this.#lost(problem),
    });
  }

  send(bytes: Uint8Array): void {
    this.#options.counters.bytes_sent += bytes.length;
    this.#wire?.write(bytes);
  }

  /** The peer talks sense: the next loss is answered by a reconnect at once. */
  good(): void {
    this.#failures = 0;
  }

  /** Closes the wire because what came over it cannot be trusted. */
  reset(problem: Problem): void {
    if (this.#state !== 'up') return;
    void this.#wire?.close();
    this.#lost(problem);
  }

  /** Resolves when the wire is free for somebody else. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    const wire = this.#wire;
    this.#wire = undefined;
    await wire?.close();
  }

  #opened(): void {
    this.#state = 'up';
    this.#everUp = true;
    this.#problem = undefined;
    this.#events.up();
  }

  #received(chunk: Buffer): void {
    this.#options.counters.bytes_received += chunk.length;
    this.#events.data(chunk);
  }

  #lost(problem: Problem): void {
    const failed = this.#state === 'connecting';
    this.#state = 'idle';
    this.#wire = undefined;
    this.#problem = problem;
    this.#notBefore = this.#options.clock.mono() + this.#backoff(failed);
    this.#events.down(problem, failed);
  }

  /** Nothing after a good answer, then doubling up to the limit, each time between half and all of it. */
  #backoff(failed: boolean): number {
    const step = failed ? this.#failures : this.#failures - 1;
    this.#failures += 1;
    if (step < 0) return 0;
    const whole = Math.min(this.#options.maxBackoffMs, firstBackoffMs * 2 ** Math.min(step, 10));
    return whole * (0.5 + this.#options.chance() / 2);
  }
}
