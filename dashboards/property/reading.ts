import { useCallback, useEffect, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { every, localNow } from '../client/clock.ts';

export interface Reading<T> {
  /** null until it was read once. */
  value: T | null;
  problem: Problem | null;
  /** When `value` was read, by this machine's clock. */
  at: number | null;
  again: () => void;
}

/** One answer of the API: read when its address changes, when `stamp` does, and by hand. Late answers to old questions are dropped. */
export function useReading<T>(path: string, stamp: unknown = null): Reading<T> {
  const [state, setState] = useState<{ path: string; value: T | null; problem: Problem | null; at: number | null }>({
    path,
    value: null,
    problem: null,
    at: null,
  });
  const read = useCallback(() => {
    let called = false;
    call<T>('GET', path).then(
      (value) => {
        if (!called) setState({ path, value, problem: null, at: localNow() });
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        if (!called)
          setState((before) =>
            before.path === path
              ? { ...before, problem: error.problem }
              : { path, value: null, at: null, problem: error.problem },
          );
      },
    );
    return () => {
      called = true;
    };
  }, [path]);
  useEffect(read, [read, stamp]);
  const isOfPath = state.path === path;
  return {
    value: isOfPath ? state.value : null,
    problem: isOfPath ? state.problem : null,
    at: isOfPath ? state.at : null,
    again: () => void read(),
  };
}

/**
 * The same, read again every `everyMs` while somebody looks, and at once when they come back: for what no event of the
 * stream speaks of.
 */
export function usePolled<T>(path: string, everyMs: number, stamp: unknown = null): Reading<T> {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const look = () => {
      if (!document.hidden) setRound((before) => before + 1);
    };
    document.addEventListener('visibilitychange', look);
    const stop = every(everyMs, look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      stop();
    };
  }, [everyMs]);
  return useReading<T>(path, `${round} ${String(stamp)}`);
}
