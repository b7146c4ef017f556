import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { create } from 'zustand';
import { call, isApiError } from '../client/api.ts';
import { every, localNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { currentSession, goSignIn, signOut } from '../client/session.ts';
import { type Copy, dropStep, keepCopy, keepStep, type KeptStep, lastCopy, stepsOf } from './kept.ts';
import { sendKept } from './queue.ts';

const lookMs = 10_000;

interface Desk {
  /** Null until anything is known, from the phone or from the cloud. */
  copy: Copy | null;
  steps: KeptStep[];
  /** Whether the last attempt to reach the cloud failed. */
  offline: boolean;
  /** What the phone itself could not do. */
  trouble: 'not-kept' | 'no-place' | 'not-now' | null;
}

export const useDesk = create<Desk>(() => ({ copy: null, steps: [], offline: false, trouble: null }));

let session: Session | null = null;
let running: Promise<void> | null = null;
let again = false;

async function readSteps(): Promise<void> {
  const user = useDesk.getState().copy?.user.id;
  if (user !== undefined) useDesk.setState({ steps: await stepsOf(user) });
}

async function exchange(): Promise<void> {
  session ??= await currentSession();
  if (session === null) return goSignIn();
  const sent = await sendKept(session.user.id);
  if (sent === 'signed-out') return goSignIn();
  if (sent === 'unreachable') return useDesk.setState({ offline: true });
  const tasks = await call<TaskSummary[]>('GET', '/api/me/tasks');
  const { onDuty } = await call<{ onDuty: boolean }>('GET', '/api/me/duty');
  const copy: Copy = { user: session.user, tasks, onDuty, at: localNow() };
  await keepCopy(copy);
  useDesk.setState({ copy, offline: false });
}

async function exchangeSafely(): Promise<void> {
  try {
    await exchange();
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (error.status === 401) return goSignIn();
    useDesk.setState({ offline: true });
  } finally {
    await readSteps();
  }
}

/** Sends what waits and looks what is new; a call during one that runs is one more run afterwards. */
export function look(): Promise<void> {
  again = running !== null;
  running ??= exchangeSafely().finally(() => {
    running = null;
    if (again) void look();
  });
  return running;
}

/** Shows what the phone kept at once, then asks the cloud, every 10 s and when the network is back. */
export function startDesk(): () => void {
  void lastCopy().then(async (copy) => {
    if (copy !== null && useDesk.getState().copy === null) useDesk.setState({ copy });
    await readSteps();
    await look();
  });
  const asked = () => void look();
  addEventListener('online', asked);
  document.addEventListener('visibilitychange', asked);
  const stop = every(lookMs, asked);
  return () => {
    stop();
    removeEventListener('online', asked);
    document.removeEventListener('visibilitychange', asked);
  };
}

type Doing = Pick<KeptStep, 'step'> & { check?: string; reason?: string };

/** Kept on the phone first, sent after: a tap is never lost to the network. */
export async function doStep(task: TaskSummary, { step, check, reason }: Doing): Promise<void> {
  const user = useDesk.getState().copy?.user.id;
  if (user === undefined) return;
  const about = { user, task: task.id, title: task.title, check: check ?? null, step, reason: reason ?? null };
  try {
    await keepStep({ ...about, phoneAt: localNow(), key: newKey(), refused: null });
  } catch {
    return useDesk.setState({ trouble: 'not-kept' });
  }
  await readSteps();
  await look();
}

/** The person has read why it was refused. */
export async function forget(step: KeptStep): Promise<void> {
  if (step.n !== undefined) await dropStep(step.n);
  await readSteps();
}

/** Going on or off duty is said to the cloud now or not at all: nobody is sent by what was true an hour ago. */
export async function setDuty(onDuty: boolean): Promise<void> {
  try {
    await call('PUT', '/api/me/duty', { onDuty });
    useDesk.setState({ trouble: null });
  } catch (error) {
    if (!isApiError(error)) throw error;
    useDesk.setState({ trouble: 'not-now' });
  }
  await look();
}

/** Tells where this phone is, once; only asked for while on duty. */
export function tellPlace(): void {
  const say = ({ coords, timestamp }: GeolocationPosition) => {
    const { longitude: lon, latitude: lat, accuracy } = coords;
    const place = { lon, lat, accuracyM: Math.min(accuracy, 100_000), phoneAt: Math.round(timestamp) };
    call('PUT', '/api/me/place', place).catch(() => undefined);
  };
  const failed = () => useDesk.setState({ trouble: 'no-place' });
  navigator.geolocation.getCurrentPosition(say, failed, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
}

/** The page offers this only while nothing waits, so that nothing stays unsent in the hands of the next person. */
export async function leave(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    if (!isApiError(error)) throw error;
    return useDesk.setState({ trouble: 'not-now' });
  }
  await keepCopy(null);
  goSignIn();
}
