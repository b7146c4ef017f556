import type { Clock, Timer } from '../gateway/clock.ts';

interface Waiting {
  readonly dueMono: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock turned by hand: time stands still until `advance`, and every timer runs at its own moment, in order. */
export class HandClock implements Clock {
  #wall: number;
  #mono = 0;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + this.#mono;
  }

  mono(): number {
    return this.#mono;
  }

  /** The wall clock jumps; durations do not. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  after(ms: number, run: () => void): Timer {
    const waiting: Waiting = { dueMono: this.#mono + ms, order: this.#order++, run };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = this.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        timer.cancel();
        reject(signal.reason as Error);
      });
    });
  }

  /** Lets `ms` go by; promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms;
    for (;;) {
      await settle();
      const next = [...this.#waiting]
        .filter(({ dueMono }) => dueMono <= end)
        .sort((a, b) => a.dueMono - b.dueMono || a.order - b.order)[0];
      if (!next) break;
      this.#waiting.delete(next);
      this.#mono = next.dueMono;
      next.run();
    }
    this.#mono = end;
    await settle();
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
