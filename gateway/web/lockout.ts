import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';

interface Tries {
  failures: number;
  /** Monotonic ms. */
  until: number;
  lastMono: number;
}

/**
 * Wrong passwords cost time: after a few in a row an address waits, twice as long each time, and all addresses together have
 * so many tries a minute. Asked before anything is hashed. Holds so many addresses; past it the oldest is forgotten.
 */
export class Lockout {
  readonly #clock: Clock;
  readonly #tries = new Map<string, Tries>();
  #window = { endsMono: 0, used: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one try. Milliseconds to wait where there is none to take; 0 otherwise. */
  take(address: string): number {
    const mono = this.#clock.mono();
    const wait = (this.#tries.get(address)?.until ?? 0) - mono;
    if (wait > 0) return wait;
    if (mono >= this.#window.endsMono) this.#window = { endsMono: mono + 60_000, used: 0 };
    if (this.#window.used >= limits.signInsPerMinute) return this.#window.endsMono - mono;
    this.#window.used++;
    return 0;
  }

  failed(address: string): void {
    const mono = this.#clock.mono();
    const known = this.#tries.get(address);
    const before = known && mono - known.lastMono < limits.lockoutForgetMs ? known.failures : 0;
    const failures = before + 1;
    const over = failures - limits.wrongBeforeLockout;
    const waitMs = over < 0 ? 0 : Math.min(limits.lockoutMostMs, limits.lockoutMs * 2 ** over);
    this.#tries.delete(address);
    const oldest = this.#tries.size >= limits.lockoutAddresses ? this.#tries.keys().next() : undefined;
    if (oldest && !oldest.done) this.#tries.delete(oldest.value);
    this.#tries.set(address, { failures, until: mono + waitMs, lastMono: mono });
  }

  succeeded(address: string): void {
    this.#tries.delete(address);
  }
}
