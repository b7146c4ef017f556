import type { RulePreview, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { evaluate, type Evaluated, tick } from '../gateway/evaluate/evaluate.ts';
import { compileRules } from '../gateway/evaluate/rules.ts';
import { freshState } from '../gateway/evaluate/state.ts';
import type { ToldValue } from './records/device-rules.ts';

type Told = RulePreview['now'];

/** Episodes handed out; all of them are counted. */
const episodesShown = 100;
/** So many readings are judged before everybody else has a turn. */
const atOnce = 4_000;

interface Replay {
  readonly profile: Profile;
  readonly alarm: string;
  readonly threshold: Threshold;
  readonly told: readonly ToldValue[];
  readonly to: number;
  /** Lets everybody else have a turn. */
  readonly rest: () => Promise<void>;
}

/**
 * 回放: what one rule would have done with a threshold, by the very code the gateway runs: hysteresis, holding times, samples and
 * repeats included. Pure but for `rest`. What was not recorded (values that changed too little to be worth a record) is not seen.
 */
export async function replayRule({ profile, alarm, threshold, told, to, rest }: Replay): Promise<Told> {
  const rule = profile.alarms[alarm];
  if (rule === undefined || !('point' in rule)) throw new Error(`${profile.id} has no rule ${alarm} on a point`);
  const set = compileRules({ ...profile, alarms: { [alarm]: rule }, testMode: undefined }, { [alarm]: threshold });
  const episodes: { from: number; to: number | null }[] = [];
  let state = freshState(told[0]?.at ?? to);
  let dueMs: number | null = null;
  const take = (result: Evaluated): void => {
    state = result.state;
    ({ dueMs } = result);
    for (const { alarm: which, kind, at } of result.transitions) {
      if (which !== alarm) continue;
      if (kind === 'raised') episodes.push({ from: at, to: null });
      const last = episodes.at(-1);
      if (kind === 'cleared' && last !== undefined) last.to = at;
    }
  };
  const waitUntil = (at: number): void => {
    while (dueMs !== null && dueMs <= at) {
      const due: number = dueMs;
      take(tick(set, state, { at: due, mono: due }));
      if (dueMs !== null && dueMs <= due) dueMs = null;
    }
  };
  for (const [nth, one] of told.entries()) {
    waitUntil(one.at);
    take(evaluate(set, state, { readings: [readingOf(rule.point, one)], events: [] }, { at: one.at, mono: one.at }));
    if (nth % atOnce === atOnce - 1) await rest();
  }
  waitUntil(to);
  return { count: episodes.length, episodes: episodes.slice(0, episodesShown) };
}

function readingOf(point: string, { at, value, isGood }: ToldValue): Reading {
  return { point, value, quality: isGood ? 'good' : 'bad', at };
}
