import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Availability, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Rule, RuleSet } from './rules.ts';
import { type DeviceState, type RuleState, type SavedState, freshRule, isFresh } from './state.ts';
import { type Moment, type Step, clear, onBadSample, onEvent, onSample, raise, refit, settle } from './step.ts';

/** What one frame (or one poll cycle) brought. */
export interface Heard {
  readonly readings: readonly Reading[];
  readonly events: readonly DeviceEvent[];
  /** A last will or its opposite. */
  readonly will?: 'online' | 'offline' | undefined;
  /** The device did not answer: counts as a missed poll and not as heard. */
  readonly missed?: boolean | undefined;
  /** What was heard is no sign of life: it says nothing of whether the device is there now. */
  readonly isQuiet?: boolean | undefined;
}

export interface Evaluated {
  readonly state: DeviceState;
  readonly transitions: readonly Transition[];
  /** Set where it changed. */
  readonly availability?: Availability;
  /** Running-clock time at which `tick` has something to decide; null: only the device can change anything. */
  readonly dueMs: number | null;
  /** True where the saved part moved and must be committed. */
  readonly moved: boolean;
  /** Points whose readings moved a rule: what an alarm stands on is recorded, however little it changed. */
  readonly evidence: ReadonlySet<string>;
}

const noEvidence: ReadonlySet<string> = new Set();

/** The draft of one evaluation: rules and availability as they become, transitions as they fall. */
class Draft {
  readonly transitions: Transition[] = [];
  availability: Availability;
  evidence: Set<string> | null = null;
  readonly #set: RuleSet;
  readonly #before: SavedState;
  #rules: Record<string, RuleState> | null = null;

  constructor(set: RuleSet, before: SavedState) {
    this.#set = set;
    this.#before = before;
    this.availability = before.availability;
  }

  rule(rule: Rule): RuleState {
    return (this.#rules ?? this.#before.rules)[rule.id] ?? freshRule(rule.severity);
  }

  /** True where the rule moved. */
  take(rule: Rule, step: Step): boolean {
    if (step.transition) this.transitions.push(step.transition);
    const before = (this.#rules ?? this.#before.rules)[rule.id];
    // A rule of which there is nothing to say is not written down.
    if (step.state === before || (before === undefined && isFresh(step.state))) return false;
    this.#rules ??= { ...this.#before.rules };
    this.#rules[rule.id] = step.state;
    return true;
  }

  /** The same for a sample: the point it is of is evidence where it moved the rule. */
  takeSample(rule: Rule, step: Step, point: string): void {
    if (this.take(rule, step)) (this.evidence ??= new Set()).add(point);
  }

  /** The rule is gone; its episode count stays, so that a rule that comes back goes on counting. */
  drop(id: string, state: RuleState): void {
    this.#rules ??= { ...this.#before.rules };
    this.#rules[id] = { ...freshRule(state.severity), episode: state.episode };
  }

  becomes(availability: Availability, moment: Moment): void {
    if (availability === this.availability) return;
    this.availability = availability;
    const rule = this.#set.rules.find((each) => each.condition.kind === 'offline');
    if (!rule) return;
    const state = this.rule(rule);
    if (availability === 'offline' && !state.active) this.take(rule, raise(rule, state, { code: 'silent' }, moment.at));
    if (availability === 'online' && state.active) this.take(rule, clear(rule, state, { code: 'heard-again' }, moment.at));
  }

  saved(): SavedState {
    if (!this.#rules && this.availability === this.#before.availability) return this.#before;
    return { rules: this.#rules ?? this.#before.rules, availability: this.availability };
  }
}

/** One frame's worth of evidence. Pure: the same state and input give the same output. */
export function evaluate(set: RuleSet, state: DeviceState, heard: Heard, moment: Moment): Evaluated {
  const draft = new Draft(set, state.saved);
  const missedPolls = heard.missed ? state.missedPolls + 1 : heard.isQuiet ? state.missedPolls : 0;
  const heardMs = heard.missed || heard.isQuiet ? state.heardMs : moment.mono;
  const goodMs = readSamples(set, draft, state.goodMs, heard.readings, moment);
  for (const event of heard.events) {
    if (event.historical) continue;
    for (const rule of set.byEvent.get(event.type) ?? []) {
      for (const step of onEvent(rule, draft.rule(rule), event.type, moment)) draft.take(rule, step);
    }
  }
  judgeAvailability(set, draft, heard, missedPolls, moment);
  return finish(set, state, { saved: draft.saved(), heardMs, missedPolls, goodMs }, draft);
}

function readSamples(set: RuleSet, draft: Draft, before: DeviceState['goodMs'], readings: readonly Reading[], moment: Moment) {
  let goodMs = before;
  for (const reading of readings) {
    if (reading.historical) continue;
    const rules = set.byPoint.get(reading.point);
    if (!rules) continue;
    const good = reading.quality === 'good';
    for (const rule of rules) {
      const ruleState = draft.rule(rule);
      if (rule.condition.kind === 'silent') {
        if (!good) continue;
        goodMs = { ...goodMs, [reading.point]: moment.mono };
        if (ruleState.active) draft.takeSample(rule, clear(rule, ruleState, { code: 'heard-again' }, moment.at), reading.point);
      } else if (good) draft.takeSample(rule, onSample(rule, ruleState, reading.value, moment), reading.point);
      else draft.takeSample(rule, { state: onBadSample(ruleState, moment) }, reading.point);
    }
  }
  return goodMs;
}

function judgeAvailability(set: RuleSet, draft: Draft, heard: Heard, missedPolls: number, moment: Moment): void {
  if (heard.will === 'offline') return draft.becomes('offline', moment);
  if (heard.isQuiet && heard.will === undefined) return;
  if (!heard.missed) return draft.becomes('online', moment);
  const { missedPolls: limit } = set.availability;
  if (limit !== undefined && missedPolls >= limit) draft.becomes('offline', moment);
}

/** Nothing was heard, but time went by: holding times run out, silence becomes an alarm, devices become late or offline. */
export function tick(set: RuleSet, state: DeviceState, moment: Moment): Evaluated {
  const draft = new Draft(set, state.saved);
  for (const rule of set.rules) {
    const ruleState = draft.rule(rule);
    const { condition } = rule;
    if (condition.kind === 'silent') {
      const quietMs = moment.mono - (state.goodMs[condition.point] ?? state.heardMs);
      if (!ruleState.active && quietMs >= condition.afterMs)
        draft.take(rule, raise(rule, ruleState, { code: 'silent', heldMs: Math.round(quietMs) }, moment.at));
    } else if (ruleState.active && ruleState.autoClearAt !== null && moment.mono >= ruleState.autoClearAt) {
      draft.take(rule, clear(rule, ruleState, { code: 'auto-clear' }, moment.at));
    } else draft.take(rule, settle(rule, ruleState, moment));
  }
  const { lateAfter, offlineAfter } = set.availability;
  const quietMs = moment.mono - state.heardMs;
  if (quietMs >= offlineAfter) draft.becomes('offline', moment);
  else if (lateAfter !== undefined && quietMs >= lateAfter && draft.availability !== 'offline') draft.becomes('late', moment);
  return finish(set, state, { ...state, saved: draft.saved() }, draft);
}

/**
 * At start: rules that are no longer there let go of what they had raised, and those that are another now (`changed`: their
 * condition was edited) take their episodes along and begin their watch anew.
 */
export function reconcile(set: RuleSet, state: DeviceState, moment: Moment, changed: ReadonlySet<string> = new Set()): Evaluated {
  const draft = new Draft(set, state.saved);
  const known = new Map(set.rules.map((rule) => [rule.id, rule]));
  for (const [id, ruleState] of Object.entries(state.saved.rules)) {
    const rule = known.get(id);
    if (rule) draft.take(rule, refit(rule, ruleState, moment, changed.has(id)));
    else if (ruleState.active) {
      draft.drop(id, ruleState);
      draft.transitions.push(letGo(id, ruleState, moment));
    }
  }
  return finish(set, state, { ...state, saved: draft.saved() }, draft);
}

/** The device is no longer in the site file: nobody will ever clear what it had raised. Episodes stay, in case it comes back. */
export function retire(saved: SavedState, moment: Moment): { saved: SavedState; transitions: Transition[] } | null {
  const active = Object.entries(saved.rules).filter(([, rule]) => rule.active);
  if (active.length === 0 && saved.availability === 'unknown') return null;
  const rules = Object.entries(saved.rules).map(([id, rule]) => [id, { ...freshRule(rule.severity), episode: rule.episode }]);
  return {
    saved: { rules: Object.fromEntries(rules) as SavedState['rules'], availability: 'unknown' },
    transitions: active.map(([id, rule]) => letGo(id, rule, moment)),
  };
}

function letGo(id: string, { episode, severity }: RuleState, { at }: Moment): Transition {
  return {
    alarm: id,
    kind: 'cleared',
    episode,
    severity,
    hazard: 'equipment',
    latch: 'none',
    name: { zh: '规则已移除', en: 'Rule removed' },
    reason: { code: 'rule-removed' },
    at,
  };
}

function finish(set: RuleSet, before: DeviceState, state: DeviceState, draft: Draft): Evaluated {
  const changed = state.saved.availability !== before.saved.availability;
  return {
    state,
    transitions: draft.transitions,
    ...(changed ? { availability: state.saved.availability } : {}),
    dueMs: dueOf(set, state),
    moved: state.saved !== before.saved,
    evidence: draft.evidence ?? noEvidence,
  };
}

function dueOf(set: RuleSet, state: DeviceState): number | null {
  let due = Number.POSITIVE_INFINITY;
  const { lateAfter, offlineAfter } = set.availability;
  if (state.saved.availability !== 'offline') {
    due = state.heardMs + offlineAfter;
    if (lateAfter !== undefined && state.saved.availability !== 'late') due = Math.min(due, state.heardMs + lateAfter);
  }
  for (const [id, rule] of Object.entries(state.saved.rules)) {
    if (rule.autoClearAt !== null) due = Math.min(due, rule.autoClearAt);
    if (rule.since !== null) due = Math.min(due, rule.since + holdOf(set, id, rule));
  }
  for (const rule of set.silent) {
    const { condition } = rule;
    if (condition.kind !== 'silent' || state.saved.rules[rule.id]?.active) continue;
    due = Math.min(due, (state.goodMs[condition.point] ?? state.heardMs) + condition.afterMs);
  }
  return Number.isFinite(due) ? due : null;
}

/** How long the watch of a rule must hold; a rule still short of samples is not a matter of time. */
function holdOf(set: RuleSet, id: string, state: RuleState): number {
  const rule = set.rules.find((each) => each.id === id);
  if (!rule || (!state.active && state.samples < rule.samples)) return Number.POSITIVE_INFINITY;
  return state.active ? rule.clearForMs : rule.forMs;
}
