import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { cloudNow, currentSecond, localNow, onSecond } from './clock.ts';

/** How old what stands on the screen may be: amber past 5 s, and past 15 s nothing on it counts as current. */
export const lateAfterMs = 5_000;
export const staleAfterMs = 15_000;

export type Freshness = 'fresh' | 'late' | 'stale';

export function freshnessOf(ageMs: number): Freshness {
  if (ageMs > staleAfterMs) return 'stale';
  return ageMs > lateAfterMs ? 'late' : 'fresh';
}

type Pulse = { heardAt: number | null; cloudAt: number | null };

interface Tally {
  total: number;
  online: number;
  late: number;
  offline: number;
  unknown: number;
}

/** When this machine last heard the cloud, and the cloud's time then. */
export const usePulse = create<Pulse>(() => ({ heardAt: null, cloudAt: null }));

/** In a burst it is written down this often: every age on the page is drawn anew each time. What is shown is so much too old at most. */
const noteEveryMs = 250;

export function heardNow(): void {
  if (isBehind()) return;
  const { heardAt } = usePulse.getState();
  const since = heardAt === null ? noteEveryMs : localNow() - heardAt;
  // A clock that was set back is no reason to wait.
  if (since >= 0 && since < noteEveryMs) return;
  usePulse.setState({ heardAt: localNow(), cloudAt: cloudNow() });
}

/** What is read beside the stream, by name, and since when its answer is owed; for ever where it was an error. */
const owed = new Map<string, number>();
/** An answer that takes longer counts as none: the age on the page must not stay young meanwhile. */
const slowMs = 5_000;

/** A page is as young as the oldest thing on it: what else is heard says nothing of what could not be read. */
function isBehind(): boolean {
  return [...owed.values()].some((since) => localNow() - since >= slowMs);
}

/** Asks for a part of the page; while that is not answered the page grows old, whatever else comes. */
export async function readFresh<T>(part: string, ask: () => Promise<T>): Promise<T> {
  if (!owed.has(part)) owed.set(part, localNow());
  try {
    const answer = await ask();
    owed.delete(part);
    heardNow();
    return answer;
  } catch (error) {
    // Unless it was left meanwhile.
    if (owed.has(part)) owed.set(part, Number.NEGATIVE_INFINITY);
    throw error;
  }
}

/** It is not on the page any more. */
export function leavePart(part: string): void {
  owed.delete(part);
}

/** Renders once a second. */
export function useSecond(): number {
  return useSyncExternalStore(onSecond, currentSecond);
}

/** Whole seconds since anything was heard. Before the first there is no data, and none that could be called fresh: 0 and `isKnown` false. */
export function useDataAge(): { ageMs: number; freshness: Freshness; isKnown: boolean } {
  useSecond();
  const heardAt = usePulse((pulse) => pulse.heardAt);
  const ageMs = heardAt === null ? 0 : Math.max(0, localNow() - heardAt);
  return { ageMs, freshness: freshnessOf(ageMs), isKnown: heardAt !== null };
}

/** The time that running timers count to. It stands still while the data is stale: no timer may look alive then. */
export function useTimersNow(): number {
  const { freshness } = useDataAge();
  const cloudAt = usePulse((pulse) => pulse.cloudAt);
  return freshness === 'stale' && cloudAt !== null ? cloudAt : cloudNow();
}

/** While the cloud is out of reach nobody knows how it stands; renders when that changes. */
export function useIsStale(): boolean {
  return useSyncExternalStore(onSecond, isStale);
}

/** What is known of devices while the screen is stale: how many there are, and nothing of how they are. */
export function useHeardOnly<T extends Tally>(devices: T): T {
  return useIsStale() ? { ...devices, online: 0, late: 0, offline: 0, unknown: devices.total } : devices;
}

/** For actions outside of a render. */
export function isStale(): boolean {
  const { heardAt } = usePulse.getState();
  return heardAt !== null && freshnessOf(localNow() - heardAt) === 'stale';
}
