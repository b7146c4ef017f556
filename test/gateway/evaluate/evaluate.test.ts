import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Evaluated, type Heard, evaluate, tick } from '../../../gateway/evaluate/evaluate.ts';
import { reconcile } from '../../../gateway/evaluate/reconcile.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { type DeviceState, SavedState, freshState } from '../../../gateway/evaluate/state.ts';

const name = { zh: '测试' };
const base = { name, severity: 'major', hazard: 'equipment', latch: 'none', for: 0, clearFor: 0, samples: 1 } as const;

function profileWith(alarms: Profile['alarms'], availability: Profile['availability'] = { offlineAfter: 3_600_000 }): Profile {
  return { category: 'other', alarms, availability } as Profile;
}

const good = (point: string, value: number | boolean | string) =>
  ({ readings: [{ point, value, quality: 'good', at: 0 }], events: [] }) as Heard;
const bad = (point: string) =>
  ({ readings: [{ point, value: null, quality: 'bad', reason: 'no-answer', at: 0 }], events: [] }) as Heard;
const event = (type: string) => ({ readings: [], events: [{ type, at: 0 }] }) as Heard;

/** A rule series in one line each: time, what was heard (null: only time passed), what must come of it. */
type Line = [atMs: number, heard: Heard | null, expected: string[]];

function play(profile: Profile, lines: readonly Line[], restartAt?: number): void {
  const rules = compileRules(profile);
  let state: DeviceState = freshState(0);
  for (const [at, heard, expected] of lines) {
    if (at === restartAt) state = freshState(at, SavedState.parse(JSON.parse(JSON.stringify(state.saved))));
    const moment = { at, mono: at };
    const result: Evaluated = heard ? evaluate(rules, state, heard, moment) : tick(rules, state, moment);
    expect([at, ...result.transitions.map((each) => `${each.alarm} ${each.kind} ${each.episode} ${each.reason.code}`)]).toEqual([
      at,
      ...expected,
    ]);
    state = result.state;
  }
}

describe('threshold', () => {
  const over = profileWith({ hot: { ...base, point: 't', above: 40, clear: 37, for: 60_000, clearFor: 30_000 } });

  it('raises after holding, clears after the hysteresis is left for long enough', () => {
    play(over, [
      [0, good('t', 39), []],
      [1_000, good('t', 41), []],
      [31_000, good('t', 42), []],
      [60_000, null, []],
      [61_000, null, ['hot raised 1 above-limit']],
      [62_000, good('t', 38), []],
      [63_000, good('t', 37), []],
      [92_000, null, []],
      [93_000, good('t', 36), ['hot cleared 1 back-within-limit']],
      [94_000, good('t', 50), []],
      [154_000, good('t', 50), ['hot raised 2 above-limit']],
    ]);
  });

  it('starts the hold again when a good value interrupts it', () => {
    play(over, [
      [0, good('t', 41), []],
      [59_000, good('t', 40), []],
      [60_000, good('t', 41), []],
      [61_000, null, []],
      [120_000, null, ['hot raised 1 above-limit']],
    ]);
  });

  it('does not run on through bad readings, and does not begin again because of them', () => {
    play(over, [
      [0, good('t', 41), []],
      [40_000, bad('t'), []],
      [100_000, null, []],
      [200_000, good('t', 41), []],
      [219_000, null, []],
      [220_000, null, ['hot raised 1 above-limit']],
    ]);
  });

  it('goes on holding across a restart', () => {
    play(
      over,
      [
        [0, good('t', 41), []],
        [30_000, null, []],
        [61_000, null, ['hot raised 1 above-limit']],
      ],
      30_000,
    );
  });

  it('counts samples where the profile asks for them', () => {
    const low = profileWith({ low: { ...base, point: 'p', below: 70, clear: 80, samples: 2 } });
    play(low, [
      [0, good('p', 60), []],
      [1_000, null, []],
      [2_000, good('p', 60), ['low raised 1 below-limit']],
      [3_000, good('p', 79), []],
      [4_000, good('p', 80), ['low cleared 1 back-within-limit']],
    ]);
  });

  it('compares 64-bit decimal strings', () => {
    play(profileWith({ big: { ...base, point: 'e', above: 9e15, clear: 8e15 } }), [
      [0, good('e', '18446744073709551615'), ['big raised 1 above-limit']],
    ]);
  });
});

describe('state and events', () => {
  it('raises on a state and clears when it is left', () => {
    play(profileWith({ smoke: { ...base, point: 'smoke', is: true } }), [
      [0, good('smoke', false), []],
      [1, good('smoke', true), ['smoke raised 1 state-entered']],
      [2, good('smoke', true), []],
      [3, good('smoke', false), ['smoke cleared 1 state-left']],
    ]);
  });

  it('pairs an event with its restore, and lets one without an end clear by silence', () => {
    const door = profileWith({
      held: { ...base, event: 'door.held', clearEvent: 'door.closed' },
      motion: { ...base, event: 'motion', autoClear: 5_000 },
      forced: { ...base, event: 'door.forced', latch: 'until-ack' },
    });
    play(door, [
      [0, event('door.closed'), []],
      [1, event('door.held'), ['held raised 1 event']],
      [2, event('door.held'), []],
      [3, event('door.closed'), ['held cleared 1 clear-event']],
      [4, event('motion'), ['motion raised 1 event']],
      [4_000, event('motion'), []],
      [8_999, null, []],
      [9_000, null, ['motion cleared 1 auto-clear']],
      [9_001, event('door.forced'), ['forced raised 1 event', 'forced cleared 1 auto-clear']],
      [9_002, event('door.forced'), ['forced raised 2 event', 'forced cleared 2 auto-clear']],
    ]);
  });
});

describe('absence and availability', () => {
  it('raises when a point is silent, not when the gateway has just started', () => {
    play(profileWith({ quiet: { ...base, point: 'flow', silent: 10_000 } }), [
      [5_000, good('other', 1), []],
      [9_000, good('flow', 1), []],
      [18_999, null, []],
      [19_000, null, ['quiet raised 1 silent']],
      [20_000, bad('flow'), []],
      [21_000, good('flow', 1), ['quiet cleared 1 heard-again']],
    ]);
  });

  it('goes late, then offline with an alarm, then online again', () => {
    const rules = compileRules(profileWith({}, { lateAfter: 1_000, offlineAfter: 2_000 }));
    let state = freshState(0);
    const seen: (string | undefined)[] = [];
    for (const [at, heard] of [
      [0, good('t', 1)],
      [999, null],
      [1_000, null],
      [2_000, null],
      [2_500, good('t', 1)],
    ] as [number, Heard | null][]) {
      const result = heard ? evaluate(rules, state, heard, { at, mono: at }) : tick(rules, state, { at, mono: at });
      seen.push(result.availability, ...result.transitions.map((each) => `${each.alarm} ${each.kind}`));
      state = result.state;
    }
    expect(seen).toEqual(['online', undefined, 'late', 'offline', 'offline raised', 'online', 'offline cleared']);
  });

  it('is offline at once after the missed polls of the profile, and by its last will', () => {
    const rules = compileRules(profileWith({}, { offlineAfter: 3_600_000, missedPolls: 3 }));
    const miss = { readings: [], events: [], missed: true };
    let state = freshState(0);
    const seen = [1, 2, 3].map((at) => {
      const result = evaluate(rules, state, miss, { at, mono: at });
      state = result.state;
      return result.availability;
    });
    expect(seen).toEqual([undefined, undefined, 'offline']);
    const will = evaluate(rules, freshState(0), { readings: [], events: [], will: 'offline' }, { at: 1, mono: 1 });
    expect(will.availability).toBe('offline');
  });

  it('lets go of alarms whose rule was taken away, and counts on when it comes back', () => {
    const rules = compileRules(profileWith({ a: { ...base, point: 'x', is: true } }));
    const raised = evaluate(rules, freshState(0), good('x', true), { at: 0, mono: 0 }).state;
    const without = compileRules(profileWith({}));
    const gone = reconcile(without, freshState(1, raised.saved), { at: 1, mono: 1 });
    expect(gone.transitions.map((each) => `${each.kind} ${each.episode} ${each.reason.code}`)).toEqual([
      'cleared 1 rule-removed',
    ]);
    const again = evaluate(rules, freshState(2, gone.state.saved), good('x', true), { at: 2, mono: 2 });
    expect(again.transitions[0]?.episode).toBe(2);
  });
});

describe('for any series', () => {
  it('raise(n) < clear(n) < raise(n+1), and a restart anywhere changes nothing', () => {
    const rules = compileRules(
      profileWith({ hot: { ...base, point: 't', above: 40, clear: 37, for: 3, clearFor: 2, samples: 2 } }),
    );
    const step = fc.record({
      gap: fc.integer({ min: 0, max: 5 }),
      value: fc.option(fc.integer({ min: 30, max: 50 })),
      isBad: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, restartAt) => {
        const run = (restart: boolean) => {
          let state = freshState(0);
          let mono = 0;
          const seen: string[] = [];
          steps.forEach(({ gap, value, isBad }, i) => {
            mono += gap;
            if (restart && i === restartAt)
              state = { ...state, saved: SavedState.parse(JSON.parse(JSON.stringify(state.saved))) };
            const moment = { at: mono, mono };
            const result =
              value === null ? tick(rules, state, moment) : evaluate(rules, state, isBad ? bad('t') : good('t', value), moment);
            state = result.state;
            seen.push(...result.transitions.map((each) => `${each.kind} ${each.episode}`));
          });
          return seen;
        };
        const seen = run(false);
        expect(seen).toEqual(seen.map((_, i) => `${i % 2 === 0 ? 'raised' : 'cleared'} ${Math.floor(i / 2) + 1}`));
        expect(run(true)).toEqual(seen);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('says the time at which it must be looked at again', () => {
    const rules = compileRules(profileWith({ hot: { ...base, point: 't', above: 40, clear: 37, for: 500 } }));
    const result = evaluate(rules, freshState(0), good('t', 41), { at: 0, mono: 1_000 });
    expect(result.dueMs).toBe(1_500);
    expect(tick(rules, result.state, { at: 0, mono: 1_500 }).transitions).toHaveLength(1);
  });
});
