import type { Clock, Timer } from '../../clock.ts';

/** Something with a deadline; `sweep` runs when it has passed and sets the next one (Infinity: none). */
export interface Swept {
  deadline: number;
  sweep(now: number): void;
}

/** Time-outs are looked at in steps of this size, so that many deadlines share one timer. */
const stepMs = 10;

/** One timer for all deadlines of all connections of a port. An answered request leaves it alone. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #members = new Set<Swept>();
  #timer: Timer | undefined;
  #due = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(member: Swept): void {
    this.#members.add(member);
  }

  remove(member: Swept): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#disarm();
  }

  /** Says that a member's deadline has come nearer. */
  arm(deadline: number): void {
    if (deadline >= this.#due) return;
    this.#disarm();
    this.#due = deadline;
    const wait = Math.max(stepMs, Math.ceil((deadline - this.#clock.mono()) / stepMs) * stepMs);
    this.#timer = this.#clock.after(wait, () => this.#sweep());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = Infinity;
  }

  #sweep(): void {
    this.#disarm();
    const now = this.#clock.mono();
    let next = Infinity;
    for (const member of this.#members) {
      if (member.deadline <= now) member.sweep(now);
      next = Math.min(next, member.deadline);
    }
    if (next < Infinity) this.arm(next);
  }
}
