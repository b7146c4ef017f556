import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { call, isApiError, sendPicture } from '../client/api.ts';
import type { Kept } from './doing.ts';
import { dropStep, keepStep, stepsOf } from './kept.ts';

type Sent = 'all' | 'unreachable' | 'signed-out';

function send(kept: Kept): Promise<unknown> {
  const { key, phoneAt } = kept;
  switch (kept.kind) {
    case 'move': {
      const reason = kept.reason === null ? {} : { reason: kept.reason };
      return call('POST', `${taskPath(kept.task)}/moves`, { move: kept.step, phoneAt, key, ...reason });
    }
    case 'check': {
      const note = kept.note === null ? {} : { note: kept.note };
      const path = `${taskPath(kept.task)}/checks/${encodeURIComponent(kept.check)}`;
      return call('POST', path, { state: kept.step, phoneAt, key, ...note });
    }
    case 'photo':
      return sendPicture(`${taskPath(kept.task)}/photos?key=${key}&takenAt=${Math.round(phoneAt)}`, kept.picture);
    case 'roll-call':
      return call('POST', `/api/me/roll-calls/${encodeURIComponent(kept.call)}`, { state: kept.step, key });
    case 'door': {
      const results = [{ person: kept.person, result: kept.step, note: kept.note }];
      return call('POST', `/api/calls/${encodeURIComponent(kept.call)}/answers`, { where: 'door', results, key });
    }
    case 'visit':
      return call('PATCH', `/api/people/${encodeURIComponent(kept.person)}`, { ...kept.body, key });
  }
}

const taskPath = (task: string) => `/api/me/tasks/${encodeURIComponent(task)}`;

/** What says nothing about the step itself: it is sent again later, with the same key. */
function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/**
 * Sends what waits, in the order of doing. A step leaves the phone only when the cloud has taken it; one that the cloud
 * refuses stays, with the reason, until the person has read it.
 */
async function sendInOrder(user: string): Promise<Sent> {
  for (const step of await stepsOf(user)) {
    if (step.refused !== null || step.n === undefined) continue;
    try {
      await send(step);
      await dropStep(step.n);
    } catch (error) {
      if (!isApiError(error)) throw error;
      if (isPassing(error.status)) return 'unreachable';
      if (error.status === 401) return 'signed-out';
      const current = step.kind === 'visit' && error.current !== undefined ? { current: error.current as PersonDetail } : {};
      await keepStep({ ...step, refused: error.problem, ...current });
    }
  }
  return 'all';
}

/** One sender at a time, also with two tabs open. */
export function sendKept(user: string): Promise<Sent> {
  return 'locks' in navigator ? navigator.locks.request('yihu-phone-send', () => sendInOrder(user)) : sendInOrder(user);
}
