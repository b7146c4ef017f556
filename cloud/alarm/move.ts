import type { Alarm, AlarmMove, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { AlarmEffect } from './effect.ts';
import { type AlarmAxes, isQuiet, withIsa } from './isa.ts';
import { ackLimits, serviceLimits, shelfLimits } from './limits.ts';
import { moveLine } from './line.ts';
import { offShelf, shelvedWith } from './shelf.ts';

/** What a person asks of an alarm. `version` is the one the person saw. */
export interface MoveRequest {
  readonly move: AlarmMove;
  readonly by: { readonly id: string; readonly name: string };
  /** Server's clock, ms since 1970 UTC. */
  readonly at: number;
  readonly version: number;
  readonly reason?: string | undefined;
  /** ack, shelve, out-of-service: its end, ms since 1970 UTC. */
  readonly until?: number | undefined;
  /** ack: for good, because somebody takes its incident up. */
  readonly lasting?: boolean | undefined;
  /** shelve: the shelf ends when the alarm clears, if that is earlier. */
  readonly once?: boolean | undefined;
  /** judge: what it turned out to have been. */
  readonly disposition?: Disposition | undefined;
}

export interface MoveRefusal {
  readonly code:
    | 'version-conflict'
    | 'not-allowed'
    | 'reason-needed'
    | 'until-needed'
    | 'shelf-too-long'
    | 'shelf-spent'
    | 'second-person'
    | 'still-active'
    | 'disposition-needed';
  readonly message: Text;
}

export type MoveResult = { readonly alarm: Alarm; readonly effects: readonly AlarmEffect[] } | { readonly refused: MoveRefusal };

/** 人的操作: a person's move on one alarm; a refusal says why and what to do next. */
export function applyMove(alarm: Alarm, request: MoveRequest): MoveResult {
  if (request.version !== alarm.version) {
    return refuse(
      'version-conflict',
      '这条告警刚被更新，请看清当前状态后再操作',
      'This alarm has just changed. Look at its present state, then act again',
    );
  }
  return moves[request.move](alarm, request);
}

type Move = (alarm: Alarm, request: MoveRequest) => MoveResult;

const moves: Record<AlarmMove, Move> = {
  ack,
  unack,
  shelve,
  unshelve,
  reset,
  judge,
  'out-of-service': takeOut,
  'in-service': bringBack,
};

function refuse(code: MoveRefusal['code'], zh: string, en: string): MoveResult {
  return { refused: { code, message: { zh, en } } };
}

/**
 * Acknowledging says "I have seen it" and touches the condition in nothing: a cleared alarm stays cleared. While a life is
 * at stake it holds for a time only, so that an alarm somebody looked at and forgot is told again.
 */
function ack(alarm: Alarm, request: MoveRequest): MoveResult {
  if (alarm.ack) return refuse('not-allowed', `${alarm.ack.byName} 已确认过`, `${alarm.ack.byName} has acknowledged it already`);
  const refusal = refuseEnd(request, ackLimits.longestMs, false);
  if (refusal) return refusal;
  const latched = alarm.latch === 'until-ack' && !alarm.active ? false : alarm.latched;
  const until = alarm.active && !request.lasting ? (request.until ?? usualEnd(alarm, request.at)) : undefined;
  const ackAxis = {
    by: request.by.id,
    byName: request.by.name,
    at: request.at,
    ...(until === undefined ? {} : { until }),
  };
  const timer: AlarmEffect[] = until === undefined ? [] : [{ do: 'timer', axis: 'ack', at: until }];
  const next = { ...alarm, latched, ack: ackAxis };
  return moved(next, request, 'alarm-acked', '确认', 'acknowledged', [{ do: 'settle' }, ...timer]);
}

function usualEnd(alarm: Alarm, at: number): number | undefined {
  return isLifeSafety(alarm.hazard) ? at + ackLimits.lifeSafetyMs : undefined;
}

function unack(alarm: Alarm, request: MoveRequest): MoveResult {
  if (!alarm.ack)
    return refuse('not-allowed', '还没有人确认，不用撤销', 'Nobody has acknowledged it, so there is nothing to take back');
  if (!alarm.active && !alarm.latched) {
    return refuse(
      'not-allowed',
      '告警已恢复并确认完毕，不能再撤销',
      'It has cleared and is done with; the acknowledgement stays',
    );
  }
  const next = { ...alarm, ack: null };
  return moved(next, request, 'alarm-moved', '撤销确认', 'took the acknowledgement back', [
    { do: 'timer', axis: 'ack', at: null },
    ...notifyUnlessQuiet(next),
  ]);
}

function shelve(alarm: Alarm, request: MoveRequest): MoveResult {
  const limit = isLifeSafety(alarm.hazard) ? shelfLimits.lifeSafetyMs : shelfLimits.otherMs;
  const refusal = refuseReason(request, '请写明为什么搁置', 'Say why it is shelved') ?? refuseEnd(request, limit, true);
  if (refusal) return refusal;
  const until = request.until ?? request.at;
  const allowed = shelvedWith(alarm, { by: request.by.id, at: request.at, until });
  if ('refused' in allowed) return allowed;
  const reason = reasonOf(request);
  const next = {
    ...alarm,
    ...allowed,
    shelf: { until, reason, by: request.by.id, ...(request.once ? { once: true as const } : {}) },
  };
  const minutes = Math.ceil((until - request.at) / 60_000);
  return moved(next, request, 'alarm-moved', `搁置 ${minutes} 分钟（${reason}）`, `shelved for ${minutes} min (${reason})`, [
    { do: 'settle' },
    { do: 'timer', axis: 'shelf', at: until },
  ]);
}

function reasonOf(request: MoveRequest): string {
  return (request.reason ?? '').trim().slice(0, shelfLimits.reasonLength);
}

function refuseReason(request: MoveRequest, zh: string, en: string): MoveResult | null {
  return request.reason?.trim() ? null : refuse('reason-needed', zh, en);
}

function refuseEnd({ until, at }: MoveRequest, limitMs: number, needed: boolean): MoveResult | null {
  if (until === undefined && !needed) return null;
  if (until === undefined || until <= at) {
    return refuse('until-needed', '请选择一个将来的结束时间', 'Choose an end that lies in the future');
  }
  if (until - at <= limitMs) return null;
  const minutes = limitMs / 60_000;
  return refuse('shelf-too-long', `最多 ${minutes} 分钟，请选更早的时间`, `${minutes} minutes at most. Choose an earlier end`);
}

function unshelve(alarm: Alarm, request: MoveRequest): MoveResult {
  if (!alarm.shelf) return refuse('not-allowed', '这条告警没有被搁置', 'It is not shelved');
  const next = offShelf(alarm, request.at);
  return moved(next, request, 'alarm-moved', '取消搁置', 'unshelved it', [
    { do: 'timer', axis: 'shelf', at: null },
    ...notifyUnlessQuiet(next),
  ]);
}

/** A latch is let go by a person, and only once the cause is gone. A reset is an acknowledgement as well. */
function reset(alarm: Alarm, request: MoveRequest): MoveResult {
  if (!alarm.latched) return refuse('not-allowed', '没有锁定，不用复位', 'It is not latched, so there is nothing to reset');
  if (alarm.active) {
    return refuse(
      'still-active',
      '告警还在，请先排除原因，等设备恢复后再复位',
      'It is still active. Remove the cause and reset once the device is back to normal',
    );
  }
  const acked = alarm.ack ?? { by: request.by.id, byName: request.by.name, at: request.at };
  return moved({ ...alarm, latched: false, ack: acked }, request, 'alarm-moved', '复位', 'reset', [{ do: 'settle' }]);
}

const verdicts: Record<Disposition, { zh: string; en: string }> = {
  unknown: { zh: '未定', en: 'not known' },
  real: { zh: '真实告警', en: 'real' },
  false: { zh: '误报', en: 'a false alarm' },
  test: { zh: '测试', en: 'a test' },
  drill: { zh: '演练', en: 'a drill' },
  duplicate: { zh: '重复', en: 'a duplicate' },
};

/** 定性: what it turned out to have been. It may be changed: who looked into the device knows better than who closed the case. */
function judge(alarm: Alarm, request: MoveRequest): MoveResult {
  const { disposition } = request;
  if (disposition === undefined) return refuse('disposition-needed', '请选择定性结论', 'Choose what it turned out to have been');
  const verdict = verdicts[disposition];
  if (alarm.disposition === disposition)
    return refuse('not-allowed', `已经定性为${verdict.zh}`, `It is judged as ${verdict.en} already`);
  return moved({ ...alarm, disposition }, request, 'alarm-moved', `定性为${verdict.zh}`, `judged it as ${verdict.en}`, []);
}

/** 退出服务: the device is being repaired or is gone. What already burns cannot be taken out of sight so (rule 4). */
function takeOut(alarm: Alarm, request: MoveRequest): MoveResult {
  if (alarm.outOfService) return refuse('not-allowed', '已经退出服务', 'It is out of service already');
  if (alarm.active && isLifeSafety(alarm.hazard)) {
    return refuse(
      'still-active',
      '生命安全告警还在，不能退出服务，请先现场处置',
      'A life-safety alarm that is active cannot be taken out of service. Deal with it on site first',
    );
  }
  const refusal =
    refuseReason(request, '请写明工单或原因', 'Name the work order or the reason') ??
    refuseEnd(request, serviceLimits.longestMs, true);
  if (refusal) return refusal;
  const until = request.until ?? request.at;
  const reason = reasonOf(request);
  const next = { ...alarm, outOfService: { until, reason, by: request.by.id } };
  return moved(next, request, 'alarm-moved', `退出服务（${reason}）`, `took it out of service (${reason})`, [
    { do: 'settle' },
    { do: 'timer', axis: 'service', at: until },
  ]);
}

function bringBack(alarm: Alarm, request: MoveRequest): MoveResult {
  if (!alarm.outOfService) return refuse('not-allowed', '没有退出服务', 'It is not out of service');
  const next = { ...alarm, outOfService: null };
  return moved(next, request, 'alarm-moved', '恢复服务', 'brought it back into service', [
    { do: 'timer', axis: 'service', at: null },
    ...notifyUnlessQuiet(next),
  ]);
}

export function notifyUnlessQuiet(alarm: AlarmAxes): AlarmEffect[] {
  return alarm.ack || isQuiet(alarm) ? [] : [{ do: 'notify', rise: false }];
}

function moved(
  alarm: AlarmAxes,
  request: MoveRequest,
  kind: 'alarm-acked' | 'alarm-moved',
  zh: string,
  en: string,
  effects: readonly AlarmEffect[],
): MoveResult {
  const next = withIsa({ ...alarm, version: alarm.version + 1 });
  return { alarm: next, effects: [moveLine(next, kind, `${request.by.name} ${zh}`, `${request.by.name} ${en}`), ...effects] };
}
