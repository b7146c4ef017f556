import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { DriverContext, Keep } from '../driver.ts';
import type { Book } from './book.ts';
import { limits } from './limits.ts';

type Emit = DriverContext<unknown, unknown>['emit'];

/**
 * Hands frames on and waits until they are on disk. While the disk takes nothing, the frame in hand is offered again, its
 * connection stays unread, and nothing of that device can overtake it; after a while the connection is given up instead, and
 * the device begins again from what it was not acked.
 */
export class Keeper {
  readonly #emit: Emit;
  readonly #book: Book;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(emit: Emit, book: Book, clock: Clock, log: Logger) {
    this.#emit = emit;
    this.#book = book;
    this.#clock = clock;
    this.#log = log;
  }

  /** True when all frames are on disk. `isGone`: nobody waits for the answer any more. */
  async keep(frames: readonly Frame[], keep: Keep | undefined, isGone: () => boolean): Promise<boolean> {
    if (frames.length === 0) return true;
    const until = this.#clock.mono() + limits.keepPatienceMs;
    for (;;) {
      if (await this.#try(frames, keep)) return true;
      this.#book.counters.add('frames_not_kept', frames.length);
      if (isGone() || this.#clock.mono() >= until) return false;
      await this.#clock.sleep(limits.notKeptPauseMs);
      if (isGone()) return false;
    }
  }

  async #try(frames: readonly Frame[], keep: Keep | undefined): Promise<boolean> {
    await this.#room();
    try {
      await this.#emit(frames, keep);
    } catch (error) {
      this.#log.warn({ err: error }, 'frames of a device were not kept');
      return false;
    } finally {
      this.#inFlight--;
      this.#waiting.shift()?.();
    }
    this.#book.counters.add('frames_kept', frames.length);
    for (const { device, at } of frames) this.#book.heard(device, at);
    return true;
  }

  /** A place among the frames on their way to disk. */
  async #room(): Promise<void> {
    while (this.#inFlight >= limits.inFlight) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight++;
  }
}
