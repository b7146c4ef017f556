import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Keep } from '../driver.ts';
import { limits } from './limits.ts';

/** Stands for one connection. */
export type Token = symbol;

interface Seen {
  readonly digest: string;
  readonly mono: number;
  readonly connection: Token | null;
}

/**
 * Frames that are on disk and come again because their ack was lost. A device repeats the last frame it was not acked, on a
 * new connection too and over a restart of the gateway, or one of a few on the connection it sent them by. The same words in
 * any other place are a device that began counting anew, and what it says then is news: no fire is taken for an echo.
 */
export class Repeats {
  readonly #clock: Clock;
  /** By device, oldest first. */
  readonly #seen = new Map<string, Seen[]>();

  /** `kept`: what an earlier run of the port had kept; seen just now, for the downtime is not known. */
  constructor(clock: Clock, kept: ReadonlyMap<string, string> = new Map()) {
    this.#clock = clock;
    for (const [key, digest] of kept) {
      if (!key.startsWith(prefix)) continue;
      this.#seen.set(key.slice(prefix.length), [{ digest: JSON.parse(digest) as string, mono: clock.mono(), connection: null }]);
    }
  }

  /** `words`: what makes the frame what it is, its serial and its content, without the time it was sent. */
  isRepeat(device: string, words: string, connection: Token): boolean {
    const all = this.#seen.get(device) ?? [];
    const digest = digestOf(words);
    return all.some((seen, index) => {
      const age = this.#clock.mono() - seen.mono;
      if (seen.digest !== digest) return false;
      if (index === all.length - 1) return age < limits.repeatWindowMs;
      return seen.connection === connection && age < limits.repeatOnConnectionMs;
    });
  }

  /** What has to be kept in the commit of the frame itself, so that it is known again after a crash before its ack. */
  keep(device: string, words: string): Keep {
    return [[`${prefix}${device}`, JSON.stringify(digestOf(words))]];
  }

  /** Called only when the frame is on disk. */
  remember(device: string, words: string, connection: Token): void {
    const digest = digestOf(words);
    const others = (this.#seen.get(device) ?? []).filter((seen) => seen.digest !== digest);
    this.#seen.set(device, [...others, { digest, mono: this.#clock.mono(), connection }].slice(-limits.repeatsKept));
  }
}

const prefix = 'repeats ';

function digestOf(words: string): string {
  return createHash('sha256').update(words).digest('base64url').slice(0, 16);
}
