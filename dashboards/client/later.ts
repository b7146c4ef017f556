import { useSyncExternalStore } from 'react';
import { after } from './clock.ts';

/** How a part of a page stands that is not in its first load. */
export type Standing<T> = { state: 'coming' } | { state: 'failed' } | { state: 'here'; part: T };

export interface Later<T> {
  /** Asks for it unless it is here or on its way; resolves whatever comes of it. */
  fetch: () => Promise<void>;
  standing: () => Standing<T>;
  onChange: (listener: () => void) => () => void;
}

const firstRetryMs = 2_000;
const lastRetryMs = 30_000;

/**
 * A part that is fetched after the first paint, so that the first paint does not wait for it, and is there when the line
 * goes down. `load` is asked again, ever slower, until it has given the part: what is needed at three in the morning must
 * not hang on one lost packet of the evening.
 */
export function later<T>(load: () => Promise<T>): Later<T> {
  const listeners = new Set<() => void>();
  let now: Standing<T> = { state: 'coming' };
  let running: Promise<void> | null = null;
  let tries = 0;
  let callOff: (() => void) | null = null;
  const become = (next: Standing<T>) => {
    now = next;
    for (const listener of listeners) listener();
  };
  const fail = () => {
    tries += 1;
    become({ state: 'failed' });
    callOff?.();
    callOff = after(Math.min(firstRetryMs * 2 ** (tries - 1), lastRetryMs), () => void fetch());
  };
  const fetch = (): Promise<void> => {
    if (now.state === 'here') return Promise.resolve();
    running ??= load()
      .then((part) => become({ state: 'here', part }), fail)
      .finally(() => {
        running = null;
      });
    return running;
  };
  return {
    fetch,
    standing: () => now,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** How the part stands now; asks for nothing. */
export function useStanding<T>(part: Later<T>): Standing<T> {
  return useSyncExternalStore(part.onChange, part.standing);
}
