import { call, isApiError } from '../client/api.ts';
import { dropStep, keepStep, type KeptStep, stepsOf } from './kept.ts';

type Sent = 'all' | 'unreachable' | 'signed-out';

function send(step: KeptStep): Promise<unknown> {
  const { task, check, step: done, reason, phoneAt, key } = step;
  const path = `/api/me/tasks/${encodeURIComponent(task)}`;
  if (check !== null) return call('POST', `${path}/checks/${encodeURIComponent(check)}`, { state: done, phoneAt, key });
  return call('POST', `${path}/moves`, { move: done, phoneAt, key, ...(reason === null ? {} : { reason }) });
}

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
      await keepStep({ ...step, refused: error.problem });
    }
  }
  return 'all';
}

/** One sender at a time, also with two tabs open. */
export function sendKept(user: string): Promise<Sent> {
  return 'locks' in navigator ? navigator.locks.request('yihu-phone-send', () => sendInOrder(user)) : sendInOrder(user);
}
