import type { Boot, Clock, Stamp, Timer } from './clock.ts';

/**
 * No gateway with this program ran before: a wall clock that says so is wrong. Well before the first release, so that a
 * clock that is right is never doubted, and after every date that machines without a battery begin with.
 */
export const notBeforeMs = Date.UTC(2025, 5, 1);
/** Two clocks that differ by less agree. */
const toleranceMs = 2_000;
/** A wall clock that moves by more against the monotonic one has been set. */
const stepMs = 1_000;

/** What tells the time: the time since boot, while nothing better is known; the system's clock; or our own reckoning from when a better word was heard. */
export type ClockSource = 'uptime' | 'system' | 'own';

export interface ClockChange {
  readonly what: 'trusted' | 'stepped';
  /** `trusted`: add this to what was stamped by uptime. `stepped`: how far the clock jumped. */
  readonly shiftMs: number;
  readonly by: 'system' | 'cloud';
}

export interface TrustOptions {
  /** The system's. */
  readonly base: Clock;
  readonly boot: Boot;
  /** The system says that its clock follows a time server. */
  readonly isSynchronised: () => boolean;
}

/**
 * 可信时钟: the gateway's clock. At first the system's is believed where it is not before this program, nor before what was
 * last written; until then things are stamped by the time since boot, which no setting of a clock disturbs. What the cloud
 * says is believed before a system clock that follows no time server.
 */
export class TrustedClock implements Clock {
  readonly #options: TrustOptions;
  readonly #startMono: number;
  /** Wall minus monotonic: of the system's clock as last seen, or of our own reckoning. */
  #offset: number;
  #source: ClockSource = 'uptime';
  /** Wall time that was trusted when the last commit was made. */
  #lastMs: number | null = null;

  constructor(options: TrustOptions) {
    this.#options = options;
    this.#startMono = options.base.mono();
    this.#offset = this.#systemOffset();
    if (this.#isPlausible()) this.#source = 'system';
  }

  /** What the disk knows, told before anything is stamped: the clock is not behind what was last written. */
  remember(lastMs: number | null): void {
    this.#lastMs = lastMs;
    if (!this.#isPlausible()) this.#source = 'uptime';
  }

  get boot(): string {
    return this.#options.boot.id;
  }

  get source(): ClockSource {
    return this.#source;
  }

  /** How far the system's clock is from what is believed now, milliseconds; 0 while nothing is. */
  get systemErrorMs(): number {
    return this.#source === 'own' ? Math.round(this.#systemOffset() - this.#offset) : 0;
  }

  now(): number {
    const { base } = this.#options;
    if (this.#source === 'system') return base.now();
    return Math.round(this.#source === 'own' ? base.mono() + this.#offset : this.uptime());
  }

  mono(): number {
    return this.#options.base.mono();
  }

  after(ms: number, run: () => void): Timer {
    return this.#options.base.after(ms, run);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#options.base.sleep(ms, signal);
  }

  /** Milliseconds since boot. */
  uptime(): number {
    return this.#options.boot.uptimeMs + this.mono() - this.#startMono;
  }

  /** The boot that things are stamped by; null while the clock is trusted. */
  untimed(): string | null {
    return this.#source === 'uptime' ? this.#options.boot.id : null;
  }

  stamp(): Stamp {
    return this.place(this.now());
  }

  /** A time that a driver took from this clock, perhaps before it was trusted: no uptime is as long as the years since 1970. */
  place(at: number): Stamp {
    const boot = this.untimed();
    if (boot !== null) return { at, untimed: boot };
    return at < notBeforeMs ? { at: at + this.shiftMs() } : { at };
  }

  /** What to add to the time since boot. */
  shiftMs(): number {
    return Math.round(this.now() - this.uptime());
  }

  /** Looks at the system's clock; to be called about every second. What it returns happened now. */
  look(): ClockChange | null {
    if (this.#source === 'uptime') return this.#isPlausible() ? this.#trust('system') : null;
    return this.#source === 'system' ? this.#lookForStep() : this.#lookForAgreement();
  }

  /** The cloud's clock as it was when this came in, give or take half of `withinMs` (the time since it was asked). */
  heardCloud(cloudMs: number, withinMs: number): ClockChange | null {
    if (cloudMs < notBeforeMs) return null;
    const offset = cloudMs + withinMs / 2 - this.mono();
    const tolerance = toleranceMs + withinMs / 2;
    const agrees = Math.abs(offset - this.#systemOffset()) <= tolerance;
    if (this.#source === 'uptime') return agrees ? this.#trust('cloud') : this.#trust('cloud', offset);
    if (this.#isSynchronised()) return null;
    const shift = offset - this.#offset;
    if (Math.abs(shift) <= tolerance) return null;
    this.#offset = agrees ? this.#systemOffset() : offset;
    this.#source = agrees ? 'system' : 'own';
    return { what: 'stepped', shiftMs: Math.round(shift), by: 'cloud' };
  }

  #lookForStep(): ClockChange | null {
    const offset = this.#systemOffset();
    const shift = offset - this.#offset;
    if (this.#options.base.now() < notBeforeMs) {
      // It was set to nonsense: we go on from where it was.
      this.#source = 'own';
      return null;
    }
    this.#offset = offset;
    return Math.abs(shift) < stepMs ? null : { what: 'stepped', shiftMs: Math.round(shift), by: 'system' };
  }

  /** Back to the system's clock when it has been put right. */
  #lookForAgreement(): ClockChange | null {
    const offset = this.#systemOffset();
    const shift = offset - this.#offset;
    const agrees = Math.abs(shift) <= toleranceMs;
    if (!agrees && !this.#isSynchronised()) return null;
    this.#offset = offset;
    this.#source = 'system';
    return agrees ? null : { what: 'stepped', shiftMs: Math.round(shift), by: 'system' };
  }

  #trust(by: ClockChange['by'], offset?: number): ClockChange {
    this.#source = offset === undefined ? 'system' : 'own';
    this.#offset = offset ?? this.#systemOffset();
    return { what: 'trusted', shiftMs: this.shiftMs(), by };
  }

  #isPlausible(): boolean {
    const now = this.#options.base.now();
    if (now < notBeforeMs) return false;
    return this.#lastMs === null || now >= this.#lastMs - toleranceMs || this.#isSynchronised();
  }

  /** Synchronised to something before this program was written is not worth the name. */
  #isSynchronised(): boolean {
    return this.#options.base.now() >= notBeforeMs && this.#options.isSynchronised();
  }

  #systemOffset(): number {
    return this.#options.base.now() - this.mono();
  }
}
