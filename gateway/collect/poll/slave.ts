import type { SerialShape } from '../line/dialect.ts';
import type { DeviceState } from '../driver.ts';
import { Breaker, type ProbeBudget, sharedBreaker, slaveBreaker } from './breaker.ts';
import { ExchangeLog } from './exchange-log.ts';
import type { Bus, Party } from './outcome.ts';

/** A slave that answers reads and not what it is told at a connect is left in peace after so many attempts. */
const mostTellings = 3;

export interface SlaveOptions<A> {
  readonly id: string;
  /** Unique on its bus. */
  readonly key: string;
  readonly bus: Bus<A>;
  /** Only where several slaves share the bus. */
  readonly budget?: ProbeBudget | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly gapMs?: number | undefined;
  readonly shape?: SerialShape | undefined;
  /** It must be told things when the wire has come up and after a silence. */
  readonly needsInit?: boolean;
}

/** What is known about one device: when it was heard, what it last failed with, whether it is worth asking. */
export class Slave<A> implements Party {
  readonly id: string;
  readonly key: string;
  readonly bus: Bus<A>;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly gapMs: number | undefined;
  readonly shape: SerialShape | undefined;
  readonly exchanges = new ExchangeLog();
  readonly #breaker: Breaker;
  readonly #budget: ProbeBudget | undefined;
  readonly #needsInit: boolean;
  #failures = 0;
  #heardAt: number | null = null;
  #fault: string | undefined;
  #isSuspect = false;
  #probingSince: number | undefined;
  /** The session of the bus in which it was told what it must know; undefined: it has to be told. */
  #toldIn: number | undefined;
  #tellings = 0;

  constructor(options: SlaveOptions<A>) {
    this.id = options.id;
    this.key = options.key;
    this.bus = options.bus;
    this.timeoutMs = options.timeoutMs;
    this.retries = options.retries;
    this.gapMs = options.gapMs;
    this.shape = options.shape;
    this.#budget = options.budget;
    this.#breaker = new Breaker(options.budget === undefined ? slaveBreaker : sharedBreaker);
    this.#needsInit = options.needsInit === true;
  }

  /** Whether it answered the last time it was asked; one alone on its wire is trusted before it has been. */
  get healthy(): boolean {
    return this.#failures === 0 && !this.#isStranger;
  }

  /** It shares a wire with others, and nobody has ever heard of it. */
  get #isStranger(): boolean {
    return this.#heardAt === null && this.#budget !== undefined;
  }

  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** One request was not answered. */
  unanswered(): void {
    this.#isSuspect = true;
  }

  /** Whether it has to be told what it must know, now that it answers. Says so once, until it is lost or did not hear it. */
  mustBeTold(): boolean {
    if (!this.#needsInit || this.#toldIn === this.bus.session()) return false;
    this.#toldIn = this.bus.session();
    this.#tellings += 1;
    return true;
  }

  /** It did not hear what it was told; it is told again in the next cycle, but not for ever. */
  toldInVain(): void {
    if (this.#tellings < mostTellings) this.#toldIn = undefined;
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
    this.#isSuspect = false;
    this.#heardAt = at;
    this.#fault = undefined;
    return changed;
  }

  /** A whole cycle brought no answer; `blameless`: the wire was not there. Returns whether its state changed. */
  failed(fault: string, blameless: boolean, now: number): boolean {
    const before = this.#breaker.state;
    if (blameless) this.#breaker.undecided();
    else this.#breaker.failed(now, this.#isStranger);
    this.#settle(now);
    this.#failures += 1;
    this.#toldIn = undefined;
    this.#tellings = 0;
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
