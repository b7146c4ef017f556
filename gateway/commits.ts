import type { Clock, Timer } from './clock.ts';
import type { Keep } from './collect/driver.ts';
import { type Group, emptyGroup, isEmpty } from './group.ts';
import { limits } from './limits.ts';
import { runningClockKey } from './restore.ts';
import { type Log, StoreError } from './store/log.ts';

export interface CommitsOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** The running clock, kept with every state that moved. */
  readonly runningMs: () => number;
  /** What else is kept with a group. */
  readonly alsoKeep: (moved: boolean) => Keep;
  /** The group is on disk. */
  readonly onKept: (group: Group) => void;
  /** It is not, and what was put on top of it meanwhile is void. */
  readonly onGivenBack: (error: unknown) => void;
}

/** What was put into the group for one driver, who waits for it. */
export interface Delivery {
  readonly devices: readonly string[];
  readonly frames: number;
  /** It holds something to keep that is no device's. */
  readonly keeps: boolean;
  readonly isUrgent: boolean;
  readonly withinMs: number;
}

/**
 * Group commit: one group is being committed while the next one fills. If a commit fails, everything evaluated on top of
 * it is given back to the drivers as "not kept".
 */
export class Commits {
  readonly #options: CommitsOptions;
  #group = emptyGroup();
  #underWay: Group | null = null;
  #timer: { handle: Timer; atMono: number } | null = null;
  #committing: Promise<void> | null = null;
  #pendingFrames = 0;
  #trouble: { sinceMono: number; error: unknown } | null = null;
  readonly #counters = { commits: 0, commit_failures: 0, overloaded: 0 };

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** The one that fills. */
  get group(): Group {
    return this.#group;
  }

  /** Set while the disk takes nothing. */
  get trouble(): { readonly sinceMono: number; readonly error: unknown } | null {
    return this.#trouble;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, pending_frames: this.#pendingFrames };
  }

  /** @throws StoreError where more frames wait for the disk than may. */
  admit(frames: number): void {
    if (this.#pendingFrames + frames <= limits.pendingFrames) return;
    this.#counters.overloaded += frames;
    throw new StoreError('overloaded', `more than ${limits.pendingFrames} frames wait for the disk`);
  }

  /**
   * Resolves when all that is under way of these devices is on disk: also where their frames added nothing to it, for
   * then they were held back against something that must not get lost.
   */
  wait(delivery: Delivery): Promise<void> {
    const group = delivery.keeps ? this.#group : this.#carrying(delivery.devices);
    if (!group) return Promise.resolve();
    group.frames += delivery.frames;
    this.#pendingFrames += delivery.frames;
    const kept = new Promise<void>((resolve, reject) => group.waiters.push({ resolve, reject }));
    if (group !== this.#group) return kept;
    if (delivery.isUrgent || group.telemetry.length >= limits.groupRecords) this.flush();
    else this.#flushWithin(delivery.withinMs);
    return kept;
  }

  #carrying(devices: readonly string[]): Group | null {
    const holds = (group: Group | null) => group !== null && devices.some((id) => group.devices.has(id));
    if (holds(this.#group)) return this.#group;
    return holds(this.#underWay) ? this.#underWay : null;
  }

  #flushWithin(ms: number): void {
    const atMono = this.#options.clock.mono() + ms;
    if (this.#timer && this.#timer.atMono <= atMono) return;
    this.#timer?.handle.cancel();
    this.#timer = { atMono, handle: this.#options.clock.after(ms, () => this.flush()) };
  }

  flush(): void {
    this.#timer?.handle.cancel();
    this.#timer = null;
    if (this.#committing || isEmpty(this.#group)) return;
    const group = this.#group;
    this.#group = emptyGroup();
    this.#underWay = group;
    this.#committing = this.#commit(group).then(() => {
      this.#committing = null;
      // What gathered meanwhile has waited long enough already.
      if (!isEmpty(this.#group)) this.flush();
      return undefined;
    });
  }

  async #commit(group: Group): Promise<void> {
    const state: [string, string | null][] = [...group.state];
    const moved = state.length > 0;
    if (moved) state.push([runningClockKey, String(Math.round(this.#options.runningMs()))]);
    for (const [key, json] of this.#options.alsoKeep(moved)) state.push([key, json]);
    try {
      await this.#options.log.append({ alarm: group.alarm, telemetry: group.telemetry, state });
    } catch (error) {
      return this.#giveBack(group, error);
    }
    this.#underWay = null;
    this.#counters.commits++;
    this.#trouble = null;
    this.#options.onKept(group);
    this.#settle(group, (waiter) => waiter.resolve());
  }

  #giveBack(group: Group, error: unknown): void {
    this.#counters.commit_failures++;
    this.#trouble = { sinceMono: this.#trouble?.sinceMono ?? this.#options.clock.mono(), error };
    const onTop = this.#group;
    this.#group = emptyGroup();
    this.#underWay = null;
    this.#options.onGivenBack(error);
    for (const failed of [group, onTop]) this.#settle(failed, (waiter) => waiter.reject(error));
  }

  #settle(group: Group, how: (waiter: Group['waiters'][number]) => void): void {
    this.#pendingFrames -= group.frames;
    for (const waiter of group.waiters) how(waiter);
  }

  async flushAll(): Promise<void> {
    while (this.#committing || !isEmpty(this.#group)) {
      this.flush();
      await this.#committing;
    }
  }
}
