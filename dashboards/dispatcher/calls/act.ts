import type { CallAnswer, CallPress } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { call, isApiError } from '../../client/api.ts';
import { newKey } from '../../client/key.ts';
import { useDesk } from '../desk.ts';
import { pathOf, readDetail, takeCall, useCalls } from './read.ts';

/** What the desk does with a call that is there. The sentence of a refusal stands above the call, with a retry where one helps. */
async function attempt(id: string, work: () => Promise<CallDetail>): Promise<boolean> {
  useDesk.setState({ notice: null });
  try {
    takeCall(await work());
    return true;
  } catch (error) {
    if (!isApiError(error)) throw error;
    const retry = error.status === 0 || error.status >= 500 ? () => void attempt(id, work) : null;
    useDesk.setState({
      notice: { kind: error.status === 409 ? 'conflict' : 'failed', problem: error.problem, first: null, retry },
    });
    await readDetail(id);
    return false;
  }
}

export function pressCall(detail: CallDetail, move: CallPress, reason: string): Promise<boolean> {
  const key = newKey();
  const why = reason.trim() === '' ? {} : { reason: reason.trim() };
  return attempt(detail.id, () => {
    const { detail: now } = useCalls.getState();
    const version = now?.id === detail.id ? now.version : detail.version;
    return call<CallDetail>('POST', `${pathOf(detail.id)}/moves`, { move, version, ...why, key });
  });
}

export function moveNeed(id: string, need: string, move: 'take' | 'done', outcome: string | null): Promise<boolean> {
  const key = newKey();
  return attempt(id, () => call<CallDetail>('POST', `${pathOf(id)}/needs/${encodeURIComponent(need)}`, { move, outcome, key }));
}

/** What somebody said at the telephone, written for them. */
export function answerFor(id: string, person: string, result: CallAnswer): Promise<boolean> {
  const key = newKey();
  const results = [{ person, result, note: null }];
  return attempt(id, () => call<CallDetail>('POST', `${pathOf(id)}/answers`, { where: 'phone', results, key }));
}
