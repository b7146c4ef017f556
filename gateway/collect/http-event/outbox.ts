import type { Clock, Timer } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { limits } from './limits.ts';
import { outcomes, refusedByDevice, sent } from './outcomes.ts';

/** A command that waits until its device asks. */
export interface Waiting {
  readonly id: number;
  readonly device: string;
  readonly words: string;
  readonly deadlineMono: number;
  /** Whether the device tells how it ended. */
  readonly hasResult: boolean;
}

interface Entry extends Waiting {
  timer: Timer;
  isOut: boolean;
  readonly settle: (outcome: ActOutcome) => void;
}

/** 待取命令: commands for devices that cannot be reached and ask by themselves. Each is handed out once, and none after its time. */
export class Outbox {
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();
  readonly #listening = new Map<string, Set<() => void>>();
  #next: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    // Numbers go on across a restart: a late result must not be taken for one of a new command.
    this.#next = Math.floor(clock.now() / 1000) % 1_000_000_000;
  }

  /** `word` puts the number into the command's words. Resolves with what became of it. */
  put(act: Act, hasResult: boolean, word: (id: number) => string | undefined): Promise<ActOutcome> {
    const waits = [...this.#entries.values()].filter(({ device }) => device === act.device).length;
    if (waits >= limits.queuedCommands) return Promise.resolve(outcomes.tooMany);
    const id = this.#next++;
    const words = word(id);
    if (words === undefined) return Promise.resolve(outcomes.unfit);
    return new Promise((resolve) => {
      const timer = this.#clock.after(Math.max(0, act.deadlineMono - this.#clock.mono()), () => this.#end(id, outcomes.notAsked));
      const { device, deadlineMono } = act;
      this.#entries.set(id, { id, device, words, deadlineMono, hasResult, timer, isOut: false, settle: resolve });
      for (const tell of this.#listening.get(device) ?? []) tell();
    });
  }

  /** Resolves when something waits for the device, after `ms`, or when the signal aborts. */
  async arrival(device: string, ms: number, signal: AbortSignal): Promise<void> {
    const isThere = [...this.#entries.values()].some((each) => each.device === device && !each.isOut);
    if (isThere || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const listening = this.#listening.get(device) ?? new Set();
    this.#listening.set(device, listening.add(resolve));
    const timer = this.#clock.after(ms, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    timer.cancel();
    listening.delete(resolve);
    if (listening.size === 0) this.#listening.delete(device);
  }

  /** The oldest that waits for the device; it must be told by `delivered` or `broken` what became of the reply. */
  take(device: string): Waiting | undefined {
    const entry = [...this.#entries.values()].find((each) => each.device === device && !each.isOut);
    if (!entry || this.#clock.mono() >= entry.deadlineMono) return undefined;
    entry.isOut = true;
    entry.timer.cancel();
    return entry;
  }

  /** The reply with it is out. */
  delivered({ id, hasResult }: Waiting): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if (!hasResult) return this.#end(id, sent);
    entry.timer = this.#clock.after(limits.resultMs, () => this.#end(id, outcomes.noResult));
  }

  /** The connection broke under the reply. */
  broken({ id }: Waiting): void {
    this.#end(id, outcomes.cutOff);
  }

  /** The device tells how a command of its own ended. False where there is no such. */
  result(device: string, id: number, isDone: boolean, code: string): boolean {
    const entry = this.#entries.get(id);
    if (entry?.device !== device || !entry.isOut) return false;
    this.#end(id, isDone ? sent : refusedByDevice(code));
    return true;
  }

  stop(): void {
    for (const { id, isOut } of this.#entries.values()) this.#end(id, isOut ? outcomes.noResult : outcomes.stopped);
  }

  #end(id: number, outcome: ActOutcome): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    entry.timer.cancel();
    entry.settle(outcome);
  }
}
