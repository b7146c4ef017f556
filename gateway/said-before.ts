import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonAs } from './json-as.ts';
import { limits } from './limits.ts';

const Saved = z.array(z.tuple([z.string().max(32), z.number()])).max(limits.keptSaidKeys);

/** Windows shorter than this are about repeats within a moment, and are not worth a place in the commit. */
const worthKeepingMs = 60_000;

/** What one device said before, as its state is committed. */
export const saidKey = (id: string) => `said/${id}`;

/**
 * What one device said before, by its profile's `dedupe` key: a broker that lost an ack, or a device that got none, sends
 * again. A key counts once its record is on disk, and is taken back with a commit that failed. Bounded: the oldest goes
 * first; the newest few outlive a restart. Times are of the running clock, which no jump of the wall clock moves.
 */
export class SaidBefore {
  readonly #windowMs: number;
  /** Until when a key counts. */
  readonly #kept = new Map<string, number>();
  /** As it will be when everything under way is on disk. */
  readonly #ahead = new Map<string, number>();

  /** `saved`: what `saved()` gave. What cannot be read is forgotten: a doubled event is better than a lost one. */
  constructor(windowMs: number, saved?: string) {
    this.#windowMs = windowMs;
    for (const [hash, until] of jsonAs(Saved, saved ?? '[]') ?? []) this.#kept.set(hash, until);
  }

  has(key: string, mono: number): boolean {
    const hash = hashOf(key);
    return (this.#ahead.get(hash) ?? this.#kept.get(hash) ?? 0) > mono;
  }

  /** Remembered from now on. The window counts from the first time, not from repeats. */
  add(keys: readonly string[], mono: number): void {
    for (const key of keys) this.#ahead.set(hashOf(key), mono + this.#windowMs);
  }

  /** Those keys are on disk. */
  keep(keys: readonly string[]): void {
    for (const hash of keys.map(hashOf)) {
      const until = this.#ahead.get(hash);
      if (until === undefined) continue;
      this.#ahead.delete(hash);
      this.#kept.delete(hash);
      this.#kept.set(hash, until);
    }
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= limits.saidKeys) break;
      this.#kept.delete(oldest);
    }
  }

  /** What was under way is not on disk. */
  giveBack(): void {
    this.#ahead.clear();
  }

  /** The newest keys as they will be when all under way is on disk; null: its window is too short to be worth it. */
  saved(mono: number): string | null {
    if (this.#windowMs < worthKeepingMs) return null;
    const living = [...this.#kept, ...this.#ahead].filter(([, until]) => until > mono);
    return JSON.stringify(living.slice(-limits.keptSaidKeys).map(([hash, until]) => [hash, Math.round(until)]));
  }
}

/** Short, and without the cards and plates that may stand in a key. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}
