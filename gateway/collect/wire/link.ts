import type { Clock } from '../../clock.ts';
import type { SerialShape } from '../line/dialect.ts';
import type { Counters } from '../poll/counters.ts';
import type { Problem } from '../poll/outcome.ts';
import type { Route, Routes, Wire } from './wire.ts';

export interface LinkEvents {
  up(): void;
  data(chunk: Buffer): void;
  /** The wire is gone; `failed` when it never came up. */
  down(problem: Problem, failed: boolean): void;
  /** The bytes come from another wire from now on: the first host is used again. */
  moved(): void;
}

export interface LinkOptions {
  readonly routes: Routes;
  /** Losses in a row without one good answer, after which the other way is taken. */
  readonly fallBackAfter?: number | undefined;
  readonly clock: Clock;
  /** 0…1, for jitter. */
  readonly chance: () => number;
  readonly counters: Counters;
  readonly maxBackoffMs: number;
}

const firstBackoffMs = 250;
/** How long the second host is used before the first is looked at again; doubles while that is in vain. */
const homeAfterMs = 30_000;
const homeAtMostMs = 600_000;

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
  #sessions = 0;
  #isAway = false;
  /** Losses of the way in use since its last good answer. */
  #losses = 0;
  /** Why the first way was left. */
  #homeProblem: Problem | undefined;
  #homeWaitMs = homeAfterMs;
  #homeAt = Infinity;
  /** The first host, tried while the second is in use. */
  #home: { wire: Wire; isOpen: boolean; isTaken: boolean } | undefined;

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

  /** How often it has come up. */
  get sessions(): number {
    return this.#sessions;
  }

  /** That the second host is in use, and why. */
  get note(): Problem | undefined {
    const [first, second] = this.#options.routes;
    if (!this.#isAway || second === undefined) return undefined;
    return {
      zh: `正在使用备用主机 ${second.where}。主用 ${first.where} 不可用：${this.#homeProblem?.zh ?? ''}恢复后自动切回。`,
      en: `The second host ${second.where} is in use, because of the first: ${this.#homeProblem?.en ?? first.where} It is used again when it answers.`,
    };
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
    if (this.#sessions > 0) counters.reconnects += 1;
    this.#wire = this.#route().dial({
      open: () => this.#opened(),
      data: (chunk) => this.#received(chunk),
      lost: (problem) => this.#lost(problem),
    });
  }

  /** The peer is known to be there: it is tried at once, whatever the back-off says. */
  nudge(): void {
    this.#notBefore = -Infinity;
    this.open();
  }

  send(bytes: Uint8Array): void {
    this.#options.counters.bytes_sent += bytes.length;
    this.#wire?.write(bytes);
  }

  get canRetune(): boolean {
    return this.#wire?.retune !== undefined;
  }

  /** Rejects when the wire was lost by it; `down` has been called then. */
  async retune(shape: SerialShape): Promise<void> {
    this.#options.counters.retunes += 1;
    await this.#wire?.retune?.(shape);
  }

  /** The peer talks sense: the next loss is answered by a reconnect at once. */
  good(): void {
    this.#failures = 0;
    this.#losses = 0;
    if (!this.#isAway) this.#homeWaitMs = homeAfterMs;
  }

  /** Closes the wire because what came over it cannot be trusted. */
  reset(problem: Problem): void {
    if (this.#state !== 'up') return;
    void this.#wire?.close();
    this.#lost(problem);
  }

  /** Called when nothing is under way: the moment to look at the first host again, and to go back to it. */
  settle(): void {
    if (!this.#isAway || this.#state !== 'up') return;
    if (this.#home?.isOpen === true) this.#goHome(this.#home);
    else if (this.#home === undefined && this.#options.clock.mono() >= this.#homeAt) this.#tryHome();
  }

  /** Resolves when the wire is free for somebody else. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    const wires = [this.#wire, this.#home?.wire].filter((wire) => wire !== undefined);
    this.#wire = undefined;
    this.#home = undefined;
    await Promise.all(wires.map((wire) => wire.close()));
  }

  #route(): Route {
    const [first, second] = this.#options.routes;
    return this.#isAway ? (second ?? first) : first;
  }

  #opened(): void {
    this.#state = 'up';
    this.#sessions += 1;
    this.#problem = undefined;
    this.#events.up();
  }

  #received(chunk: Buffer): void {
    this.#options.counters.bytes_received += chunk.length;
    this.#events.data(chunk);
  }

  #lost(problem: Problem): void {
    if (this.#state === 'stopped') return;
    const failed = this.#state === 'connecting';
    this.#state = 'idle';
    this.#wire = undefined;
    this.#problem = problem;
    this.#notBefore = this.#options.clock.mono() + this.#backoff(failed);
    this.#losses += 1;
    if (this.#losses >= (this.#options.fallBackAfter ?? Infinity)) this.#changeRoute(problem);
    this.#events.down(problem, failed);
  }

  #changeRoute(problem: Problem): void {
    if (this.#options.routes[1] === undefined) return;
    this.#losses = 0;
    // The other way is tried at once, unless both have been in vain already.
    if (this.#failures <= 2 * (this.#options.fallBackAfter ?? 0)) this.#notBefore = -Infinity;
    this.#options.counters.host_changes += 1;
    if (!this.#isAway) {
      this.#homeProblem = problem;
      this.#homeAt = this.#options.clock.mono() + this.#homeWaitMs;
      this.#homeWaitMs = Math.min(homeAtMostMs, this.#homeWaitMs * 2);
    }
    this.#isAway = !this.#isAway;
    void this.#home?.wire.close();
    this.#home = undefined;
  }

  #tryHome(): void {
    const home: { wire: Wire; isOpen: boolean; isTaken: boolean } = {
      wire: { write: () => undefined, close: () => Promise.resolve() },
      isOpen: false,
      isTaken: false,
    };
    this.#home = home;
    home.wire = this.#options.routes[0].dial({
      open: () => (home.isOpen = true),
      data: (chunk) => home.isTaken && this.#received(chunk),
      lost: (problem) => (home.isTaken ? this.#lost(problem) : this.#homeFailed(home, problem)),
    });
  }

  #homeFailed(home: object, problem: Problem): void {
    if (this.#home !== home) return;
    this.#home = undefined;
    this.#homeProblem = problem;
    this.#homeAt = this.#options.clock.mono() + this.#homeWaitMs;
    this.#homeWaitMs = Math.min(homeAtMostMs, this.#homeWaitMs * 2);
  }

  /** One more loss without a good answer, and the second host is used again: the first has yet to prove itself. */
  #goHome(home: { wire: Wire; isTaken: boolean }): void {
    void this.#wire?.close();
    this.#wire = home.wire;
    home.isTaken = true;
    this.#home = undefined;
    this.#isAway = false;
    this.#sessions += 1;
    this.#losses = (this.#options.fallBackAfter ?? Infinity) - 1;
    this.#options.counters.host_changes += 1;
    this.#events.moved();
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
