import { create } from 'zustand';
import { isOpen, type IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Problem, Session, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { call, isApiError } from '../client/api.ts';
import { after, every, learnCloudTime } from '../client/clock.ts';
import { heardNow, readOwed } from '../client/pulse.ts';
import { currentSession, goSignIn } from '../client/session.ts';
import { followStream } from '../client/stream.ts';

interface Live {
  phase: 'loading' | 'ready' | 'failed' | 'forbidden';
  problem: Problem | null;
  session: Session | null;
  view: WallView | null;
}

export const useLive = create<Live>(() => ({ phase: 'loading', problem: null, session: null, view: null }));

const set = useLive.setState;
/** Incidents come with the stream at once; what is counted is read again this soon after news, and this often without any. */
const settleMs = 2_000;
const readEveryMs = 10_000;
/** A wall has nobody to press Retry. */
const retryEveryMs = 10_000;

let isAsked = false;

/** Shows the live wall until the returned function is called; starts again by itself where it could not start. */
export function openWall(): () => void {
  let shut: (() => void) | null = null;
  let callOff: (() => void) | null = null;
  let over = false;
  const begin = () => {
    start().then(
      (stop) => {
        if (over) stop();
        else shut = stop;
      },
      (error: unknown) => {
        fail(error);
        if (!over) callOff = after(retryEveryMs, begin);
      },
    );
  };
  begin();
  return () => {
    over = true;
    callOff?.();
    shut?.();
  };
}

async function start(): Promise<() => void> {
  const session = await currentSession();
  if (session === null) {
    goSignIn();
    return () => undefined;
  }
  const view = await read();
  heardNow();
  set({ phase: 'ready', session, problem: null });
  const stopReading = every(readEveryMs, readAgain);
  const stopHearing = followStream(view.stream, { onEvent: take, onBroken }, 'wall');
  return () => {
    stopReading();
    stopHearing();
  };
}

async function read(): Promise<WallView> {
  isAsked = true;
  try {
    const view = await readOwed('wall', () => call<WallView>('GET', '/api/wall'));
    learnCloudTime(view.at);
    set({ view });
    return view;
  } finally {
    isAsked = false;
  }
}

function readAgain(): void {
  if (isAsked) return;
  read().catch((error: unknown) => {
    // The age on the wall tells, and the banner after it; the next turn tries again.
    if (!isApiError(error)) throw error;
    if (error.status === 401) goSignIn();
  });
}

function fail(error: unknown): void {
  if (!isApiError(error)) throw error;
  if (error.status === 401) goSignIn();
  else set({ phase: error.status === 403 || error.status === 404 ? 'forbidden' : 'failed', problem: error.problem });
}

function onBroken(): void {
  readSoon();
}

function take(event: StreamEvent): void {
  heardNow();
  if (event.type === 'beat') learnCloudTime(event.at);
  if (event.type === 'incident') keepIncident(event.incident);
  if (event.type === 'counts') set(({ view }) => (view === null ? {} : { view: { ...view, devices: event.devices } }));
  if (event.type !== 'beat') readSoon();
}

function keepIncident(incident: IncidentSummary): void {
  set(({ view }) => {
    if (view === null) return {};
    const others = view.incidents.filter(({ id }) => id !== incident.id);
    return { view: { ...view, incidents: isOpen(incident.state) ? [incident, ...others] : others } };
  });
}

let waiting = false;

function readSoon(): void {
  if (waiting) return;
  waiting = true;
  after(settleMs, () => {
    waiting = false;
    readAgain();
  });
}
