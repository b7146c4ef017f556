import type { Availability, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { Draft } from './draft.ts';
import { type Evaluated, finish } from './evaluate.ts';
import type { RuleSet } from './rules.ts';
import { type DeviceState, type RuleState, type SavedState, freshRule } from './state.ts';
import { type Moment, refit } from './step.ts';

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
  // A profile that knows no tests any more ends the one that was.
  if (!set.testMode && state.saved.test) {
    draft.keep('test', undefined);
    draft.endTest(moment);
  }
  return finish(set, state, { ...state, saved: draft.saved() }, draft, { readings: [], events: [] });
}

/** A part is as its device is: there when it is there, and unknown, not lost, when it is lost. */
export function followParent(set: RuleSet, state: DeviceState, parent: Availability, moment: Moment): Evaluated {
  const draft = new Draft(set, state.saved);
  if (parent !== 'late') draft.becomes(parent === 'online' ? 'online' : 'unknown', moment);
  return finish(set, state, { ...state, saved: draft.saved() }, draft, { readings: [], events: [] });
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
