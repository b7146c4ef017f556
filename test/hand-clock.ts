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
  /** Soonest last. */
  readonly #waiting: Waiting[] = [];

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
    // Among equals the first made runs first: it stands behind them.
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.dueMono ?? 0) <= waiting.dueMono) at--;
    this.#waiting.splice(at, 0, waiting);
    return {
      cancel: () => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
      },
    };
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
      const next = this.#waiting.at(-1);
      if (!next || next.dueMono > end) break;
      this.#waiting.pop();
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
