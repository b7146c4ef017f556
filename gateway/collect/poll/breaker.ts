export interface BreakerOptions {
  /** Failed cycles in a row, and … */
  readonly failures: number;
  /** … this long since the first of them, milliseconds. */
  readonly afterMs: number;
  /** One probe per window; the window doubles from the first to the last. */
  readonly firstWindowMs: number;
  readonly lastWindowMs: number;
}

export const slaveBreaker: BreakerOptions = { failures: 3, afterMs: 1_000, firstWindowMs: 500, lastWindowMs: 10_000 };
/** On a wire that others need too, patience is at their expense. */
export const sharedBreaker: BreakerOptions = { ...slaveBreaker, failures: 2 };

/** Keeps a slave that does not answer from costing the others their time on the line. */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: 'closed' | 'open' | 'probing' = 'closed';
  #failures = 0;
  #failingSince = 0;
  #windowMs = 0;
  #nextProbe = 0;

  constructor(options: BreakerOptions = slaveBreaker) {
    this.#options = options;
  }

  get state(): 'closed' | 'open' | 'probing' {
    return this.#state;
  }

  /** Whether the slave may be asked now (monotonic ms). */
  mayAsk(now: number): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && now >= this.#nextProbe);
  }

  /** The slave is being asked; an open breaker lets one cycle through. */
  asked(): void {
    if (this.#state === 'open') this.#state = 'probing';
  }

  answered(): void {
    this.#state = 'closed';
    this.#failures = 0;
  }

  /** `isStranger`: it has never answered, and is not waited for. */
  failed(now: number, isStranger = false): void {
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    if (this.#state === 'closed' && isStranger) this.#reopen(now, this.#options.firstWindowMs);
    else if (this.#state === 'closed') this.#trip(now);
    else this.#reopen(now, Math.min(this.#options.lastWindowMs, this.#windowMs * 2));
  }

  /** The probe did not reach the slave: it says nothing about it. */
  undecided(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }

  #trip(now: number): void {
    const { failures, afterMs, firstWindowMs } = this.#options;
    if (this.#failures >= failures && now - this.#failingSince >= afterMs) this.#reopen(now, firstWindowMs);
  }

  #reopen(now: number, windowMs: number): void {
    this.#state = 'open';
    this.#windowMs = windowMs;
    this.#nextProbe = now + windowMs;
  }
}

/** Share of a shared line's time that probes of dead slaves may take. */
const probeShare = 0.05;
const savedMs = 2_000;

/** Half of a bus may be dead: its probes together take a bounded share of the line. */
export class ProbeBudget {
  #creditMs = savedMs;
  #since: number;
  #probing = false;

  constructor(now: number) {
    this.#since = now;
  }

  take(now: number): boolean {
    this.#creditMs = Math.min(savedMs, this.#creditMs + (now - this.#since) * probeShare);
    this.#since = now;
    if (this.#probing || this.#creditMs < 0) return false;
    this.#probing = true;
    return true;
  }

  /** The probe kept the line for `ms`. */
  spent(ms: number): void {
    this.#probing = false;
    this.#creditMs -= ms;
  }
}
