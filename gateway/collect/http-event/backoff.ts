import type { Chance } from '../../random.ts';

/** Growing waits, a quarter up or down by chance, so that a hundred cameras behind one switch do not come back in step. */
export class Backoff {
  readonly #first: number;
  readonly #last: number;
  readonly #chance: Chance;
  #next: number;

  constructor(firstMs: number, lastMs: number, chance: Chance) {
    this.#first = firstMs;
    this.#last = lastMs;
    this.#next = firstMs;
    this.#chance = chance;
  }

  reset(): void {
    this.#next = this.#first;
  }

  waitMs(): number {
    const wait = this.#next;
    this.#next = Math.min(this.#next * 2, this.#last);
    return Math.round(wait * (0.75 + this.#chance() / 2));
  }
}
