import type { LocalOverview, LocalSession } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import { call, isApiError, keepCsrf } from '../client/api.ts';
import { every, learnCloudTime } from '../client/clock.ts';
import { heardNow, leavePart, readFresh } from '../client/pulse.ts';

/** What the installer's screens share: who is there, and the gateway in one look. */
interface Desk {
  phase: 'loading' | 'setup' | 'signed-out' | 'ready' | 'failed';
  problem: Problem | null;
  session: LocalSession | null;
  overview: LocalOverview | null;
  /** Why the overview could not be read at the last try. */
  unread: Problem | null;
}

export const useDesk = create<Desk>(() => ({ phase: 'loading', problem: null, session: null, overview: null, unread: null }));

const set = useDesk.setState;

export function enter(session: LocalSession): void {
  keepCsrf(session.csrf ?? '');
  const phase = session.state === 'signed-in' ? 'ready' : session.state;
  set({ session, phase, problem: null });
}

export async function openDesk(): Promise<void> {
  set({ phase: 'loading', problem: null });
  try {
    enter(await call<LocalSession>('GET', '/api/session'));
  } catch (error) {
    if (!isApiError(error)) throw error;
    set({ phase: 'failed', problem: error.problem });
  }
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/api/session');
  await openDesk();
}

/** What was read last, and why it could not be read anew. */
export interface Live<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  /** Reads it now. */
  readonly read: () => void;
}

/** How often what stands on the screen is read anew. */
const refreshMs = 2_000;

/**
 * Reads a path now and every two seconds, so that the page is alive without a stream. What was read stays while the gateway
 * does not answer; the age of the page says so, which is that of the oldest thing on it. Null pauses.
 */
export function useLive<T>(path: string | null): Live<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; problem: Problem | null }>({
    path,
    data: null,
    problem: null,
  });
  const underWay = useRef(false);
  const wanted = useRef(path);
  const read = useCallback(() => {
    if (path === null || underWay.current) return;
    underWay.current = true;
    void readOnce(path, () => readFresh(path, () => call<T>('GET', path)))
      .then((given) => {
        if (wanted.current === path) setState((before) => merged(before, path, given));
      })
      .finally(() => (underWay.current = false));
  }, [path]);
  useEffect(() => {
    wanted.current = path;
    underWay.current = false;
    read();
    const stop = every(refreshMs, read);
    return () => {
      stop();
      if (path !== null) leavePart(path);
    };
  }, [path, read]);
  const isOfThis = state.path === path;
  return { data: isOfThis ? state.data : null, problem: isOfThis ? state.problem : null, read };
}

/** Reads a path once, for a form that somebody is filling in; again when asked. */
export function useOnce<T>(path: string): Live<T> {
  const [state, setState] = useState<{ data: T | null; problem: Problem | null }>({ data: null, problem: null });
  const read = useCallback(() => {
    const ask = async () => {
      const data = await call<T>('GET', path);
      heardNow();
      return data;
    };
    void readOnce(path, ask).then((given) => setState({ data: null, problem: null, ...given }));
  }, [path]);
  useEffect(read, [read]);
  return { ...state, read };
}

type Given<T> = { data: T } | { problem: Problem; isGone: boolean };

async function readOnce<T>(path: string, ask: () => Promise<T>): Promise<Given<T>> {
  try {
    return { data: await ask() };
  } catch (error) {
    if (!isApiError(error)) throw error;
    // What is gone is known to be gone.
    if (error.status === 404) leavePart(path);
    // The session is over, or the password is another: ask who is there.
    if (error.status === 401) await openDesk();
    return { problem: error.problem, isGone: error.status === 404 };
  }
}

function merged<T>(before: { path: string | null; data: T | null }, path: string, given: Given<T>) {
  if ('data' in given) return { path, data: given.data, problem: null };
  return { path, data: before.path === path && !given.isGone ? before.data : null, problem: given.problem };
}

/** Keeps the overview of the whole page fresh. */
export function useOverview(): void {
  const { data, problem } = useLive<LocalOverview>('/api/overview');
  useEffect(() => set({ unread: problem }), [problem]);
  useEffect(() => {
    if (data === null) return;
    learnCloudTime(data.at);
    set({ overview: data });
  }, [data]);
}
