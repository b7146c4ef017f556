import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { create } from 'zustand';
import { call, isApiError } from '../client/api.ts';
import { every, localNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { currentSession, goSignIn, signOut } from '../client/session.ts';
import { bytesOf, type Doing, type Kept } from './doing.ts';
import { homesOf } from './homes.ts';
import { type Copy, dropStep, keepCopy, keepStep, lastCopy, photoBytesKept, stepsOf } from './kept.ts';
import { stopPush } from './push.ts';
import { sendKept } from './queue.ts';

const lookMs = 10_000;

interface Desk {
  /** Null until anything is known, from the phone or from the cloud. */
  copy: Copy | null;
  steps: Kept[];
  /** Whether the last attempt to reach the cloud failed. */
  offline: boolean;
  /** Who lives where the tasks lead could not be read at the last attempt. */
  homesUnread: boolean;
  /** What the phone itself could not do. */
  trouble: 'not-kept' | 'no-place' | 'not-now' | 'photos-full' | 'no-photo' | null;
}

export const useDesk = create<Desk>(() => ({ copy: null, steps: [], offline: false, homesUnread: false, trouble: null }));

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
  // What this phone itself says of a home makes its copy of it old.
  const changesHomes = (await stepsOf(session.user.id)).some(({ kind }) => kind === 'door' || kind === 'visit');
  const sent = await sendKept(session.user.id);
  if (sent === 'signed-out') return goSignIn();
  if (sent === 'unreachable') return useDesk.setState({ offline: true });
  const tasks = await call<TaskSummary[]>('GET', '/api/me/tasks');
  const { onDuty } = await call<{ onDuty: boolean }>('GET', '/api/me/duty');
  const rollCalls = await call<RollCall[]>('GET', '/api/me/roll-calls');
  const homes = changesHomes ? {} : (useDesk.getState().copy?.homes ?? {});
  const copy: Copy = { user: session.user, tasks, onDuty, rollCalls, homes, at: localNow() };
  await show(copy);
  // Behind what is urgent: who lives there may take a while, and can wait. That it could not be read makes no task old.
  try {
    const known = await homesOf(tasks, homes);
    if (known !== homes) await show({ ...copy, homes: known });
    useDesk.setState({ homesUnread: false });
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (error.status === 401) return goSignIn();
    useDesk.setState({ homesUnread: true });
  }
}

async function show(copy: Copy): Promise<void> {
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

/** Kept on the phone first, sent after: a tap is never lost to the network. False where the phone could not keep it. */
export async function doStep(title: Kept['title'], ...doings: readonly Doing[]): Promise<boolean> {
  const { copy, steps } = useDesk.getState();
  if (copy === null) return false;
  if (bytesOf([...steps, ...doings]) > photoBytesKept && bytesOf(doings) > 0) {
    useDesk.setState({ trouble: 'photos-full' });
    return false;
  }
  try {
    for (const doing of doings)
      await keepStep({ ...doing, user: copy.user.id, title, phoneAt: localNow(), key: newKey(), refused: null });
  } catch {
    useDesk.setState({ trouble: 'not-kept' });
    return false;
  }
  useDesk.setState({ trouble: null });
  await readSteps();
  await look();
  return true;
}

export function say(trouble: Desk['trouble']): void {
  useDesk.setState({ trouble });
}

/** The person has read why it was refused. */
export async function forget(step: Kept): Promise<void> {
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
  const tell = ({ coords, timestamp }: GeolocationPosition) => {
    const { longitude: lon, latitude: lat, accuracy } = coords;
    const place = { lon, lat, accuracyM: Math.min(accuracy, 100_000), phoneAt: Math.round(timestamp) };
    call('PUT', '/api/me/place', place).catch(() => undefined);
  };
  const failed = () => useDesk.setState({ trouble: 'no-place' });
  navigator.geolocation.getCurrentPosition(tell, failed, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
}

/** The page offers this only while nothing waits, so that nothing stays unsent in the hands of the next person. */
export async function leave(): Promise<void> {
  try {
    await stopPush();
    await signOut();
  } catch (error) {
    if (!isApiError(error)) throw error;
    return useDesk.setState({ trouble: 'not-now' });
  }
  await keepCopy(null);
  goSignIn();
}
