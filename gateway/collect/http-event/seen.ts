import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonAs } from '../../json-as.ts';
import type { Clock } from '../../clock.ts';
import { limits } from './limits.ts';

const Saved = z.array(z.tuple([z.string().max(32), z.number()])).max(limits.keptKeys);

interface Entry {
  /** Monotonic ms: no jump of the wall clock makes a window longer. */
  readonly untilMono: number;
  /** Set while it is on its way to the disk. */
  readonly underWay: Promise<void> | null;
  readonly isKept: boolean;
}

/** Windows shorter than this are about repeats within a moment, and are not worth a place in the commit. */
export const worthKeepingMs = 60_000;
/** What was kept counts no longer than this after a start, though the wall clock was put back meanwhile. */
const longestMs = 8 * 86_400_000;

/**
 * What one device said before, by its profile's dedupe key. Bounded: the oldest is forgotten first. The newest few are kept
 * across a restart, which is as far as a device repeats what it had no answer for.
 */
export class Seen {
  readonly #clock: Pick<Clock, 'now' | 'mono'>;
  readonly #entries = new Map<string, Entry>();

  /** `saved`: what `saved()` gave. What cannot be read is forgotten: a doubled event is better than a lost one. */
  constructor(clock: Pick<Clock, 'now' | 'mono'>, saved?: string) {
    this.#clock = clock;
    const [now, mono] = [clock.now(), clock.mono()];
    for (const [key, until] of jsonAs(Saved, saved ?? '[]') ?? [])
      this.#entries.set(key, { untilMono: mono + Math.min(until - now, longestMs), underWay: null, isKept: true });
  }

  /** `new`; `old`: it is in the log; a promise: the same message is just on its way to the disk. */
  look(key: string): 'new' | 'old' | Promise<void> {
    const entry = this.#entries.get(key);
    if (!entry || (entry.underWay === null && entry.untilMono <= this.#clock.mono())) return 'new';
    return entry.underWay ?? 'old';
  }

  /** Remembered from now on; forgotten again where it could not be kept. The window counts from the first, not from repeats. */
  add(key: string, windowMs: number, underWay: Promise<void>): void {
    const entry = { untilMono: this.#clock.mono() + windowMs, underWay, isKept: windowMs >= worthKeepingMs };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= limits.seenKeys) break;
      this.#entries.delete(oldest);
    }
    underWay.then(
      () => this.#entries.get(key) === entry && this.#entries.set(key, { ...entry, underWay: null }),
      () => this.#entries.get(key) === entry && this.#entries.delete(key),
    );
  }

  /** The newest keys as they will be when all that is under way is on disk, by the wall clock: a restart is no reason to forget. */
  saved(alsoNow: readonly { readonly key: string; readonly windowMs: number }[]): string {
    const [now, mono] = [this.#clock.now(), this.#clock.mono()];
    const known = [...this.#entries].filter(([, { untilMono, isKept }]) => isKept && untilMono > mono);
    const added = alsoNow.filter(({ windowMs }) => windowMs >= worthKeepingMs);
    const pairs = [
      ...known.map(([key, { untilMono }]) => [key, now + Math.round(untilMono - mono)]),
      ...added.map(({ key, windowMs }) => [key, now + windowMs]),
    ];
    return JSON.stringify(pairs.slice(-limits.keptKeys));
  }
}

/** A key as it is remembered: short, and without the cards and plates that may stand in it. */
export function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 16);
}
