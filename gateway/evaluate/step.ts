import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Reason, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Rule } from './rules.ts';
import type { RuleState } from './state.ts';

/** What one good sample says of a rule. `within`: inside the hysteresis band, neither raises nor clears. */
export type Verdict = 'holds' | 'gone' | 'within';

export interface Moment {
  /** Wall clock, for labels. */
  readonly at: number;
  /** Running clock, for durations. */
  readonly mono: number;
}

export interface Step {
  readonly state: RuleState;
  readonly transition?: Transition;
}

/** Judges a good value. Values that are not numbers cannot pass a limit: 64-bit decimal strings are compared as numbers. */
export function judge(rule: Rule, value: Value): Verdict {
  const { condition } = rule;
  switch (condition.kind) {
    case 'is':
      return condition.values.some((each) => each === value) ? 'holds' : 'gone';
    case 'above':
    case 'below': {
      const number = numberOf(value);
      if (Number.isNaN(number)) return 'within';
      const sign = condition.kind === 'above' ? 1 : -1;
      if (sign * number > sign * condition.limit) return 'holds';
      return sign * number <= sign * condition.clear ? 'gone' : 'within';
    }
    case 'event':
    case 'silent':
    case 'stuck':
    case 'step':
    case 'offline':
      return 'within';
  }
}

/** Text is a number only where it is one in plain decimals: `Number` takes blanks for 0. */
export function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

export function transitionOf(rule: Rule, state: RuleState, kind: Transition['kind'], reason: Reason, at: number): Transition {
  const point = 'point' in rule.condition ? { point: rule.condition.point } : {};
  const { name, hazard, latch } = rule;
  return { alarm: rule.id, kind, episode: state.episode, severity: state.severity, hazard, latch, name, ...point, reason, at };
}

/** Begins an episode. */
export function raise(rule: Rule, state: RuleState, reason: Reason, at: number): Step {
  const next: RuleState = {
    ...state,
    episode: state.episode + 1,
    active: true,
    severity: rule.severity,
    since: null,
    heldMs: 0,
    samples: 0,
    autoClearAt: null,
  };
  return { state: next, transition: transitionOf(rule, next, 'raised', reason, at) };
}

/** Ends the episode. */
export function clear(rule: Rule, state: RuleState, reason: Reason, at: number): Step {
  const next: RuleState = { ...state, active: false, since: null, heldMs: 0, samples: 0, autoClearAt: null };
  return { state: next, transition: transitionOf(rule, next, 'cleared', reason, at) };
}

/** Why a rule that counts has raised. */
function repeated({ repeat }: Rule): Reason | undefined {
  return repeat && { code: 'repeated', times: repeat.times };
}

function reasonOf(rule: Rule, active: boolean, value: Value | undefined, heldMs: number): Reason {
  const { condition } = rule;
  const extra = { ...(value === undefined ? {} : { value }), ...(heldMs > 0 ? { heldMs: Math.round(heldMs) } : {}) };
  switch (condition.kind) {
    case 'above':
      return { code: active ? 'above-limit' : 'back-within-limit', limit: active ? condition.limit : condition.clear, ...extra };
    case 'below':
      return { code: active ? 'below-limit' : 'back-within-limit', limit: active ? condition.limit : condition.clear, ...extra };
    case 'is':
      return { code: active ? 'state-entered' : 'state-left', ...extra };
    case 'event':
      return { code: active ? 'event' : 'auto-clear', ...extra };
    case 'silent':
    case 'offline':
      return { code: active ? 'silent' : 'heard-again', ...extra };
    case 'stuck':
      return { code: active ? 'stuck' : 'moved-again', ...extra };
    case 'step':
      return { code: active ? 'stepped' : 'auto-clear', ...extra };
  }
}

/** Moves the rule on when what it waits for has held long enough, by time and by samples. */
export function settle(rule: Rule, state: RuleState, moment: Moment, value?: Value): Step {
  if (state.since === null) return { state };
  const heldMs = moment.mono - state.since;
  const neededMs = state.active ? rule.clearForMs : rule.forMs;
  const neededSamples = state.active ? 1 : rule.samples;
  if (heldMs < neededMs || state.samples < neededSamples || !hasRepeated(rule, state)) return { state };
  const reason = (state.active ? undefined : repeated(rule)) ?? reasonOf(rule, !state.active, value, heldMs);
  return state.active ? clear(rule, state, reason, moment.at) : raise(rule, state, reason, moment.at);
}

/** For rules that count: the condition is entered, or held already, or is left. */
function counted(rule: Rule, state: RuleState, verdict: Verdict, mono: number): RuleState {
  if (!rule.repeat || verdict === 'within') return state;
  const holds = verdict === 'holds';
  if (holds === (state.inside === true)) return state;
  const { inside: _was, ...rest } = state;
  return holds ? { ...entered(rule, rest, mono), inside: true } : rest;
}

/** One more entry; of those that are too old or too many, the oldest go. */
function entered(rule: Rule, state: RuleState, mono: number): RuleState {
  const { repeat } = rule;
  if (!repeat) return state;
  const recent = [...(state.entries ?? []), mono].filter((at) => at > mono - repeat.withinMs);
  return { ...state, entries: recent.slice(-repeat.times) };
}

export function hasRepeated({ repeat }: Rule, { active, entries = [] }: RuleState): boolean {
  return active || !repeat || entries.length >= repeat.times;
}

/** A good sample. What the rule waits for is the condition while inactive, and its end while active. */
export function onSample(rule: Rule, given: RuleState, value: Value, moment: Moment): Step {
  const verdict = judge(rule, value);
  const state = counted(rule, given, verdict, moment.mono);
  const awaited = state.active ? 'gone' : 'holds';
  if (verdict !== awaited)
    return { state: state.since === null && state.heldMs === 0 ? state : { ...state, since: null, heldMs: 0, samples: 0 } };
  return settle(rule, watched(rule, state, moment), moment, value);
}

/** The watch with one more sample. Samples past what the rule asks for change nothing, so that a long watch is not written down again with each. */
function watched(rule: Rule, state: RuleState, moment: Moment): RuleState {
  const samples = Math.min(state.samples + 1, state.active ? 1 : rule.samples);
  if (state.since !== null && samples === state.samples) return state;
  return { ...state, since: state.since ?? moment.mono - state.heldMs, heldMs: 0, samples };
}

/** A reading that is not good is not evidence either way: the watch stops where it is and goes on with the next good one. */
export function onBadSample(state: RuleState, moment: Moment): RuleState {
  if (state.since === null) return state;
  return { ...state, since: null, heldMs: moment.mono - state.since };
}

/** An event of the rule's raise or clear type. */
export function onEvent(rule: Rule, given: RuleState, type: string, moment: Moment): Step[] {
  if (rule.condition.kind !== 'event') return [];
  const { raise: raiseType, clear: clearType, autoClearMs } = rule.condition;
  if (type === clearType && type !== raiseType) {
    return given.active ? [clear(rule, given, { code: 'clear-event' }, moment.at)] : [];
  }
  return happen(rule, given, { code: 'event' }, { autoClearMs, isMoment: clearType === null && autoClearMs === null }, moment);
}

/**
 * Something that raises the rule has happened. What has no end is a moment, not a condition: it raises and is over, and the
 * latch alone keeps it in sight.
 */
export function happen(
  rule: Rule,
  given: RuleState,
  reason: Reason,
  end: { readonly autoClearMs: number | null; readonly isMoment: boolean },
  moment: Moment,
): Step[] {
  const state = entered(rule, given, moment.mono);
  const autoClearAt = end.autoClearMs === null ? null : moment.mono + end.autoClearMs;
  if (given.active) return [{ state: { ...state, autoClearAt } }];
  if (!hasRepeated(rule, state)) return [{ state }];
  const raised = raise(rule, state, repeated(rule) ?? reason, moment.at);
  if (end.isMoment) return [raised, clear(rule, raised.state, { code: 'auto-clear' }, moment.at)];
  return [{ ...raised, state: { ...raised.state, autoClearAt } }];
}

/**
 * The rule may be another one since the state was saved. An episode under way takes its severity and its way to end; a watch
 * that ran for another condition (`changed`) begins anew.
 */
export function refit(rule: Rule, saved: RuleState, moment: Moment, changed: boolean): Step {
  const state = changed && isWatching(saved) ? unwatched(saved) : saved;
  if (!state.active) return { state };
  const { condition } = rule;
  const autoClearMs = condition.kind === 'event' || condition.kind === 'step' ? condition.autoClearMs : null;
  // As it is now the event is a moment that nothing ends: what an earlier rule left open is over.
  const hasEnd = condition.kind === 'event' ? condition.clear !== null || autoClearMs !== null : autoClearMs !== null;
  if ((condition.kind === 'event' || condition.kind === 'step') && !hasEnd)
    return clear(rule, state, { code: 'auto-clear' }, moment.at);
  const autoClearAt = autoClearMs === null ? null : (state.autoClearAt ?? moment.mono + autoClearMs);
  const fitted = autoClearAt === state.autoClearAt ? state : { ...state, autoClearAt };
  if (state.severity === rule.severity) return { state: fitted };
  const next = { ...fitted, severity: rule.severity };
  return { state: next, transition: transitionOf(rule, next, 'changed', { code: 'severity-changed' }, moment.at) };
}

function isWatching({ since, heldMs, samples, entries, inside, still }: RuleState): boolean {
  return since !== null || heldMs > 0 || samples > 0 || entries !== undefined || inside === true || still !== undefined;
}

function unwatched({ entries: _counted, inside: _in, still: _still, ...state }: RuleState): RuleState {
  return { ...state, since: null, heldMs: 0, samples: 0 };
}
