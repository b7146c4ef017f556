import type { Alarm, IsaState } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';

/** The axes of an alarm, before the derived state. */
export type AlarmAxes = Omit<Alarm, 'isa'>;

/** 测试 as a cause of suppression: raised while the device said that it was being tested. */
export const testCause = 'test';

export function isUnderTest({ suppressedBy }: Pick<Alarm, 'suppressedBy'>): boolean {
  return suppressedBy.includes(testCause);
}

/**
 * The ISA-18.2 state for display, derived and never decided by. An active life-safety alarm is never hidden by a
 * suppression, whatever its cause, unless it is a test.
 */
export function isaState(alarm: AlarmAxes): IsaState {
  if (alarm.outOfService) return 'out-of-service';
  if (alarm.shelf) return 'shelved';
  if (isUnderTest(alarm)) return alarm.active ? 'suppressed' : 'normal';
  if (alarm.suppressedBy.length > 0 && !(alarm.active && isLifeSafety(alarm.hazard))) return 'suppressed';
  if (alarm.active) return alarm.ack ? 'acked' : 'unacked';
  if (!alarm.ack) return 'returned-unacked';
  return alarm.latched ? 'latched' : 'normal';
}

export function withIsa(alarm: AlarmAxes): Alarm {
  return { ...alarm, isa: isaState(alarm) };
}

/** True while the episode holds its place: nothing new is opened beside it. */
export function isOpenEpisode(alarm: Pick<Alarm, 'active' | 'latched' | 'ack'>): boolean {
  return alarm.active || alarm.latched || alarm.ack === null;
}

/** True where nobody is told now, though everything is still evaluated and kept. */
export function isQuiet(alarm: Pick<Alarm, 'shelf' | 'outOfService' | 'suppressedBy' | 'active' | 'hazard'>): boolean {
  if (alarm.shelf || alarm.outOfService || isUnderTest(alarm)) return true;
  return alarm.suppressedBy.length > 0 && !(alarm.active && isLifeSafety(alarm.hazard));
}
