import type { Alarm, AlarmMove } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { canMove, type IncidentDetail, type IncidentMove, type PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { call, isApiError } from '../client/api.ts';
import { newKey } from '../client/key.ts';
import { isStale } from '../client/pulse.ts';
import { loadDetail, useDesk } from './desk.ts';

/** Everything the dispatcher does to the cloud. Each action has one key for all its tries, so a retry cannot do it twice. */
const set = useDesk.setState;

export interface MoveBody {
  reason?: string;
  person?: string;
}

let running: Promise<unknown> = Promise.resolve();

/** One after the other: what is asked for while another action is under way waits for it, and is never dropped. */
function attempt(incident: string | null, work: () => Promise<unknown>): Promise<boolean> {
  const mine = running.then(() => tryOnce(incident, work));
  running = mine;
  return mine;
}

async function tryOnce(incident: string | null, work: () => Promise<unknown>): Promise<boolean> {
  if (isStale()) return false;
  set({ busy: true, notice: null });
  try {
    await work();
    set({ busy: false });
    if (incident !== null) await loadDetail(incident);
    return true;
  } catch (error) {
    set({ busy: false });
    if (!isApiError(error)) throw error;
    if (incident !== null) await loadDetail(incident);
    if (error.status === 409) set({ notice: { kind: 'conflict', problem: error.problem, first: whoWasFirst(), retry: null } });
    else {
      const retry = error.status === 0 || error.status >= 500 ? () => void attempt(incident, work) : null;
      set({ notice: { kind: 'failed', problem: error.problem, first: null, retry } });
    }
    return false;
  }
}

/** The last thing a person did to this incident, from its own timeline. */
function whoWasFirst(): { name: string; at: number; did: Text } | null {
  const { detail } = useDesk.getState();
  const line = detail?.timeline.findLast((one) => one.actorName !== null);
  if (line === undefined || line.actorName === null) return null;
  return { name: line.actorName, at: line.at, did: line.text };
}

/** The version a move states is the one on the screen when it goes out: an own action before it may have moved it on. */
function postMove(detail: IncidentDetail, move: IncidentMove, body: MoveBody, key: string): Promise<unknown> {
  const shown = useDesk.getState().detail;
  const { version } = shown?.id === detail.id ? shown : detail;
  return call('POST', `/api/incidents/${encodeURIComponent(detail.id)}/moves`, { move, version, ...body, key });
}

function postAlarmMove(alarm: Alarm, move: AlarmMove, body: { reason?: string; until?: number }, key: string): Promise<unknown> {
  const path = `/api/alarms/${encodeURIComponent(alarm.id)}/moves`;
  return call('POST', path, { move, version: alarm.version, ...body, key });
}

export function moveIncident(detail: IncidentDetail, move: IncidentMove, body: MoveBody = {}): Promise<boolean> {
  const key = newKey();
  return attempt(detail.id, () => postMove(detail, move, body, key));
}

/** A key for each alarm, made once per action: a retry of the action repeats them. */
function keyed(alarms: readonly Alarm[]): { alarm: Alarm; key: string }[] {
  return alarms.map((alarm) => ({ alarm, key: newKey() }));
}

/** A: confirms the incident and acknowledges every alarm of it. The incident goes first: who is late is told before anything else moves. */
export function acknowledge(detail: IncidentDetail): Promise<boolean> {
  const key = newKey();
  const waiting = keyed(
    detail.alarms.filter((alarm) => alarm.ack === null && (alarm.active || alarm.latched || alarm.isa.includes('unacked'))),
  );
  return attempt(detail.id, async () => {
    if (canMove('confirm', detail.state)) await postMove(detail, 'confirm', {}, key);
    for (const { alarm, key: own } of waiting) await ackOne(alarm, own);
  });
}

/** An alarm that is acknowledged already, by whomever, needs nothing more of us. */
async function ackOne(alarm: Alarm, key: string): Promise<void> {
  try {
    await postAlarmMove(alarm, 'ack', {}, key);
  } catch (error) {
    if (!isApiError(error) || error.status !== 409) throw error;
    await ackAsItIsNow(error.current, key);
  }
}

/** Its version moved between our look and our key press: if it still waits, the acknowledgement is meant for it as it is now. */
async function ackAsItIsNow(current: unknown, key: string): Promise<void> {
  const alarm = current as Alarm | undefined;
  if (alarm === undefined || alarm.ack !== null) return;
  await postAlarmMove(alarm, 'ack', {}, `${key}-again`);
}

export function canShelve(alarm: Alarm): boolean {
  return alarm.active && alarm.shelf === null;
}

/** Z: every active alarm of the incident, until the same time. */
export function shelve(detail: IncidentDetail, until: number, reason: string): Promise<boolean> {
  const alarms = keyed(detail.alarms.filter(canShelve));
  return attempt(detail.id, async () => {
    for (const { alarm, key: own } of alarms) await postAlarmMove(alarm, 'shelve', { until, reason }, own);
  });
}

/** A latch that waits for a person, and whose cause is gone. */
export function canReset(alarm: Alarm): boolean {
  return alarm.latched && !alarm.active;
}

/** E: lets go of the latches of these alarms; a reset is an acknowledgement as well. */
export function reset(detail: IncidentDetail, alarms: readonly Alarm[] = detail.alarms): Promise<boolean> {
  const latched = keyed(alarms.filter(canReset));
  return attempt(detail.id, async () => {
    for (const { alarm, key } of latched) await postAlarmMove(alarm, 'reset', {}, key);
  });
}

/** Back from the shelf before its time. */
export function unshelve(alarm: Alarm): Promise<boolean> {
  const key = newKey();
  return attempt(alarm.incident, () => postAlarmMove(alarm, 'unshelve', {}, key));
}

export function note(detail: IncidentDetail, text: string): Promise<boolean> {
  const key = newKey();
  return attempt(detail.id, () => call('POST', `/api/incidents/${encodeURIComponent(detail.id)}/notes`, { text, key }));
}

export function setStep(
  detail: IncidentDetail,
  step: PlanStep,
  state: 'pending' | 'done' | 'skipped',
  reason?: string,
): Promise<boolean> {
  const key = newKey();
  const path = `/api/incidents/${encodeURIComponent(detail.id)}/steps/${encodeURIComponent(step.id)}`;
  return attempt(detail.id, () => call('POST', path, { state, ...(reason === undefined ? {} : { reason }), key }));
}

/** An installer waits for this: the path works up to here. */
export function acknowledgeTest(alarm: Alarm): Promise<boolean> {
  const key = newKey();
  return attempt(null, () => ackOne(alarm, key));
}

/** The gateway hears that this desk shows the test. Where it cannot, the installer is told that no desk did. */
export async function sayShown(alarm: Alarm): Promise<void> {
  try {
    await call('POST', `/api/alarms/${encodeURIComponent(alarm.id)}/shown`, {});
  } catch (error) {
    if (!isApiError(error)) throw error;
  }
}

/** Whether the person at this desk is on duty; the stream brings the answer back to every desk. */
export async function setDuty(onDuty: boolean): Promise<void> {
  try {
    await call('PUT', '/api/me/duty', { onDuty });
    const { board, session } = useDesk.getState();
    const me = board?.responders[session?.user.id ?? ''];
    if (board && me) set({ board: { ...board, responders: { ...board.responders, [me.id]: { ...me, onDuty } } } });
  } catch (error) {
    if (!isApiError(error)) throw error;
    set({ notice: { kind: 'failed', problem: error.problem, first: null, retry: null } });
  }
}
