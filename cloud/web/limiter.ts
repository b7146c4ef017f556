import type { Clock } from '../clock.ts';

/** At most `count` per `windowMs` and key, in windows that begin with a key's first use. */
export interface Limiter {
  /** Counts one; false where the key has had its share. */
  take(key: string): boolean;
  /** Milliseconds until the key's window ends; 0 where it has none. */
  waitMs(key: string): number;
  forget(key: string): void;
}

/** Holds `keys` at most; past it the oldest window is forgotten, so that a flood of addresses costs no memory. */
export function createLimiter(clock: Clock, count: number, windowMs: number, keys: number): Limiter {
  const windows = new Map<string, { ends: number; used: number }>();
  const current = (key: string) => {
    const window = windows.get(key);
    if (window && clock.mono() < window.ends) return window;
    windows.delete(key);
    return undefined;
  };
  return {
    take(key) {
      const window = current(key) ?? open(windows, keys, key, clock.mono() + windowMs);
      window.used += 1;
      return window.used <= count;
    },
    waitMs: (key) => Math.max(0, Math.ceil((current(key)?.ends ?? 0) - clock.mono())),
    forget: (key) => void windows.delete(key),
  };
}

function open(windows: Map<string, { ends: number; used: number }>, keys: number, key: string, ends: number) {
  const oldest = windows.size >= keys ? windows.keys().next() : undefined;
  if (oldest && !oldest.done) windows.delete(oldest.value);
  const window = { ends, used: 0 };
  windows.set(key, window);
  return window;
}
