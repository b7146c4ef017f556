import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Hazard, hazards, isLifeSafety, type Severity, severities } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Latch } from '@yihu/device-profiles/vocabulary/transition.ts';
import { endAck, endService, endShelf, suppress, unsuppress } from '../../../cloud/alarm/cause.ts';
import { chattersOn } from '../../../cloud/alarm/chatter.ts';
import { isOpenEpisode, isQuiet, isaState } from '../../../cloud/alarm/isa.ts';
import { ackLimits, serviceLimits, shelfLimits } from '../../../cloud/alarm/limits.ts';
import { applyMove } from '../../../cloud/alarm/move.ts';
import { applyTransition } from '../../../cloud/alarm/transition.ts';

/** One thing that happens to an alarm, a minute or more after the last. */
type Step =
  | { do: 'raise' | 'change'; severity: Severity }
  | { do: 'wait' | 'clear' | 'ack' | 'unack' | 'reset' | 'unshelve' | 'in-service' | 'expire' }
  | { do: 'shelve' | 'out-of-service'; minutes: number }
  | { do: 'suppress' | 'unsuppress'; cause: string };

const minute = 60_000;
const severity = fc.constantFrom(...severities);
const cause = fc.constantFrom('maintenance:w1', 'maintenance:w2', 'parent:gw-1');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('raise' as const, 'change' as const), severity }),
    fc.record({
      do: fc.constantFrom(...(['clear', 'ack', 'unack', 'reset', 'unshelve', 'in-service', 'expire'] as const)),
    }),
    fc.record({
      do: fc.constantFrom('shelve' as const, 'out-of-service' as const),
      minutes: fc.integer({ min: 1, max: 50_000 }),
    }),
    fc.record({ do: fc.constantFrom('suppress' as const, 'unsuppress' as const), cause }),
  ),
  { maxLength: 40 },
);
const kind: fc.Arbitrary<{ hazard: Hazard; latch: Latch }> = fc.record({
  hazard: fc.constantFrom(...hazards),
  latch: fc.constantFrom('none', 'until-ack', 'until-reset'),
});

interface State {
  readonly alarm: Alarm | null;
  readonly told: boolean;
  readonly episode: number;
  readonly at: number;
}

function transition(
  state: State,
  what: 'raised' | 'changed' | 'cleared',
  of: Severity,
  given: { hazard: Hazard; latch: Latch },
): State {
  const episode = what === 'raised' && !state.alarm?.active ? state.episode + 1 : Math.max(1, state.episode);
  const result = applyTransition(
    state.alarm,
    { alarm: 'a', kind: what, episode, severity: of, name: { zh: '告警' }, reason: { code: 'event' }, at: state.at, ...given },
    {
      id: `alm-${state.at}`,
      gateway: 'g',
      device: 'd',
      deviceName: { zh: '设备' },
      area: 'x',
      receivedAt: state.at,
      newEpoch: false,
    },
  );
  const told = result.effects.some((effect) => effect.do === 'notify');
  return { alarm: result.alarm, told, episode, at: state.at };
}

function apply(before: State, step: Step, given: { hazard: Hazard; latch: Latch }): State {
  const state = { ...before, told: false, at: before.at + minute };
  if (!('severity' in step)) return unraised(state, step, given);
  if (step.do === 'raise') return transition(state, 'raised', step.severity, given);
  return state.alarm ? transition(state, 'changed', step.severity, given) : state;
}

type Other = Exclude<Step, { severity: Severity }>;

function unraised(state: State, step: Other, given: { hazard: Hazard; latch: Latch }): State {
  const { alarm, at } = state;
  if (step.do === 'clear') return transition(state, 'cleared', alarm?.severity ?? 'minor', given);
  if (!alarm) return state;
  const result = byHand(alarm, step, at);
  if (!result || 'refused' in result) return state;
  return { ...state, alarm: result.alarm, told: result.effects.some((effect) => effect.do === 'notify') };
}

function byHand(alarm: Alarm, step: Other, at: number) {
  if (step.do === 'suppress') return suppress(alarm, step.cause);
  if (step.do === 'unsuppress') return unsuppress(alarm, step.cause, at);
  if (step.do === 'expire') return endShelf(alarm, at) ?? endService(alarm, at) ?? endAck(alarm, at, false);
  if (step.do === 'clear' || step.do === 'wait') return null;
  const until = 'minutes' in step ? at + step.minutes * minute : undefined;
  const by = { id: 'u', name: '李' };
  return applyMove(alarm, { move: step.do, by, at, version: alarm.version, reason: '检修', until });
}

function run(
  list: readonly Step[],
  given: { hazard: Hazard; latch: Latch },
  check: (before: State, after: State, step: Step) => void,
) {
  let state: State = { alarm: null, told: false, episode: 0, at: 0 };
  for (const step of list) {
    const after = apply(state, step, given);
    check(state, after, step);
    state = after;
  }
  return state;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const property = (check: (before: State, after: State, step: Step, lifeSafety: boolean) => void) =>
  fc.assert(
    fc.property(steps, kind, (list, given) => {
      run(list, given, (before, after, step) => check(before, after, step, isLifeSafety(given.hazard)));
    }),
    { numRuns: 300 },
  );

describe('whatever happens to an alarm', () => {
  it('a clear of the edge clears, however the alarm is suppressed, shelved, acknowledged or out of service', () =>
    property((_before, after, step) => {
      if (step.do === 'clear') must(after.alarm?.active !== true, 'active after a clear');
    }));

  it('nobody but the edge moves the condition', () =>
    property((before, after, step) => {
      if (['raise', 'change', 'clear'].includes(step.do) || !before.alarm) return;
      const conditionOf = ({ active, severity: now, peakSeverity, occurrences }: Alarm) => [
        active,
        now,
        peakSeverity,
        occurrences,
      ];
      must(
        JSON.stringify(conditionOf(before.alarm)) === JSON.stringify(after.alarm && conditionOf(after.alarm)),
        'condition moved',
      );
    }));

  it('an active life-safety alarm is hidden by a short shelf or a device that was out of service before, and by nothing else', () =>
    property((_before, { alarm }, _step, lifeSafety) => {
      if (!alarm?.active || !lifeSafety || alarm.shelf || alarm.outOfService) return;
      must(!isQuiet(alarm) && alarm.isa !== 'suppressed', 'hidden');
    }));

  it('nothing is put aside for longer than its limit', () =>
    property((_before, { alarm, at }, _step, lifeSafety) => {
      if (alarm?.shelf) must(alarm.shelf.until <= at + (lifeSafety ? shelfLimits.lifeSafetyMs : shelfLimits.otherMs), 'shelf');
      if (alarm?.shelved)
        must(alarm.shelved.ms <= (lifeSafety ? shelfLimits.lifeSafetyAllMs : shelfLimits.otherAllMs), 'shelved in all');
      if (alarm?.shelved && lifeSafety) must(alarm.shelved.byOneMs <= shelfLimits.lifeSafetyMs, 'shelved by one');
      if (alarm?.outOfService) must(alarm.outOfService.until <= at + serviceLimits.longestMs, 'service');
      if (alarm?.ack?.until !== undefined) must(alarm.ack.until <= at + ackLimits.longestMs, 'ack');
    }));

  it('the state shown is the one derived, and every change has a version of its own', () =>
    property((before, { alarm }) => {
      if (!alarm) return;
      must(alarm.isa === isaState(alarm), 'isa');
      if (before.alarm?.id === alarm.id && before.alarm !== alarm) must(alarm.version === before.alarm.version + 1, 'version');
    }));

  it('an episode that is done with is never moved again by the edge, unless it chatters: the next raise has its own row', () =>
    property((before, after, step) => {
      if (step.do !== 'raise' || !before.alarm || isOpenEpisode(before.alarm)) return;
      if (chattersOn(before.alarm, after.at)) return;
      must(after.alarm?.id !== before.alarm.id && after.alarm?.occurrences === 1, 'old row used again');
    }));

  it('a rise in severity undoes an acknowledgement and is told, unless nobody is to be told', () =>
    property((before, after, step) => {
      if (step.do !== 'change' || !before.alarm?.active || !after.alarm) return;
      const rose = severities.indexOf(step.severity) < severities.indexOf(before.alarm.severity);
      if (!rose) return;
      must(after.alarm.ack === null, 'ack stands');
      must(after.told !== isQuiet(after.alarm), 'told');
    }));

  it('suppression takes nothing away: with and without it the condition and the latch come out alike', () => {
    fc.assert(
      fc.property(steps, kind, (list, given) => {
        const axes = (left: readonly Step['do'][]) => {
          const { alarm } = run(
            list.map((step) => (left.includes(step.do) ? { do: 'wait' } : step)),
            given,
            () => undefined,
          );
          return JSON.stringify(alarm && [alarm.active, alarm.severity, alarm.latched, alarm.episode]);
        };
        must(axes([]) === axes(['suppress', 'unsuppress']), 'axes differ');
      }),
      { numRuns: 300 },
    );
  });
});
