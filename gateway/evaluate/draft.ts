import type { Availability, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Rule, RuleSet } from './rules.ts';
import { type RuleState, type SavedState, freshRule, isFresh } from './state.ts';
import { type Moment, type Step, clear, raise, transitionOf } from './step.ts';
import { isTesting } from './test-mode.ts';

type Extras = Pick<SavedState, 'test' | 'skewed' | 'counters'>;

/** The draft of one evaluation: rules and availability as they become, transitions as they fall. */
export class Draft {
  readonly transitions: Transition[] = [];
  availability: Availability;
  evidence: Set<string> | null = null;
  /** What falls now is a test: the device says so, or said so when this began. */
  isTest: boolean;
  readonly #set: RuleSet;
  readonly #before: SavedState;
  #rules: Record<string, RuleState> | null = null;
  #extras: Extras | null = null;

  constructor(set: RuleSet, before: SavedState) {
    this.#set = set;
    this.#before = before;
    this.availability = before.availability;
    this.isTest = isTesting(before.test);
  }

  get rules(): Readonly<Record<string, RuleState>> {
    return this.#rules ?? this.#before.rules;
  }

  rule(rule: Rule): RuleState {
    return this.rules[rule.id] ?? freshRule(rule.severity);
  }

  /** True where the rule moved. */
  take(rule: Rule, step: Step): boolean {
    const { state, transition } = step.transition ? this.#marked(rule, step) : step;
    if (transition) this.transitions.push(transition);
    const before = this.rules[rule.id];
    // A rule of which there is nothing to say is not written down.
    if (state === before || (before === undefined && isFresh(state))) return false;
    this.#rules ??= { ...this.#before.rules };
    this.#rules[rule.id] = state;
    return true;
  }

  /** The same for a sample: the point it is of is evidence where it moved the rule. */
  takeSample(rule: Rule, step: Step, point: string): void {
    if (this.take(rule, step)) (this.evidence ??= new Set()).add(point);
  }

  /** A device that cannot be heard is no test, whatever it said last. */
  #marked(rule: Rule, { state, transition }: Step): Step {
    if (!transition || rule.condition.kind === 'offline') return { state, ...(transition ? { transition } : {}) };
    const { test: _was, ...rest } = state;
    const isTest = transition.kind === 'raised' ? this.isTest : this.rules[rule.id]?.test === true;
    if (!isTest) return { state: rest, transition };
    return { state: state.active ? { ...rest, test: true } : rest, transition: { ...transition, test: true } };
  }

  /** The test is over: what was raised in it and still is so was none. */
  endTest(moment: Moment): void {
    for (const rule of this.#set.rules) {
      const { test, ...state } = this.rule(rule);
      if (!test || !state.active) continue;
      const transition = transitionOf(rule, state, 'changed', { code: 'test-over' }, moment.at);
      this.transitions.push(transition);
      this.#rules ??= { ...this.#before.rules };
      this.#rules[rule.id] = state;
    }
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

  /** What is kept beside the rules; undefined takes it away. */
  keep<K extends keyof Extras>(key: K, value: Extras[K]): void {
    if ((this.#extras ?? this.#before)[key] === value) return;
    const { test, skewed, counters } = this.#extras ?? this.#before;
    this.#extras = { test, skewed, counters, [key]: value };
  }

  saved(): SavedState {
    if (!this.#rules && !this.#extras && this.availability === this.#before.availability) return this.#before;
    const { test, skewed, counters } = this.#extras ?? this.#before;
    return {
      rules: this.rules,
      availability: this.availability,
      ...(test ? { test } : {}),
      ...(skewed ? { skewed } : {}),
      ...(counters ? { counters } : {}),
    };
  }
}
