import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { cloudNow, currentSecond, inCloudTime, localNow, onSecond } from './clock.ts';

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

/** Asks for a part of the page; while that is not answered the page grows old, whatever else comes. Answered, it is young. */
export async function readFresh<T>(part: string, ask: () => Promise<T>): Promise<T> {
  const answer = await readOwed(part, ask);
  heardNow();
  return answer;
}

/** The same for a page that lives by its stream: the answer alone makes it no younger, or a dead stream would not be seen. */
export async function readOwed<T>(part: string, ask: () => Promise<T>): Promise<T> {
  if (!owed.has(part)) owed.set(part, localNow());
  try {
    const answer = await ask();
    owed.delete(part);
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

/** A new second, or news of the cloud: what is asked with it renders only where its answer is another. */
function onPulse(listener: () => void): () => void {
  const [stopTicking, stopHearing] = [onSecond(listener), usePulse.subscribe(listener)];
  return () => {
    stopTicking();
    stopHearing();
  };
}

interface DataAge {
  readonly ageMs: number;
  readonly freshness: Freshness;
  readonly isKnown: boolean;
}

let age: DataAge = { ageMs: 0, freshness: 'fresh', isKnown: false };

function ageNow(): DataAge {
  const { heardAt } = usePulse.getState();
  const exact = heardAt === null ? 0 : Math.max(0, localNow() - heardAt);
  const [ageMs, freshness, isKnown] = [Math.floor(exact / 1_000) * 1_000, freshnessOf(exact), heardAt !== null];
  if (ageMs !== age.ageMs || freshness !== age.freshness || isKnown !== age.isKnown) age = { ageMs, freshness, isKnown };
  return age;
}

/**
 * Whole seconds since anything was heard, in ms. Before the first there is no data, and none that could be called fresh: 0 and
 * `isKnown` false. Renders when one of the three changes.
 */
export function useDataAge(): DataAge {
  return useSyncExternalStore(onPulse, ageNow);
}

let turned = { second: 0, at: 0 };

function timersNow(): number {
  const { cloudAt } = usePulse.getState();
  if (cloudAt !== null && isStale()) return cloudAt;
  const second = currentSecond();
  if (second !== turned.second) turned = { second, at: localNow() };
  return inCloudTime(turned.at);
}

/**
 * The time that running timers count to: the cloud's, once a second and for all of them the same. It stands still while the data is
 * stale: no timer may look alive then.
 */
export function useTimersNow(): number {
  return useSyncExternalStore(onPulse, timersNow);
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
