import type { Alarm, AlarmMove } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { AlarmEffect } from './effect.ts';
import { type AlarmAxes, isQuiet, withIsa } from './isa.ts';
import { shelfLimits } from './limits.ts';

/** What a person asks of an alarm. `version` is the one the person saw. */
export interface MoveRequest {
  readonly move: AlarmMove;
  readonly by: { readonly id: string; readonly name: string };
  /** Server's clock, ms since 1970 UTC. */
  readonly at: number;
  readonly version: number;
  readonly reason?: string | undefined;
  /** shelve: its end, ms since 1970 UTC. */
  readonly until?: number | undefined;
}

export interface MoveRefusal {
  readonly code: 'version-conflict' | 'not-allowed' | 'reason-needed' | 'until-needed' | 'shelf-too-long' | 'still-active';
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

const moves: Record<AlarmMove, Move> = { ack, unack, shelve, unshelve, reset };

function refuse(code: MoveRefusal['code'], zh: string, en: string): MoveResult {
  return { refused: { code, message: { zh, en } } };
}

/** Acknowledging says "I have seen it" and touches the condition in nothing: a cleared alarm stays cleared. */
function ack(alarm: Alarm, request: MoveRequest): MoveResult {
  if (alarm.ack) return refuse('not-allowed', `${alarm.ack.byName} 已确认过`, `${alarm.ack.byName} has acknowledged it already`);
  const latched = alarm.latch === 'until-ack' && !alarm.active ? false : alarm.latched;
  const next = { ...alarm, latched, ack: { by: request.by.id, byName: request.by.name, at: request.at } };
  return moved(next, request, 'alarm-acked', '确认', 'acknowledged', [{ do: 'settle' }]);
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
  return moved(next, request, 'alarm-moved', '撤销确认', 'took the acknowledgement back', notifyUnlessQuiet(next));
}

function shelve(alarm: Alarm, request: MoveRequest): MoveResult {
  const refusal = refuseShelf(alarm, request);
  if (refusal) return refusal;
  const until = request.until ?? request.at;
  const reason = (request.reason ?? '').trim().slice(0, shelfLimits.reasonLength);
  const next = { ...alarm, shelf: { until, reason, by: request.by.id } };
  const minutes = Math.ceil((until - request.at) / 60_000);
  return moved(next, request, 'alarm-moved', `搁置 ${minutes} 分钟（${reason}）`, `shelved for ${minutes} min (${reason})`, [
    { do: 'settle' },
    { do: 'shelf-ends', at: until },
  ]);
}

function refuseShelf(alarm: Alarm, request: MoveRequest): MoveResult | null {
  if (!request.reason?.trim()) return refuse('reason-needed', '请写明为什么搁置', 'Say why it is shelved');
  if (request.until === undefined || request.until <= request.at) {
    return refuse('until-needed', '请选择一个将来的结束时间', 'Choose an end that lies in the future');
  }
  const limit = isLifeSafety(alarm.hazard) ? shelfLimits.lifeSafetyMs : shelfLimits.otherMs;
  if (request.until - request.at <= limit) return null;
  const minutes = limit / 60_000;
  return refuse(
    'shelf-too-long',
    `最多只能搁置 ${minutes} 分钟，请选更早的时间`,
    `It can be shelved for ${minutes} minutes at most. Choose an earlier end`,
  );
}

function unshelve(alarm: Alarm, request: MoveRequest): MoveResult {
  if (!alarm.shelf) return refuse('not-allowed', '这条告警没有被搁置', 'It is not shelved');
  const next = { ...alarm, shelf: null };
  return moved(next, request, 'alarm-moved', '取消搁置', 'unshelved it', [{ do: 'shelf-off' }, ...notifyUnlessQuiet(next)]);
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

/** The shelf ends by the server's clock, by nobody's hand; people hear of what is still there, with fresh timers. */
export function endShelf(alarm: Alarm, at: number): { alarm: Alarm; effects: readonly AlarmEffect[] } | null {
  if (!alarm.shelf || alarm.shelf.until > at) return null;
  const next = withIsa({ ...alarm, shelf: null, version: alarm.version + 1 });
  return { alarm: next, effects: [moveLine(next, 'alarm-moved', '搁置到期', 'The shelving ended'), ...notifyUnlessQuiet(next)] };
}

/** Adds a cause of suppression. Evaluation goes on underneath; a cause twice is once. */
export function suppress(alarm: Alarm, cause: string): { alarm: Alarm; effects: readonly AlarmEffect[] } {
  if (alarm.suppressedBy.includes(cause)) return { alarm, effects: [] };
  const next = withIsa({ ...alarm, suppressedBy: [...alarm.suppressedBy, cause].sort(), version: alarm.version + 1 });
  return { alarm: next, effects: isQuiet(next) ? [{ do: 'settle' }] : [] };
}

/** Removes one cause; when it was the last one, what is still unacknowledged is told at once with fresh timers. */
export function unsuppress(alarm: Alarm, cause: string): { alarm: Alarm; effects: readonly AlarmEffect[] } {
  if (!alarm.suppressedBy.includes(cause)) return { alarm, effects: [] };
  const next = withIsa({
    ...alarm,
    suppressedBy: alarm.suppressedBy.filter((other) => other !== cause),
    version: alarm.version + 1,
  });
  return { alarm: next, effects: notifyUnlessQuiet(next) };
}

function notifyUnlessQuiet(alarm: AlarmAxes): AlarmEffect[] {
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

function moveLine(alarm: Alarm, kind: 'alarm-acked' | 'alarm-moved', zh: string, en: string): AlarmEffect {
  const clip = (text: string) => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);
  const text = {
    zh: clip(`${zh}：${alarm.deviceName.zh} ${alarm.name.zh}`),
    en: clip(`${en}: ${alarm.deviceName.en ?? alarm.deviceName.zh}, ${alarm.name.en ?? alarm.name.zh}`),
  };
  return { do: 'line', kind, text, data: { alarm: alarm.id, isa: alarm.isa } };
}
