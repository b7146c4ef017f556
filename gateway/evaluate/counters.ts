import { counterSpan } from '@yihu/device-profiles/library/counter.ts';
import { type CounterRule, consumption } from '@yihu/device-profiles/vocabulary/counter.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Moment } from './step.ts';

/** 计数器 of one device, by point. */
export type Counters = ReadonlyMap<string, CounterRule & { readonly serial?: string | undefined }>;

/** Where one counter stands. What it last showed, and what it shows now where that cannot follow and waits for a second reading. */
export interface CounterState {
  readonly value: Value;
  /** Running clock; null for a value from before a restart, of which nobody knows how long ago it was. */
  readonly mono: number | null;
  readonly doubt: { readonly value: Value; readonly mono: number } | null;
  /** The meter's serial number with that value. */
  readonly serial?: Value;
}

export type CounterStates = Readonly<Record<string, CounterState>>;

export interface Counted {
  readonly states: CounterStates;
  readonly events: readonly DeviceEvent[];
  /** A reading that cannot follow is no evidence until another one confirms it. */
  readonly doubted: ReadonlySet<Reading>;
}

export function compileCounters(points: Profile['points']): Counters {
  return new Map(
    Object.entries(points).flatMap(([id, point]): [string, CounterRule & { serial?: string | undefined }][] => {
      if (point.kind !== 'counter') return [];
      const { maxRate, serial, round, scale } = point;
      const step = round === undefined ? Math.abs(scale ?? 0) : 10 ** -round;
      return [[id, { span: counterSpan(point), never: point.wrap === 'none', maxRate, step, serial }]];
    }),
  );
}

/** Readings stay as they came; what is worth knowing of their course becomes events. */
export function follow(counters: Counters, before: CounterStates, readings: readonly Reading[], moment: Moment): Counted {
  let states = before;
  const events: DeviceEvent[] = [];
  const doubted = new Set<Reading>();
  for (const reading of readings) {
    const rule = counters.get(reading.point);
    if (!rule || reading.quality !== 'good' || reading.historical) continue;
    const serial = rule.serial === undefined ? undefined : readings.find(({ point }) => point === rule.serial)?.value;
    const step = stepOf(rule, states[reading.point], reading.value, serial ?? undefined, moment);
    if (!step) continue;
    states = { ...states, [reading.point]: step.state };
    if (step.how === 'doubted') doubted.add(reading);
    else if (step.how !== 'counted') events.push(eventOf(step.how, reading, step.before));
  }
  return { states, events, doubted };
}

interface Step {
  readonly state: CounterState;
  readonly how: 'counted' | 'doubted' | 'wrapped' | 'reset' | 'replaced';
  readonly before: Value;
}

function stepOf(
  rule: CounterRule,
  state: CounterState | undefined,
  value: Value,
  serial: Value | undefined,
  { mono }: Moment,
): Step | null {
  const said = serial ?? state?.serial;
  const at = { value, mono, doubt: null, ...(said === undefined ? {} : { serial: said }) };
  if (!state) return { state: at, how: 'counted', before: value };
  if (serial !== undefined && state.serial !== undefined && serial !== state.serial)
    return { state: at, how: 'replaced', before: state.value };
  const since = consumption(state.value, value, rule, state.mono === null ? null : mono - state.mono);
  if (!since) return null;
  if (since.how === 'counted' || since.how === 'wrapped') return { state: at, how: since.how, before: state.value };
  const { doubt } = state;
  const confirmed = doubt && consumption(doubt.value, value, rule, mono - doubt.mono)?.how === 'counted';
  if (!confirmed) return { state: { ...state, doubt: { value, mono } }, how: 'doubted', before: state.value };
  const how = consumption(state.value, doubt.value, rule, state.mono === null ? null : doubt.mono - state.mono)?.how;
  return { state: at, how: how === 'reset' ? 'reset' : 'replaced', before: state.value };
}

function eventOf(how: 'wrapped' | 'reset' | 'replaced', { point, value, at }: Reading, before: Value): DeviceEvent {
  return { type: `counter.${how}`, at, data: { point, before, after: value } };
}

/** What is kept of them: the values alone. */
export function keptCounters(states: CounterStates): Record<string, { value: Value; serial?: Value }> {
  return Object.fromEntries(
    Object.entries(states).map(([point, { value, serial }]) => [point, { value, ...(serial === undefined ? {} : { serial }) }]),
  );
}

export function loadCounters(kept: Readonly<Record<string, { value: Value; serial?: Value | undefined }>> = {}): CounterStates {
  return Object.fromEntries(
    Object.entries(kept).map(([point, { value, serial }]) => [
      point,
      { value, mono: null, doubt: null, ...(serial === undefined ? {} : { serial }) },
    ]),
  );
}
