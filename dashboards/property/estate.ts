import { create } from 'zustand';
import type { DeviceSummary, Overview, Problem, Session, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { after, learnCloudTime } from '../client/clock.ts';
import { heardNow, readFresh } from '../client/pulse.ts';
import { currentSession, goSignIn } from '../client/session.ts';
import { followStream } from '../client/stream.ts';
import { mayManage, maySeeNotices } from './rights.ts';

/** What the manager's screens share: the overview, and every device heard of since the page was opened. */
interface Estate {
  phase: 'loading' | 'ready' | 'failed' | 'forbidden';
  problem: Problem | null;
  session: Session | null;
  overview: Overview | null;
  /** Newest word of each device, by `gateway/device`; laid over what a list has read. */
  live: Record<string, DeviceSummary>;
  /** Counts the events that a device page may want to read anew for. */
  alarmsHeard: number;
  /** Counts how often news were lost: what a list read before that is old, and is read anew. */
  gaps: number;
}

export const useEstate = create<Estate>(() => ({
  phase: 'loading',
  problem: null,
  session: null,
  overview: null,
  live: {},
  alarmsHeard: 0,
  gaps: 0,
}));

const set = useEstate.setState;
/** The overview is a summary of hundreds of devices: read again at most this often, however much happens. */
const settleMs = 2_000;
/** Where it could not be read; meanwhile the page grows old. */
const retryMs = 5_000;

export function keyOf(device: Pick<DeviceSummary, 'gateway' | 'id'>): string {
  return `${device.gateway}/${device.id}`;
}

export function openEstate(): () => void {
  let shut: (() => void) | null = null;
  let called = false;
  start().then(
    (stop) => {
      if (called) stop();
      else shut = stop;
    },
    (error: unknown) => fail(error),
  );
  return () => {
    called = true;
    shut?.();
  };
}

async function start(): Promise<() => void> {
  set({ phase: 'loading', problem: null });
  const session = await currentSession();
  if (session === null) {
    goSignIn();
    return () => undefined;
  }
  // A grid worker has no overview, and reads and writes notices all the same.
  if (mayManage(session) || !maySeeNotices(session)) await readOverview();
  heardNow();
  set({ phase: 'ready', session });
  return followStream('', { onEvent: take, onBroken });
}

async function readOverview(): Promise<void> {
  const overview = await readFresh('overview', () => call<Overview>('GET', '/api/overview'));
  learnCloudTime(overview.at);
  set({ overview });
}

function fail(error: unknown): void {
  if (!isApiError(error)) throw error;
  if (error.status === 401) goSignIn();
  else set({ phase: error.status === 403 || error.status === 404 ? 'forbidden' : 'failed', problem: error.problem });
}

let missed = false;

function onBroken(tries: number): void {
  missed = true;
  if (tries < 2) return;
  currentSession().then(
    (session) => {
      if (session === null) goSignIn();
    },
    (error: unknown) => {
      // Still out of reach: the banner says so, and the stream goes on trying.
      if (!isApiError(error)) throw error;
    },
  );
}

/** What changes nothing of the estate. */
const elsewhere: ReadonlySet<StreamEvent['type']> = new Set(['beat', 'responder', 'counts', 'call', 'call-count', 'task']);

function take(event: StreamEvent): void {
  heardNow();
  if (event.type === 'beat') learnCloudTime(event.at);
  if (event.type === 'device') showSoon(event.device);
  if (event.type === 'resync') set(({ gaps }) => ({ gaps: gaps + 1 }));
  if (event.type === 'alarm') set(({ alarmsHeard }) => ({ alarmsHeard: alarmsHeard + 1 }));
  if (missed || !elsewhere.has(event.type)) refreshSoon();
  missed = false;
}

/** Devices speak one by one; the page is drawn anew for all of them together, ten times a second at most. */
const drawEveryMs = 100;
let fresh: Record<string, DeviceSummary> = {};
let drawing = false;

function showSoon(device: DeviceSummary): void {
  fresh[keyOf(device)] = device;
  if (drawing) return;
  drawing = true;
  after(drawEveryMs, () => {
    drawing = false;
    const heard = fresh;
    fresh = {};
    set(({ live }) => ({ live: { ...live, ...heard } }));
  });
}

let waiting = false;

function refreshSoon(inMs = settleMs): void {
  if (waiting || useEstate.getState().overview === null) return;
  waiting = true;
  after(inMs, () => {
    waiting = false;
    readOverview().catch((error: unknown) => {
      if (!isApiError(error)) throw error;
      if (error.status === 401) goSignIn();
      else refreshSoon(retryMs);
    });
  });
}
