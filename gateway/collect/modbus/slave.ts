import type { DeviceState } from '../driver.ts';
import { Breaker, type ProbeBudget } from './breaker.ts';
import type { Bus } from './outcome.ts';

export interface SlaveOptions {
  readonly id: string;
  readonly unit: number;
  readonly bus: Bus;
  /** Only where several slaves share the bus. */
  readonly budget: ProbeBudget | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly gapMs: number | undefined;
}

/** What is known about one device: when it was heard, what it last failed with, whether it is worth asking. */
export class Slave {
  readonly id: string;
  readonly unit: number;
  readonly bus: Bus;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly gapMs: number | undefined;
  readonly #breaker = new Breaker();
  readonly #budget: ProbeBudget | undefined;
  #failures = 0;
  #heardAt: number | null = null;
  #fault: string | undefined;
  #probingSince: number | undefined;

  constructor(options: SlaveOptions) {
    this.id = options.id;
    this.unit = options.unit;
    this.bus = options.bus;
    this.timeoutMs = options.timeoutMs;
    this.retries = options.retries;
    this.gapMs = options.gapMs;
    this.#budget = options.budget;
  }

  /** Whether it answered the last time it was asked. */
  get healthy(): boolean {
    return this.#failures === 0;
  }

  /** Whether a cycle may begin at `now` (monotonic ms); an open breaker lets one probe through. */
  begin(now: number): boolean {
    if (!this.#breaker.mayAsk(now)) return false;
    if (this.#breaker.state === 'closed') return true;
    if (this.#budget && !this.#budget.take(now)) return false;
    this.#breaker.asked();
    this.#probingSince = now;
    return true;
  }

  /** The slave answered, if only with a refusal. `at`: wall clock. Returns whether its state changed. */
  heard(at: number, now: number): boolean {
    const changed = this.#failures > 0 || this.#heardAt === null;
    this.#breaker.answered();
    this.#settle(now);
    this.#failures = 0;
    this.#heardAt = at;
    this.#fault = undefined;
    return changed;
  }

  /** A whole cycle brought no answer; `blameless`: the wire was not there. Returns whether its state changed. */
  failed(fault: string, blameless: boolean, now: number): boolean {
    const before = this.#breaker.state;
    if (blameless) this.#breaker.undecided();
    else this.#breaker.failed(now);
    this.#settle(now);
    this.#failures += 1;
    const changed = this.#failures === 1 || this.#fault !== fault || this.#breaker.state !== before;
    this.#fault = fault;
    return changed;
  }

  /** A cycle is over; one that asked nothing says nothing about the slave. */
  ended(now: number): void {
    this.#breaker.undecided();
    this.#settle(now);
  }

  state(): DeviceState {
    const state = { heardAt: this.#heardAt, failures: this.#failures, breaker: this.#breaker.state };
    return this.#fault === undefined ? state : { ...state, fault: this.#fault };
  }

  #settle(now: number): void {
    if (this.#probingSince === undefined) return;
    this.#budget?.spent(now - this.#probingSince);
    this.#probingSince = undefined;
  }
}
