import { useCallback, useEffect, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';

export interface Reading<T> {
  /** null until it was read once. */
  value: T | null;
  problem: Problem | null;
  again: () => void;
}

/** One answer of the API: read when its address changes, when `stamp` does, and by hand. Late answers to old questions are dropped. */
export function useReading<T>(path: string, stamp: unknown = null): Reading<T> {
  const [state, setState] = useState<{ path: string; value: T | null; problem: Problem | null }>({
    path,
    value: null,
    problem: null,
  });
  const read = useCallback(() => {
    let called = false;
    call<T>('GET', path).then(
      (value) => {
        if (!called) setState({ path, value, problem: null });
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        if (!called) setState((before) => ({ path, value: before.path === path ? before.value : null, problem: error.problem }));
      },
    );
    return () => {
      called = true;
    };
  }, [path]);
  useEffect(read, [read, stamp]);
  const isOfPath = state.path === path;
  return { value: isOfPath ? state.value : null, problem: isOfPath ? state.problem : null, again: () => void read() };
}
