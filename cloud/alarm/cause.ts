import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { AlarmEffect } from './effect.ts';
import { isQuiet, withIsa } from './isa.ts';
import { moveLine } from './line.ts';
import { notifyUnlessQuiet } from './move.ts';
import { offShelf } from './shelf.ts';

/** What the system itself did with an alarm. */
export interface Caused {
  readonly alarm: Alarm;
  readonly effects: readonly AlarmEffect[];
}

/** The shelf ends by the server's clock, by nobody's hand; people hear of what is still there, with fresh timers. */
export function endShelf(alarm: Alarm, at: number): Caused | null {
  if (!alarm.shelf || alarm.shelf.until > at) return null;
  return ended(offShelf(alarm, at), '搁置到期', 'The shelving ended');
}

/** The same of a time out of service. */
export function endService(alarm: Alarm, at: number): Caused | null {
  if (!alarm.outOfService || alarm.outOfService.until > at) return null;
  return ended({ ...alarm, outOfService: null }, '退出服务到期', 'The time out of service ended');
}

/**
 * 再次告警: an acknowledgement given for a time ends, and people hear of an alarm that goes on. `takenUp`: somebody is on
 * it, so the acknowledgement stays for good.
 */
export function endAck(alarm: Alarm, at: number, takenUp: boolean): Caused | null {
  if (alarm.ack?.until === undefined || alarm.ack.until > at) return null;
  if (alarm.active && !takenUp) return ended({ ...alarm, ack: null }, '确认到期，告警仍在', 'Acknowledged, and still active');
  const { until: _over, ...ack } = alarm.ack;
  return { alarm: withIsa({ ...alarm, ack, version: alarm.version + 1 }), effects: [] };
}

function ended(alarm: Alarm, zh: string, en: string): Caused {
  const next = withIsa({ ...alarm, version: alarm.version + 1 });
  return { alarm: next, effects: [moveLine(next, 'alarm-moved', zh, en), ...notifyUnlessQuiet(next)] };
}

/** Adds a cause of suppression. Evaluation goes on underneath; a cause twice is once. */
export function suppress(alarm: Alarm, cause: string): Caused {
  if (alarm.suppressedBy.includes(cause)) return { alarm, effects: [] };
  const next = withIsa({ ...alarm, suppressedBy: [...alarm.suppressedBy, cause].sort(), version: alarm.version + 1 });
  return { alarm: next, effects: isQuiet(next) ? [{ do: 'settle' }] : [] };
}

/**
 * Removes one cause; when it was the last one, what is still unacknowledged is told at once with fresh timers. What came
 * and went while nobody was to be told is done with: nobody is woken for it.
 */
export function unsuppress(alarm: Alarm, cause: string, at: number): Caused {
  if (!alarm.suppressedBy.includes(cause)) return { alarm, effects: [] };
  const suppressedBy = alarm.suppressedBy.filter((other) => other !== cause);
  const left = withIsa({ ...alarm, suppressedBy, version: alarm.version + 1 });
  if (!cameAndWent(left)) return { alarm: left, effects: notifyUnlessQuiet(left) };
  return { alarm: withIsa({ ...left, ack: { by: cause, byName: '系统', at } }), effects: [{ do: 'settle' }] };
}

function cameAndWent(alarm: Alarm): boolean {
  return !alarm.active && !alarm.latched && alarm.ack === null && alarm.incident === null && !isQuiet(alarm);
}
