import { call, isApiError } from '../client/api.ts';
import { keepSetting, readSetting } from '../client/settings.ts';

export type PushState = 'on' | 'off' | 'refused' | 'impossible';

interface PushKey {
  /** Null where this installation has no such channel. */
  publicKey: string | null;
}

const labelOf = (agent: string) => (/iPhone|iPad/.test(agent) ? 'iPhone' : /Android/.test(agent) ? 'Android' : '浏览器');

async function subscription(): Promise<PushSubscription | null> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return null;
  const registration = await navigator.serviceWorker.getRegistration('/phone/');
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** What this phone does now. It needs HTTPS (or this machine), a browser that can, and a channel in the cloud. */
export async function pushState(): Promise<PushState> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'impossible';
  if ((await subscription()) !== null && readSetting('push') === 'on') return 'on';
  if ((await pushKey()) === null) return 'impossible';
  return Notification.permission === 'denied' ? 'refused' : 'off';
}

async function pushKey(): Promise<string | null> {
  try {
    return (await call<PushKey>('GET', '/api/push-key')).publicKey;
  } catch (error) {
    if (isApiError(error)) return null;
    throw error;
  }
}

/** Asks the person, then the browser, then tells the cloud where to push. An extra only: messages come without it too. */
export async function startPush(): Promise<PushState> {
  const key = await pushKey();
  if (key === null) return 'impossible';
  if ((await Notification.requestPermission()) !== 'granted') return 'refused';
  try {
    const registration = await navigator.serviceWorker.ready;
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await call('PUT', '/api/me/contacts', addressOf(made, true));
  } catch (error) {
    if (isApiError(error) || error instanceof DOMException) return 'impossible';
    throw error;
  }
  keepSetting('push', 'on');
  return 'on';
}

/** Before somebody else takes this phone: their tasks are none of this person's. @throws ApiError where the cloud is away. */
export async function stopPush(): Promise<void> {
  const made = await subscription();
  if (made === null || readSetting('push') !== 'on') return;
  await call('DELETE', '/api/me/contacts', addressOf(made, false));
  await made.unsubscribe();
  keepSetting('push', 'off');
}

function addressOf(made: PushSubscription, labelled: boolean) {
  const address = { reach: 'push', address: JSON.stringify(made.toJSON()) };
  return labelled ? { ...address, label: labelOf(navigator.userAgent) } : address;
}
