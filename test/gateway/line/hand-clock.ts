import type { Clock } from '../../../gateway/clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lets promises that are already settled run their course. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await Promise.resolve();
}

/** A clock that stands still until it is turned; what is due runs in order of its time. */
export class HandClock implements Clock {
  #mono = 0;
  #order = 0;
  readonly #dues = new Set<Due>();

  now(): number {
    return 1_700_000_000_000 + this.#mono;
  }

  mono(): number {
    return this.#mono;
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const due = { at: this.#mono + ms, order: (this.#order += 1), run };
    this.#dues.add(due);
    return { cancel: () => void this.#dues.delete(due) };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  get waiting(): number {
    return this.#dues.size;
  }

  /** Time passes and nothing runs: the machine slept, or the loop was blocked. */
  stall(ms: number): void {
    this.#mono += ms;
  }

  async turn(ms: number): Promise<void> {
    const end = this.#mono + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#dues.delete(next);
      this.#mono = Math.max(this.#mono, next.at);
      next.run();
      await settle();
    }
    this.#mono = end;
  }

  #next(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#dues) {
      if (first === undefined || due.at < first.at || (due.at === first.at && due.order < first.order)) first = due;
    }
    return first;
  }
}
