import { z } from 'zod';
import { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import { jsonAs } from '../json-as.ts';
import { type CounterStates, loadCounters } from './counters.ts';

const Still = z.strictObject({ value: Value, since: z.number() });
export type Still = z.infer<typeof Still>;

/**
 * Where one rule stands on one device. Times are the gateway's own running clock (see `pipeline.ts`), which goes on
 * across a restart from where the last commit left it; the time the gateway was down does not count as held.
 */
export const RuleState = z.strictObject({
  /** Episodes begun so far; the current one while active. */
  episode: z.number().int().nonnegative(),
  active: z.boolean(),
  severity: Severity,
  /** The condition (while inactive) or its end (while active) holds since then; null: it does not hold. */
  since: z.number().nullable(),
  /** Held before a bad reading interrupted the watch. */
  heldMs: z.number().nonnegative(),
  /** Good samples in a row that held. */
  samples: z.number().int().nonnegative(),
  /** When an event that sends no end is taken as over. */
  autoClearAt: z.number().nullable(),
  /** When the condition was entered, for rules that count; as many as they count. */
  entries: z.array(z.number()).max(100).optional(),
  /** The condition holds, for rules that count: the next sample that holds is no new entry. */
  inside: z.literal(true).optional(),
  /** Since when the value has been this, for rules that watch for standing still; kept once that is worth it. */
  still: Still.optional(),
  /** Raised while the device was under test. */
  test: z.literal(true).optional(),
});
export type RuleState = z.infer<typeof RuleState>;

const kept = {
  /** 测试状态 since then (running clock). */
  test: z.strictObject({ since: z.number(), worn: z.literal(true).optional() }).optional(),
  /** The device's clock is too far from ours. */
  skewed: z.literal(true).optional(),
  /** The last values of its counters, now and then. */
  counters: z.record(z.string(), z.strictObject({ value: Value, serial: Value.optional() })).optional(),
};

/** What is committed with the records that moved it. */
export const SavedState = z.strictObject({
  rules: z.record(z.string(), RuleState),
  availability: Availability,
  ...kept,
});
export type SavedState = z.infer<typeof SavedState>;

const LoadedState = z.object({
  rules: z.record(z.string(), z.object(RuleState.shape)),
  availability: Availability,
  ...kept,
});

/** The saved part as it was committed, also by a later version that keeps more of it; null where it cannot be read. */
export function loadSaved(text: string): SavedState | null {
  return jsonAs(LoadedState, text);
}

/**
 * In place of a state that cannot be read. Nobody knows how many episodes there were, and a number given twice would be taken
 * for a replay: they go on from the seconds since 1970, which no counting has reached.
 */
export function lostState(rules: readonly { id: string; severity: Severity }[], at: number): SavedState {
  const episode = Math.max(1, Math.floor(at / 1000));
  return {
    rules: Object.fromEntries(rules.map(({ id, severity }) => [id, { ...freshRule(severity), episode }])),
    availability: 'unknown',
  };
}

/** The saved part, and what is only known while the gateway runs. */
export interface DeviceState {
  readonly saved: SavedState;
  /** Running-clock time the device was last heard; the start counts as heard, so that nothing is "lost" for being new. */
  readonly heardMs: number;
  readonly missedPolls: number;
  /** Running-clock time of the last good reading of points that a silence rule watches. */
  readonly goodMs: Readonly<Record<string, number>>;
  /** By rule: since when the value has been what it is. */
  readonly stills: Readonly<Record<string, Still>>;
  /** By rule: what the value was lately. */
  readonly jumps: Readonly<Record<string, Jump>>;
  /** The heartbeat bit, and when it last changed; the start counts as a change. */
  readonly beat: { readonly value: Value | undefined; readonly mono: number };
  readonly counters: CounterStates;
  /** When the counters were last written down. */
  readonly countersMs: number;
  /** How far the device's clock is ahead of ours, as last heard; null where it says no time. */
  readonly skewMs: number | null;
}

/** Parts of the time before now, oldest first, each with its lowest and highest value. */
export type Jump = readonly { readonly since: number; readonly low: number; readonly high: number }[];

export function freshState(startMs: number, saved: SavedState = { rules: {}, availability: 'unknown' }): DeviceState {
  return {
    saved,
    heardMs: startMs,
    missedPolls: 0,
    goodMs: {},
    stills: {},
    jumps: {},
    beat: { value: undefined, mono: startMs },
    counters: loadCounters(saved.counters),
    countersMs: startMs,
    skewMs: null,
  };
}

export function freshRule(severity: Severity): RuleState {
  return { episode: 0, active: false, severity, since: null, heldMs: 0, samples: 0, autoClearAt: null };
}

/** Nothing ever happened to the rule. */
export function isFresh({ episode, since, heldMs, samples, entries, inside, still }: RuleState): boolean {
  const counts = entries !== undefined || inside !== undefined || still !== undefined;
  return episode === 0 && since === null && heldMs === 0 && samples === 0 && !counts;
}
