import type { Clock } from '../../clock.ts';
import type { Job } from '../poll/outcome.ts';
import type { Ask, SerialShape } from './dialect.ts';
import { isSameShape } from './line-time.ts';

/** While slaves with other parameters wait, those of the present ones have the line for so long. */
const stayMs = 1_000;

/**
 * Which serial parameters a line has, and whose turn it is where its slaves want several: those of one kind are served
 * together, so that it is not changed more often than it must, and the others wait for no longer than `stayMs`.
 */
export class Tuning {
  readonly #clock: Clock;
  readonly #usual: SerialShape | undefined;
  readonly #isFixed: boolean;
  #shape: SerialShape | undefined;
  /** Since when slaves with other parameters wait. */
  #othersSince = Infinity;

  /** `isFixed`: the parameters are those of a serial server and not ours to change. */
  constructor(clock: Clock, usual: SerialShape | undefined, isFixed: boolean) {
    this.#clock = clock;
    this.#usual = usual;
    this.#shape = usual;
    this.#isFixed = isFixed;
  }

  get shape(): SerialShape | undefined {
    return this.#shape;
  }

  /** The wire was opened anew, with the usual parameters. */
  opened(waiting: (test: (job: Job<Ask>) => boolean) => boolean): void {
    this.changed(this.#usual, waiting);
  }

  /** The wire was changed; `waiting` says whether one of the jobs that wait is so. */
  changed(shape: SerialShape | undefined, waiting: (test: (job: Job<Ask>) => boolean) => boolean): void {
    this.#shape = shape;
    this.#othersSince = waiting((job) => !this.fits(job)) ? this.#clock.mono() : Infinity;
  }

  fits({ party }: Job<Ask>): boolean {
    if (party.shape === undefined || this.#isFixed) return true;
    return this.#shape !== undefined && isSameShape(party.shape, this.#shape);
  }

  waits(job: Job<Ask>): void {
    if (!this.fits(job)) this.#othersSince = Math.min(this.#othersSince, this.#clock.mono());
  }

  /** Whether those that fit the wire as it is are to be served first. */
  prefersFitting(): boolean {
    return this.#clock.mono() - this.#othersSince < stayMs || this.#othersSince === Infinity;
  }
}
