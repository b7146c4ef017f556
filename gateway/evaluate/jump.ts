import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Rule } from './rules.ts';
import type { Jump, RuleState } from './state.ts';
import { type Moment, type Step, happen, numberOf } from './step.ts';

/** The window is kept in so many parts, each with its lowest and highest value. */
const parts = 32;

export interface JumpStep {
  readonly steps: readonly Step[];
  readonly jump: Jump;
}

/** 突变: one more good value against those before it. It is a moment, as an event without an end is. */
export function onJump(rule: Rule, state: RuleState, before: Jump = [], value: Value, moment: Moment): JumpStep {
  const { condition } = rule;
  if (condition.kind !== 'step') throw new Error(`rule ${rule.id} does not watch for steps`);
  const number = numberOf(value);
  if (Number.isNaN(number)) return { steps: [], jump: before };
  const { withinMs, limit, autoClearMs } = condition;
  const window = withinMs === null ? before : before.filter(({ since }) => since >= moment.mono - withinMs);
  const jump =
    withinMs === null
      ? [{ since: moment.mono, low: number, high: number }]
      : grown(window, number, withinMs / parts, moment.mono);
  const isJump = window.some(({ low, high }) => Math.max(number - low, high - number) > limit);
  const reason = { code: 'stepped', value, limit } as const;
  const end = { autoClearMs, isMoment: autoClearMs === null };
  return { steps: isJump ? happen(rule, state, reason, end, moment) : [], jump };
}

function grown(window: Jump, value: number, partMs: number, mono: number): Jump {
  const last = window.at(-1);
  if (!last || mono - last.since >= partMs) return [...window, { since: mono, low: value, high: value }];
  return [...window.slice(0, -1), { since: last.since, low: Math.min(last.low, value), high: Math.max(last.high, value) }];
}
