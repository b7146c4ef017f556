import { create } from 'zustand';
import type { CallAreaCount, CallNeed, CallPerson, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Problem, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { after } from '../../client/clock.ts';
import { follow, show, useDesk } from '../desk.ts';

/** The call in front and all that belongs to it. */
interface OpenCall {
  id: string | null;
  detail: CallDetail | null;
  problem: Problem | null;
  /** Why something of it could not be read anew; what stands is older, or nothing. */
  unread: Problem | null;
  /** This and the lists below are null until they are read: nobody who needs help is something else than nobody known. */
  areas: Record<string, CallAreaCount> | null;
  needs: readonly CallNeed[] | null;
  /** Help on its way to those needs. */
  tasks: readonly TaskSummary[];
  silent: { items: readonly CallPerson[]; total: number } | null;
  /** The need the dispatcher looks at; H moves it on. */
  spot: string | null;
  /** H found nobody. */
  nobodyWaits: boolean;
}

const nothing = {
  detail: null,
  problem: null,
  unread: null,
  areas: null,
  needs: null,
  tasks: [],
  silent: null,
  nobodyWaits: false,
} satisfies Partial<OpenCall>;

export const useCalls = create<OpenCall>(() => ({ id: null, spot: null, ...nothing }));

const set = useCalls.setState;
const get = useCalls.getState;
export const pathOf = (id: string) => `/api/calls/${encodeURIComponent(id)}`;

/** Lists of people are read again at most this often while answers pour in. */
const pauseMs = 1_500;
const silentShown = 50;
/** What could not be read is asked for again this soon. */
const againMs = 10_000;

export function isLive(state: CallSummary['state']): boolean {
  return state === 'sending' || state === 'sent';
}

/** Brings a call to the front. */
export function openCall(id: string): void {
  if (get().id !== id) {
    lacking.clear();
    set({ id, ...nothing });
  }
  show({ kind: 'call', id });
  void readAll(id);
}

const parts = { detail: readDetail, counts: readCounts, people: readPeople };
type Part = keyof typeof parts;

/** Everything of the call; also what stands there is read anew. */
export async function readAll(id: string): Promise<void> {
  await readDetail(id);
  await Promise.all([readCounts(id), readPeople(id)]);
}

/** What could not be read of the call in front, and how its next try is called off. */
const lacking = new Map<Part, () => void>();

/** Asks for a part of the call in front and takes it if that one is still there; where it cannot be read, again until it can. */
async function readFor(id: string, part: Part, ask: () => Promise<() => void>): Promise<void> {
  try {
    const take = await ask();
    if (get().id !== id) return;
    lacking.get(part)?.();
    lacking.delete(part);
    take();
    if (lacking.size === 0) set({ unread: null });
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (get().id !== id) return;
    lacking.get(part)?.();
    lacking.set(
      part,
      after(againMs, () => void (get().id === id ? parts[part](id) : undefined)),
    );
    // What stands stays and is said to be old. Without the call itself there is nothing.
    set(get().detail === null ? { problem: error.problem } : { unread: error.problem });
  }
}

export function readDetail(id: string): Promise<void> {
  return readFor(id, 'detail', async () => {
    const detail = await call<CallDetail>('GET', pathOf(id));
    return () => takeCall(detail);
  });
}

function readCounts(id: string): Promise<void> {
  return readFor(id, 'counts', async () => {
    const areas = await call<CallAreaCount[]>('GET', `${pathOf(id)}/counts`);
    return () => set({ areas: Object.fromEntries(areas.map((one) => [one.area, one])) });
  });
}

async function readPeople(id: string): Promise<void> {
  const { detail } = get();
  if (detail === null || detail.begunAt === null) return;
  const query = new URLSearchParams({ source: id, kind: 'visit', state: 'all', limit: '200' });
  await readFor(id, 'people', async () => {
    const [needs, { items: tasks }, silent] = await Promise.all([
      call<CallNeed[]>('GET', `${pathOf(id)}/needs`),
      call<{ items: TaskSummary[] }>('GET', `/api/tasks?${query.toString()}`),
      call<NonNullable<OpenCall['silent']>>('GET', `${pathOf(id)}/people?show=silent&limit=${silentShown}`),
    ]);
    return () => set({ needs, tasks, silent });
  });
}

/** The call as it is now, from an answer of the cloud or from the stream. */
export function takeCall(detail: CallDetail): void {
  if (get().id === detail.id) set({ detail, problem: null });
}

let callOff: (() => void) | null = null;

function readPeopleSoon(id: string): void {
  callOff ??= after(pauseMs, () => {
    callOff = null;
    if (get().id === id) void readPeople(id);
  });
}

function take(event: StreamEvent): void {
  const { id, detail } = get();
  if (id === null) return;
  if (event.type === 'resync') return void readAll(id);
  if (event.type === 'task') return readPeopleSoon(id);
  if (event.type === 'call-count' && event.call === id) {
    const { areas } = get();
    // Some of them are not all of them.
    return areas === null
      ? undefined
      : set({ areas: { ...areas, ...Object.fromEntries(event.areas.map((one) => [one.area, one])) } });
  }
  if (event.type !== 'call' || event.call.id !== id || detail === null) return;
  set({ detail: { ...detail, ...event.call } });
  if (event.call.version !== detail.version) void readAll(id);
  else readPeopleSoon(id);
}

follow(take);

const byTime = (a: CallNeed, b: CallNeed) => a.at - b.at || a.id.localeCompare(b.id);

/** Everybody who waits for help in any running call, who has waited longest first. */
async function waiting(): Promise<CallNeed[]> {
  const calls = Object.values(useDesk.getState().board?.calls ?? {}).filter(
    ({ state, count }) => isLive(state) && count.help > 0,
  );
  const lists = await Promise.all(calls.map(({ id }) => call<CallNeed[]>('GET', `${pathOf(id)}/needs`)));
  return lists
    .flat()
    .filter(({ state }) => state === 'open')
    .sort(byTime);
}

/** H: the next one who needs help, whichever call it is; after the last comes the first. */
export async function nextHelp(): Promise<void> {
  try {
    const needs = await waiting();
    const next = needs[(needs.findIndex(({ id }) => id === get().spot) + 1) % Math.max(1, needs.length)];
    // Of calls that could not be read nobody knows who waits.
    const { board, unread } = useDesk.getState();
    if (next === undefined) return set({ nobodyWaits: board?.calls !== null && unread.calls === null });
    openCall(next.call);
    set({ spot: next.id, nobodyWaits: false });
  } catch (error) {
    if (!isApiError(error)) throw error;
    useDesk.setState({ notice: { kind: 'failed', problem: error.problem, first: null, retry: () => void nextHelp() } });
  }
}
