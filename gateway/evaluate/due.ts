import type { RuleSet } from './rules.ts';
import type { DeviceState, RuleState } from './state.ts';
import { hasRepeated } from './step.ts';
import { dueOfTest } from './test-mode.ts';

/** Running-clock time at which time alone changes something of a device; null where only the device can. */
export function dueOf(set: RuleSet, state: DeviceState): number | null {
  let due = dueOfAvailability(set, state);
  for (const [id, rule] of Object.entries(state.saved.rules)) {
    if (rule.autoClearAt !== null) due = Math.min(due, rule.autoClearAt);
    if (rule.since !== null) due = Math.min(due, rule.since + holdOf(set, id, rule));
  }
  for (const rule of set.silent) {
    const { condition } = rule;
    if (condition.kind !== 'silent' || state.saved.rules[rule.id]?.active) continue;
    due = Math.min(due, (state.goodMs[condition.point] ?? state.heardMs) + condition.afterMs);
  }
  if (set.testMode && state.saved.test) due = Math.min(due, dueOfTest(set.testMode, state.saved.test));
  return Number.isFinite(due) ? due : null;
}

function dueOfAvailability({ availability }: RuleSet, { saved, heardMs, beat }: DeviceState): number {
  if (saved.availability === 'offline') return Number.POSITIVE_INFINITY;
  const { lateAfter, offlineAfter } = availability;
  const late = lateAfter !== undefined && saved.availability !== 'late' ? heardMs + lateAfter : Number.POSITIVE_INFINITY;
  const still = availability.beat ? beat.mono + availability.beat.within : Number.POSITIVE_INFINITY;
  return Math.min(heardMs + offlineAfter, late, still);
}

/** How long the watch of a rule must hold; a rule still short of samples, or of entries, is not a matter of time. */
function holdOf(set: RuleSet, id: string, state: RuleState): number {
  const rule = set.rules.find((each) => each.id === id);
  if (!rule || (!state.active && (state.samples < rule.samples || !hasRepeated(rule, state)))) return Number.POSITIVE_INFINITY;
  return state.active ? rule.clearForMs : rule.forMs;
}
