import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { TestMode } from '@yihu/device-profiles/vocabulary/rule.ts';
import type { Moment } from './step.ts';

/** 测试状态 of a device: since when (running clock); `worn`: it has lasted too long and counts no more until it has ended. */
export interface TestState {
  readonly since: number;
  readonly worn?: true | undefined;
}

/** Nobody tests for longer. A device that is left in test mode must raise the alarm again. */
const longestTestMs = 24 * 3_600_000;

/** What the device says of it now; a state that stays what it was comes back as the same object. */
export function judgeTest(
  mode: TestMode,
  state: TestState | undefined,
  heard: { readonly readings: readonly Reading[]; readonly events: readonly DeviceEvent[] },
  { mono }: Moment,
): TestState | undefined {
  if ('point' in mode) {
    const said = heard.readings.findLast(
      ({ point, quality, historical }) => point === mode.point && quality === 'good' && !historical,
    );
    if (!said) return state;
    return said.value === mode.is ? (state ?? { since: mono }) : undefined;
  }
  let now = state;
  for (const { type, historical } of heard.events) {
    if (historical) continue;
    // One event may say both where it is its own end: the second one ends it.
    if (type === mode.clearEvent && now) now = undefined;
    else if (type === mode.event) now = now && mode.for === undefined ? now : { since: mono };
  }
  return now;
}

/** Time alone: it ends after `for`, and is worn after a day. */
export function ageTest(mode: TestMode, state: TestState | undefined, { mono }: Moment): TestState | undefined {
  if (!state || mono < dueOfTest(mode, state)) return state;
  if ('event' in mode && mode.for !== undefined) return undefined;
  return { ...state, worn: true };
}

/** Running-clock time at which `ageTest` has something to say. */
export function dueOfTest(mode: TestMode, { since, worn }: TestState): number {
  if (worn) return Number.POSITIVE_INFINITY;
  const lastsMs = 'event' in mode && mode.for !== undefined ? Math.min(mode.for, longestTestMs) : longestTestMs;
  return since + lastsMs;
}

export function isTesting(state: TestState | undefined): boolean {
  return state !== undefined && state.worn !== true;
}
