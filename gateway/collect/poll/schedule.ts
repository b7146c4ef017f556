import type { Clock, Timer } from '../../clock.ts';

/** Something that is due now and then; `run` moves `due` on. */
export interface Entry {
  due: number;
  run(now: number): void;
  /** Is due at `now` once more than its period says. */
  hasten(now: number): void;
}

/** Entries this close together share one wake-up. */
const slackMs = 2;
/** Timers cannot hold a month; nothing is lost by looking up once an hour. */
const longestWaitMs = 3_600_000;

/** All periods of a port on one timer: a binary heap by due time (monotonic ms). */
export class Schedule {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(entry: Entry): void {
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  start(): void {
    const first = this.#heap[0];
    this.#timer?.cancel();
    if (first === undefined) return;
    this.#timer = this.#clock.after(Math.min(longestWaitMs, Math.max(0, first.due - this.#clock.mono())), () => this.#wake());
  }

  /** Runs an entry as soon as may be; its later times stay as they were. */
  hasten(entry: Entry): void {
    const at = this.#heap.indexOf(entry);
    if (at < 0) return;
    entry.hasten(this.#clock.mono());
    this.#rise(at);
    this.start();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#heap.length = 0;
  }

  #wake(): void {
    const now = this.#clock.mono();
    for (let first = this.#heap[0]; first !== undefined && first.due <= now + slackMs; first = this.#heap[0]) {
      first.run(now);
      this.#sink();
    }
    this.start();
  }

  #rise(from: number): void {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfLater(parent, i)) return;
      i = parent;
    }
  }

  #sink(): void {
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      const right = left + 1;
      const child = this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (!this.#swapIfLater(i, child)) return;
      i = child;
    }
  }

  #dueAt(i: number): number {
    return this.#heap[i]?.due ?? Infinity;
  }

  #swapIfLater(parent: number, child: number): boolean {
    const above = this.#heap[parent];
    const below = this.#heap[child];
    if (above === undefined || below === undefined || above.due <= below.due) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}
