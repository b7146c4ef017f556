import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Log } from '../store/log.ts';

/** Moves a reader's cursor in the log, one write at a time per lane; of several waiting only the newest is written. */
export class CursorMover {
  readonly #log: Pick<Log, 'moveCursor'>;
  readonly #reader: string;
  readonly #failed: (error: unknown) => void;
  readonly #wanted = new Map<Lane, number>();
  #running: Promise<void> | undefined;

  constructor(log: Pick<Log, 'moveCursor'>, reader: string, failed: (error: unknown) => void) {
    this.#log = log;
    this.#reader = reader;
    this.#failed = failed;
  }

  move(lane: Lane, through: number): void {
    this.#wanted.set(lane, through);
    this.#running ??= this.#work();
  }

  idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #work(): Promise<void> {
    // Begins behind the caller, who is about to note that it runs.
    await Promise.resolve();
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const [lane, through] = next;
      await this.#log.moveCursor(this.#reader, lane, through).catch(this.#failed);
    }
    this.#running = undefined;
  }

  #take(): [Lane, number] | undefined {
    const [next] = this.#wanted;
    if (next !== undefined) this.#wanted.delete(next[0]);
    return next;
  }
}
