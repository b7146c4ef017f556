import { useCallback, useEffect, useRef, useState } from 'react';
import type { DeviceSummary, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { after } from '../client/clock.ts';

interface Page {
  items: DeviceSummary[];
  total?: number;
  next: string | null;
}

export interface DevicePages {
  /** The query these are of; another than the one asked for until that is answered. */
  of: string | null;
  items: readonly DeviceSummary[];
  total: number | null;
  next: string | null;
  loading: boolean;
  problem: Problem | null;
}

const pageSize = 100;
const typingMs = 200;
const nothing: DevicePages = { of: null, items: [], total: null, next: null, loading: true, problem: null };

function addressOf(query: string, from: string | null): string {
  const asked = new URLSearchParams(query);
  asked.set('limit', String(pageSize));
  if (from !== null) asked.set('after', from);
  return `/api/devices?${asked.toString()}`;
}

/** Pages of devices for a query, read on as the list is scrolled. A new query starts over; late answers to old ones are dropped. */
export function useDevicePages(query: string): DevicePages & { more: () => void; retry: () => void } {
  const [state, setState] = useState<DevicePages>(nothing);
  const current = useRef(query);
  const read = useCallback((wanted: string, from: string | null) => {
    setState((before) => ({ ...before, loading: true, problem: null }));
    call<Page>('GET', addressOf(wanted, from)).then(
      (page) => {
        if (current.current !== wanted) return;
        setState((before) => ({
          of: wanted,
          items: from === null ? page.items : [...before.items, ...page.items],
          total: page.total ?? null,
          next: page.next,
          loading: false,
          problem: null,
        }));
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        if (current.current === wanted) setState((before) => ({ ...before, loading: false, problem: error.problem }));
      },
    );
  }, []);
  const first = useRef(true);
  useEffect(() => {
    current.current = query;
    const callOff = after(first.current ? 0 : typingMs, () => read(query, null));
    first.current = false;
    return callOff;
  }, [query, read]);
  const more = () => {
    if (!state.loading && state.next !== null) read(query, state.next);
  };
  return { ...state, more, retry: () => read(query, null) };
}
