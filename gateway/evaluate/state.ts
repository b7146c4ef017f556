import { z } from 'zod';
import { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';

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
});
export type RuleState = z.infer<typeof RuleState>;

/** What is committed with the records that moved it. */
export const SavedState = z.strictObject({
  rules: z.record(z.string(), RuleState),
  availability: Availability,
});
export type SavedState = z.infer<typeof SavedState>;

const LoadedState = z.object({ rules: z.record(z.string(), z.object(RuleState.shape)), availability: Availability });

/** The saved part as it was committed, also by a later version that keeps more of it; null where it cannot be read. */
export function loadSaved(text: string): SavedState | null {
  try {
    const parsed = LoadedState.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
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
}

export function freshState(startMs: number, saved?: SavedState): DeviceState {
  return { saved: saved ?? { rules: {}, availability: 'unknown' }, heardMs: startMs, missedPolls: 0, goodMs: {} };
}

export function freshRule(severity: Severity): RuleState {
  return { episode: 0, active: false, severity, since: null, heldMs: 0, samples: 0, autoClearAt: null };
}

/** Nothing ever happened to the rule. */
export function isFresh({ episode, since, heldMs, samples }: RuleState): boolean {
  return episode === 0 && since === null && heldMs === 0 && samples === 0;
}
