import type { Leg, TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import {
  type TaskCandidate,
  type TaskCheck,
  taskLife,
  type TaskMove,
  type TaskState,
  type TaskSummary,
} from '@yihu/device-profiles/vocabulary/task.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { offerMs } from './limits.ts';

/** 任务 as kept: the summary without what is read beside it. */
export interface TaskCore extends Omit<TaskSummary, 'areaName' | 'legs'> {
  readonly lifeSafety: boolean;
  /** Who may be asked. */
  readonly roles: readonly string[];
  /** The errand of the person who has it or is asked. */
  readonly leg: string | null;
}

export interface TaskRequest {
  readonly move: TaskMove;
  /** Null where a time has come. */
  readonly by: { readonly id: string; readonly name: string } | null;
  /** Server's clock, ms since 1970 UTC. */
  readonly at: number;
  /** Of the desk: the version it saw. The person's phone may have been out of reach, so its moves carry none. */
  readonly version?: number | undefined;
  readonly reason?: string | undefined;
  readonly person?: { readonly id: string; readonly name: string } | undefined;
  /** The phone's own time, kept beside the server's. */
  readonly phoneAt?: number | undefined;
  /** Id of the errand if one is made. */
  readonly legId: string;
  /** How the person was found, where nobody chose them. */
  readonly found?: Pick<TaskCandidate, 'located' | 'metres'> | undefined;
}

export interface TaskRefusal {
  readonly code: 'version-conflict' | 'not-allowed' | 'not-yours' | 'reason-needed' | 'person-needed' | 'not-found';
  readonly message: Text;
}

export interface TaskLine {
  readonly kind: TimelineLine['kind'];
  readonly text: Text;
  readonly data: TimelineLine['data'];
  readonly actor?: { readonly id: string; readonly name: string };
}

export interface MovedTask {
  readonly task: TaskCore;
  readonly legs: readonly (Leg & { phoneAt?: number | undefined; reason?: string | undefined })[];
  readonly line: TaskLine;
  /** The next candidate is to be asked. */
  readonly seek: boolean;
}

export type TaskResult = MovedTask | { readonly refused: TaskRefusal };

/** What becomes of the errand of the person who had it. */
const legAfter: Partial<Record<TaskMove, Leg['state']>> = {
  accept: 'accepted',
  decline: 'declined',
  expire: 'expired',
  'set-out': 'en-route',
  arrive: 'on-scene',
  finish: 'done',
  transfer: 'cancelled',
  return: 'accepted',
  cancel: 'cancelled',
};

/** 任务的一步, by the table `taskLife`. A step that was taken already is refused and changes nothing. */
export function applyTaskMove(task: TaskCore, leg: Leg | null, request: TaskRequest): TaskResult {
  const refused = refuse(task, request);
  if (refused) return { refused };
  const { move, at, person, reason } = request;
  const { to } = taskLife[move];
  const asked = person && to === 'offered' ? person : null;
  const ended = legAfter[move];
  const legs = [
    ...(leg && ended ? [{ ...leg, state: ended, at, phoneAt: request.phoneAt, reason: reason?.trim() }] : []),
    ...(asked ? [{ id: request.legId, person: asked.id, personName: asked.name, state: 'offered' as const, at }] : []),
  ];
  const next: TaskCore = {
    ...task,
    state: to,
    ...holderAfter(task, to, asked, request),
    offeredUntil: to === 'offered' ? at + offerMs(task.kind, task.lifeSafety) : null,
    checks: move === 'finish' ? task.checks.map((check) => missed(check, at)) : task.checks,
    trouble: null,
    updatedAt: at,
    version: task.version + 1,
  };
  return { task: next, legs, line: lineOf(task, next, request), seek: move === 'decline' || move === 'expire' };
}

function holderAfter(
  task: TaskCore,
  to: TaskState,
  asked: { id: string; name: string } | null,
  request: TaskRequest,
): Pick<TaskCore, 'person' | 'personName' | 'leg'> {
  if (asked) return { person: asked.id, personName: asked.name, leg: request.legId };
  if (to === 'created') return { person: null, personName: null, leg: null };
  return { person: task.person, personName: task.personName, leg: task.leg };
}

function missed(check: TaskCheck, at: number): TaskCheck {
  return check.state === 'pending' ? { ...check, state: 'missed', at } : check;
}

function refuse(task: TaskCore, request: TaskRequest): TaskRefusal | null {
  const { move, by, version, person, reason } = request;
  const step = taskLife[move];
  if (step.by === 'desk' && version !== undefined && version !== task.version) {
    return refusal(
      'version-conflict',
      '任务刚被其他人更新，请看清当前状态后再操作',
      'Somebody has just changed this task. Look at its present state, then act again',
    );
  }
  // Who was asked and is asked no more hears that first: "not in this state" would be of somebody else's errand.
  if (step.by === 'person' && by?.id !== task.person) {
    return refusal('not-yours', '这个任务现在不在您手上', 'You do not have this task now');
  }
  if (!step.from.includes(task.state)) {
    const [zh, en] = stateNames[task.state];
    return refusal('not-allowed', `任务${zh}，不能做这一步`, `The task is ${en}; this step is not open from there`);
  }
  if (step.needsReason && !reason?.trim()) return refusal('reason-needed', '请写明原因', 'Say why');
  if (step.needsPerson && !person) return refusal('person-needed', '请选择派谁去', 'Choose whom to send');
  const pending = task.checks.filter((check) => check.state === 'pending').length;
  if (move === 'finish' && pending > 0 && !reason?.trim()) {
    return refusal(
      'reason-needed',
      `还有 ${pending} 个点位没有检查，请写明原因`,
      `${pending} points were not looked at. Say why`,
    );
  }
  return null;
}

function refusal(code: TaskRefusal['code'], zh: string, en: string): TaskRefusal {
  return { code, message: { zh, en } };
}

export const stateNames: Record<TaskState, readonly [zh: string, en: string]> = {
  created: ['待派', 'waiting for somebody'],
  offered: ['已派出', 'offered'],
  accepted: ['已接受', 'accepted'],
  'en-route': ['在路上', 'on the way'],
  'on-scene': ['已到场', 'on scene'],
  done: ['已完成', 'done'],
  verified: ['已核查', 'verified'],
  cancelled: ['已取消', 'cancelled'],
};

const said: Record<TaskMove, readonly [zh: string, en: string]> = {
  offer: ['已派出', 'was sent'],
  accept: ['已接受', 'accepted'],
  decline: ['不能去', 'declined'],
  expire: ['超时未接受', 'did not answer in time'],
  'set-out': ['已出发', 'is on the way'],
  arrive: ['已到场', 'is on scene'],
  finish: ['已完成', 'is done'],
  transfer: ['已转派', 'was sent instead'],
  verify: ['已核查通过', 'was verified'],
  return: ['退回重办', 'has to do it again'],
  cancel: ['已取消', 'was called off'],
};

/** `Text` holds at most 120 characters; the whole reason stands in the data. */
function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

function lineOf(before: TaskCore, after: TaskCore, request: TaskRequest): TaskLine {
  const { move, by, reason, phoneAt, found } = request;
  const who = after.personName ?? before.personName ?? before.title.zh;
  const why = reason?.trim();
  const [zh, en] = said[move];
  const [howZh, howEn] = found ? howFound(found) : ['', ''];
  const data: TaskLine['data'] = { task: before.id, move, from: before.state, to: after.state };
  const errand = after.leg ?? before.leg;
  const person = after.person ?? before.person;
  if (errand !== null) data['leg'] = errand;
  if (person !== null) data['person'] = person;
  if (why) data['reason'] = why;
  if (phoneAt !== undefined) data['phoneAt'] = phoneAt;
  if (found) data['located'] = found.located;
  if (found && found.metres !== null) data['metres'] = found.metres;
  return {
    kind: 'dispatch',
    text: { zh: clip(`${who} ${zh}${howZh}${why ? `：${why}` : ''}`), en: clip(`${who} ${en}${howEn}${why ? `: ${why}` : ''}`) },
    data,
    ...(by === null ? {} : { actor: by }),
  };
}

function howFound({ located, metres }: Pick<TaskCandidate, 'located' | 'metres'>): readonly [zh: string, en: string] {
  if (located === 'stale') return ['（位置已过时）', ' (position out of date)'];
  if (located === 'unknown' || metres === null) return ['（距离不明）', ' (distance unknown)'];
  return [`（距离 ${metres} 米）`, ` (${metres} m away)`];
}

export type CheckResult = { readonly task: TaskCore; readonly line: TaskLine } | { readonly refused: TaskRefusal };

/** A point of a patrol was looked at; only on the spot, by who has the task. The last word on it counts. */
export function tickCheck(
  task: TaskCore,
  check: string,
  say: {
    state: 'fine' | 'trouble';
    note?: string | undefined;
    by: { id: string; name: string };
    at: number;
    phoneAt?: number | undefined;
  },
): CheckResult {
  if (say.by.id !== task.person)
    return { refused: refusal('not-yours', '这个任务现在不在您手上', 'You do not have this task now') };
  const found = task.checks.find(({ id }) => id === check);
  if (!found) return { refused: refusal('not-found', '任务里没有这个点位', 'The task has no such point') };
  if (task.state !== 'on-scene') {
    return { refused: refusal('not-allowed', '到场后才能检查点位', 'Points are looked at on scene') };
  }
  if (say.state === 'trouble' && !say.note?.trim()) {
    return { refused: refusal('reason-needed', '请写明发现的问题', 'Say what is wrong') };
  }
  const note = say.note?.trim() ?? null;
  const ticked: TaskCheck = { ...found, state: say.state, at: say.at, note };
  const checks = task.checks.map((one) => (one.id === check ? ticked : one));
  const result = say.state === 'fine' ? (['正常', 'is fine'] as const) : (['有问题', 'is not as it should be'] as const);
  const line: TaskLine = {
    kind: 'dispatch',
    text: {
      zh: clip(`${found.name} ${result[0]}${note ? `：${note}` : ''}`),
      en: clip(`${found.name} ${result[1]}${note ? `: ${note}` : ''}`),
    },
    data: { task: task.id, check, state: say.state, ...(note ? { note } : {}), ...(say.phoneAt ? { phoneAt: say.phoneAt } : {}) },
    actor: say.by,
  };
  return { task: { ...task, checks, updatedAt: say.at, version: task.version + 1 }, line };
}
