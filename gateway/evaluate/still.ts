import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Rule } from './rules.ts';
import type { RuleState, Still } from './state.ts';
import { type Moment, type Step, clear, raise } from './step.ts';

/** How much of its time a value must have stood still before that is written down: a value that keeps changing writes nothing. */
const worthKeeping = 1 / 8;

export interface StillStep extends Step {
  readonly still: Still;
}

/**
 * 数值不变: one more good value. `known`: since when the last one was there, in memory; after a restart what was kept of it.
 * Only samples raise: where nothing comes, nothing stands still.
 */
export function onStill(rule: Rule, state: RuleState, known: Still | undefined, value: Value, moment: Moment): StillStep {
  const { condition } = rule;
  if (condition.kind !== 'stuck') throw new Error(`rule ${rule.id} does not watch for standing still`);
  const last = known ?? state.still;
  if (!last || last.value !== value) return moved(rule, state, last, { value, since: moment.mono }, moment);
  const heldMs = moment.mono - last.since;
  if (!state.active && heldMs >= condition.afterMs) {
    const raised = raise(rule, state, { code: 'stuck', value, heldMs: Math.round(heldMs) }, moment.at);
    return { ...raised, state: { ...raised.state, still: last }, still: last };
  }
  const isKept = state.still?.since === last.since;
  const keeps = !isKept && heldMs >= condition.afterMs * worthKeeping;
  return { state: keeps ? { ...state, still: last } : state, still: last };
}

function moved(rule: Rule, state: RuleState, last: Still | undefined, still: Still, moment: Moment): StillStep {
  const { still: _kept, ...rest } = state;
  if (state.active && last) return { ...clear(rule, rest, { code: 'moved-again', value: still.value }, moment.at), still };
  return { state: state.still ? rest : state, still };
}
