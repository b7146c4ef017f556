import { create } from 'zustand';
import type { DutyGap, HandOver, HandOverItem, OnDuty } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { PostCheck } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Area, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { cloudNow, every } from '../../client/clock.ts';
import { newKey } from '../../client/key.ts';
import { ownAreas } from '../own-areas.ts';

/** What the shift is about: who hands over to whom, who will be missing, what is announced. */
interface Shift {
  /** False until all of it was read once: nothing below says anything before that. */
  known: boolean;
  /** The area whose desk this is; null before it is known. */
  area: string | null;
  /** Where else this person sits at the desk. */
  desks: readonly Area[];
  proposal: readonly HandOverItem[];
  /** Newest first. */
  handOvers: readonly HandOver[];
  gaps: readonly DutyGap[];
  onDuty: readonly OnDuty[];
  windows: readonly MaintenanceWindow[];
  /** The last look failed: what stands is of `readAt`. */
  unread: boolean;
  readAt: number;
  checks: readonly PostCheck[];
  /** Whether somebody asks for the post is not known: the last look failed. */
  checksUnread: boolean;
  problem: Problem | null;
}

export const useShift = create<Shift>(() => ({
  known: false,
  area: null,
  desks: [],
  proposal: [],
  handOvers: [],
  gaps: [],
  onDuty: [],
  windows: [],
  unread: false,
  readAt: 0,
  checks: [],
  checksUnread: false,
  problem: null,
}));

const set = useShift.setState;
const get = useShift.getState;
const dayMs = 24 * 3_600_000;
const lookMs = 30_000;
export const windowsMost = 100;
/** A post check waits a quarter of a minute at least; it has no event of its own. */
const postMs = 5_000;

export function chooseArea(area: string): void {
  set({ area, known: false });
  void readShift();
}

let asked = 0;

/**
 * Reads all of it; a part that fails leaves what stood there, and says so. Only the answer to the last question counts: one
 * that was asked before a hand-over was made does not know of it.
 */
export async function readShift(): Promise<void> {
  asked += 1;
  const mine = asked;
  try {
    const desks = await ownAreas();
    const area = get().area ?? desks[0]?.path;
    if (area === undefined) return;
    const now = cloudNow();
    const inArea = `area=${encodeURIComponent(area)}`;
    const [proposal, handOvers, gaps, onDuty, windows] = await Promise.all([
      call<HandOverItem[]>('GET', `/api/hand-overs/proposal?${inArea}`),
      call<HandOver[]>('GET', '/api/hand-overs'),
      call<DutyGap[]>('GET', `/api/duty-gaps?from=${now}&to=${now + dayMs}&${inArea}`),
      call<OnDuty[]>('GET', `/api/on-duty?${inArea}`),
      call<{ items: MaintenanceWindow[] }>('GET', `/api/maintenance-windows?open=true&limit=${windowsMost}`),
    ]);
    if (mine !== asked) return;
    set({ known: true, desks, area, proposal, handOvers, gaps, onDuty, windows: windows.items, problem: null });
    set({ unread: false, readAt: cloudNow() });
  } catch (error) {
    fail(error);
    set({ unread: true });
  }
}

function fail(error: unknown): void {
  if (!isApiError(error)) throw error;
  set({ problem: error.problem });
}

async function readChecks(): Promise<void> {
  try {
    set({ checks: await call<PostCheck[]>('GET', '/api/post-checks?open=true'), checksUnread: false });
  } catch (error) {
    if (!isApiError(error)) throw error;
    set({ checksUnread: true });
  }
}

/** Looks again and again while the desk stands; returns what ends it. */
export function watchShift(): () => void {
  void readShift();
  void readChecks();
  const stops = [every(lookMs, () => void readShift()), every(postMs, () => void readChecks())];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The one of this area that is not finished, if there is one. */
export function openHandOver({ handOvers, area }: Pick<Shift, 'handOvers' | 'area'>): HandOver | undefined {
  return handOvers.find((one) => one.area === area && one.state !== 'taken');
}

/** True where the next signature is this person's to give. */
export function waitsFor(handOver: HandOver | undefined, me: string | undefined): boolean {
  return handOver?.state === 'offered' && handOver.outgoing !== me;
}

const keys = new Map<string, string>();

/** The key of one action stays until it has succeeded, so that a second press does nothing twice. */
async function once<T>(what: string, work: (key: string) => Promise<T>): Promise<T | null> {
  const key = keys.get(what) ?? newKey();
  keys.set(what, key);
  try {
    const done = await work(key);
    keys.delete(what);
    set({ problem: null });
    return done;
  } catch (error) {
    fail(error);
    return null;
  }
}

function take(handOver: HandOver | null): void {
  if (handOver === null) return;
  const others = get().handOvers.filter(({ id }) => id !== handOver.id);
  set({ handOvers: [handOver, ...others] });
  void readShift();
}

export async function makeHandOver(): Promise<void> {
  const { area } = get();
  if (area === null) return;
  take(await once(`make ${area}`, (key) => call<HandOver>('POST', '/api/hand-overs', { area, key })));
}

export async function noteHandOver(id: string, text: string): Promise<boolean> {
  const path = `/api/hand-overs/${encodeURIComponent(id)}/notes`;
  const done = await once(`note ${id} ${text}`, (key) => call<HandOver>('POST', path, { text, key }));
  take(done);
  return done !== null;
}

export async function signHandOver(id: string): Promise<void> {
  const path = `/api/hand-overs/${encodeURIComponent(id)}/sign`;
  take(await once(`sign ${id}`, (key) => call<HandOver>('POST', path, { key })));
}

/** The number that was asked for; the cloud's sentence where it was not that one. */
export async function answerCheck(id: string, answer: string): Promise<Problem | null> {
  try {
    await call<PostCheck>('POST', `/api/post-checks/${encodeURIComponent(id)}/answer`, { answer, key: newKey() });
    await readChecks();
    return null;
  } catch (error) {
    if (!isApiError(error)) throw error;
    await readChecks();
    return error.problem;
  }
}
