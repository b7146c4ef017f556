import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Availability, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { follow, keptCounters } from './counters.ts';
import { Draft } from './draft.ts';
import { dueOf } from './due.ts';
import { onJump } from './jump.ts';
import type { Rule, RuleSet } from './rules.ts';
import { judgeSkew, skewOf } from './skew.ts';
import type { DeviceState } from './state.ts';
import { type Moment, clear, onBadSample, onEvent, onSample, raise, settle } from './step.ts';
import { onStill } from './still.ts';
import { ageTest, isTesting, judgeTest } from './test-mode.ts';

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
  /** We do not know the time ourselves: no clock is wrong for telling another. */
  readonly isUntimed?: boolean | undefined;
}

export interface Evaluated {
  readonly state: DeviceState;
  readonly transitions: readonly Transition[];
  /** The readings with what is known of them now: one that stands still, or that a counter cannot show, is not good. */
  readonly readings: readonly Reading[];
  /** What was heard, and what follows from it: counters that wrapped, clocks that are wrong. */
  readonly events: readonly DeviceEvent[];
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
const nothing = { readings: [], events: [] } as const;
/** Counters are written down this often, and whenever something happened to them. */
const keepCountersMs = 600_000;

/** One frame's worth of evidence. Pure: the same state and input give the same output. */
export function evaluate(set: RuleSet, before: DeviceState, heard: Heard, moment: Moment): Evaluated {
  const draft = new Draft(set, before.saved);
  const test = set.testMode && judgeTest(set.testMode, before.saved.test, heard, moment);
  if (isTesting(test)) draft.isTest = true;
  const missedPolls = heard.missed ? before.missedPolls + 1 : heard.isQuiet ? before.missedPolls : 0;
  const heardMs = heard.missed || heard.isQuiet ? before.heardMs : moment.mono;
  let state: DeviceState = { ...before, heardMs, missedPolls };
  const course = followCourse(set, draft, state, heard, moment);
  state = course.state;
  const still = watchStill(set, draft, state, course.readings, moment);
  state = readSamples(set, draft, still.state, still.readings, moment);
  for (const event of course.events) takeEvent(set, draft, event, moment);
  state = judgeAvailability(set, draft, state, heard, moment);
  if (set.testMode) keepTest(draft, before, test, moment);
  return finish(set, before, { ...state, saved: draft.saved() }, draft, { readings: still.readings, events: course.events });
}

interface Course extends Pick<Evaluated, 'readings' | 'events'> {
  readonly state: DeviceState;
}

/** Counters and clocks: what they said before tells what they say now. */
function followCourse(set: RuleSet, draft: Draft, state: DeviceState, heard: Heard, moment: Moment): Course {
  const counted = set.counters.size > 0 ? followCounters(set, draft, state, heard, moment) : { ...heard, state };
  const skewMs = set.skew && !heard.isUntimed ? skewOf(heard) : undefined;
  if (!set.skew || skewMs === undefined) return counted;
  const { isSkewed, event } = judgeSkew(set.skew, state.saved.skewed === true, skewMs, moment.at);
  draft.keep('skewed', isSkewed ? true : undefined);
  return { ...counted, state: { ...counted.state, skewMs }, events: event ? [...counted.events, event] : counted.events };
}

function followCounters(set: RuleSet, draft: Draft, state: DeviceState, heard: Heard, moment: Moment): Course {
  const { states, events, doubted } = follow(set.counters, state.counters, heard.readings, moment);
  if (states === state.counters) return { ...heard, state };
  const isDue = events.length > 0 || moment.mono - state.countersMs >= keepCountersMs || !state.saved.counters;
  if (isDue) draft.keep('counters', keptCounters(states));
  const readings =
    doubted.size === 0 ? heard.readings : heard.readings.map((one) => (doubted.has(one) ? doubt(one, 'implausible') : one));
  const counters = { counters: states, countersMs: isDue ? moment.mono : state.countersMs };
  return { state: { ...state, ...counters }, readings, events: events.length > 0 ? [...heard.events, ...events] : heard.events };
}

function doubt(reading: Reading, reason: 'implausible' | 'stuck'): Reading {
  return { ...reading, quality: 'uncertain', reason };
}

/** Values that stand still: their own rule sees them as they came, everybody else as doubtful while it is active. */
function watchStill(set: RuleSet, draft: Draft, state: DeviceState, readings: readonly Reading[], moment: Moment) {
  if (set.stuck.size === 0) return { state, readings };
  let { stills } = state;
  const seen = readings.map((reading) => {
    const rules = set.stuck.get(reading.point);
    if (!rules || reading.quality !== 'good' || reading.historical) return reading;
    for (const rule of rules) {
      const step = onStill(rule, draft.rule(rule), stills[rule.id], reading.value, moment);
      draft.takeSample(rule, step, reading.point);
      if (step.still !== stills[rule.id]) stills = { ...stills, [rule.id]: step.still };
    }
    return rules.some((rule) => draft.rule(rule).active) ? doubt(reading, 'stuck') : reading;
  });
  return { state: stills === state.stills ? state : { ...state, stills }, readings: seen };
}

function readSamples(set: RuleSet, draft: Draft, state: DeviceState, readings: readonly Reading[], moment: Moment): DeviceState {
  let { goodMs, jumps } = state;
  for (const reading of readings) {
    if (reading.historical) continue;
    const { point, value } = reading;
    const isGood = reading.quality === 'good';
    for (const rule of set.byPoint.get(point) ?? []) {
      const { kind } = rule.condition;
      if (kind === 'silent') {
        if (!isGood) continue;
        goodMs = { ...goodMs, [point]: moment.mono };
        hearAgain(rule, draft, point, moment);
      } else if (kind === 'step') {
        if (isGood) jumps = takeJump(rule, draft, jumps, reading, moment);
      } else if (isGood) draft.takeSample(rule, onSample(rule, draft.rule(rule), value, moment), point);
      else draft.takeSample(rule, { state: onBadSample(draft.rule(rule), moment) }, point);
    }
  }
  return goodMs === state.goodMs && jumps === state.jumps ? state : { ...state, goodMs, jumps };
}

function hearAgain(rule: Rule, draft: Draft, point: string, moment: Moment): void {
  const state = draft.rule(rule);
  if (state.active) draft.takeSample(rule, clear(rule, state, { code: 'heard-again' }, moment.at), point);
}

function takeJump(rule: Rule, draft: Draft, jumps: DeviceState['jumps'], { point, value }: Reading, moment: Moment) {
  const { steps, jump } = onJump(rule, draft.rule(rule), jumps[rule.id], value, moment);
  for (const step of steps) draft.takeSample(rule, step, point);
  return { ...jumps, [rule.id]: jump };
}

function takeEvent(set: RuleSet, draft: Draft, event: DeviceEvent, moment: Moment): void {
  if (event.historical) return;
  for (const rule of set.byEvent.get(event.type) ?? [])
    for (const step of onEvent(rule, draft.rule(rule), event.type, moment)) draft.take(rule, step);
}

function judgeAvailability(set: RuleSet, draft: Draft, before: DeviceState, heard: Heard, moment: Moment): DeviceState {
  const state = hearBeat(set, before, heard, moment);
  const { missedPolls: limit, beat } = set.availability;
  if (heard.will === 'offline') draft.becomes('offline', moment);
  else if (heard.isQuiet && heard.will === undefined) return state;
  else if (!heard.missed) {
    // A device that answers and whose heart stands still is not there.
    if (!beat || moment.mono - state.beat.mono < beat.within) draft.becomes('online', moment);
  } else if (limit !== undefined && state.missedPolls >= limit) draft.becomes('offline', moment);
  return state;
}

/** 心跳位: what counts is that it changes. */
function hearBeat(set: RuleSet, state: DeviceState, { readings }: Heard, moment: Moment): DeviceState {
  const { beat } = set.availability;
  const said =
    beat && readings.findLast(({ point, quality, historical }) => point === beat.point && quality === 'good' && !historical);
  if (!said || said.value === state.beat.value) return state;
  const isFirst = state.beat.value === undefined;
  return { ...state, beat: { value: said.value, mono: isFirst ? state.beat.mono : moment.mono } };
}

function keepTest(draft: Draft, before: DeviceState, test: DeviceState['saved']['test'], moment: Moment): void {
  draft.keep('test', test);
  if (isTesting(before.saved.test) && !isTesting(test)) draft.endTest(moment);
}

/** Nothing was heard, but time went by: holding times run out, silence becomes an alarm, devices become late or offline. */
export function tick(set: RuleSet, state: DeviceState, moment: Moment): Evaluated {
  const draft = new Draft(set, state.saved);
  for (const rule of set.rules) tickRule(rule, draft, state, moment);
  const { lateAfter, offlineAfter, beat } = set.availability;
  const quietMs = moment.mono - state.heardMs;
  const isStill = beat !== undefined && moment.mono - state.beat.mono >= beat.within;
  if (quietMs >= offlineAfter || isStill) draft.becomes('offline', moment);
  else if (lateAfter !== undefined && quietMs >= lateAfter && draft.availability !== 'offline') draft.becomes('late', moment);
  if (set.testMode) keepTest(draft, state, ageTest(set.testMode, state.saved.test, moment), moment);
  return finish(set, state, { ...state, saved: draft.saved() }, draft, nothing);
}

function tickRule(rule: Rule, draft: Draft, state: DeviceState, moment: Moment): void {
  const ruleState = draft.rule(rule);
  const { condition } = rule;
  if (condition.kind === 'silent') {
    const quietMs = moment.mono - (state.goodMs[condition.point] ?? state.heardMs);
    if (ruleState.active || quietMs < condition.afterMs) return;
    draft.take(rule, raise(rule, ruleState, { code: 'silent', heldMs: Math.round(quietMs) }, moment.at));
  } else if (ruleState.active && ruleState.autoClearAt !== null && moment.mono >= ruleState.autoClearAt) {
    draft.take(rule, clear(rule, ruleState, { code: 'auto-clear' }, moment.at));
  } else draft.take(rule, settle(rule, ruleState, moment));
}

/** What has become of a device, told of the state before. */
export function finish(
  set: RuleSet,
  before: DeviceState,
  state: DeviceState,
  draft: Draft,
  heard: Pick<Evaluated, 'readings' | 'events'>,
): Evaluated {
  const changed = state.saved.availability !== before.saved.availability;
  return {
    state,
    transitions: draft.transitions,
    ...heard,
    ...(changed ? { availability: state.saved.availability } : {}),
    dueMs: dueOf(set, state),
    moved: state.saved !== before.saved,
    evidence: draft.evidence ?? noEvidence,
  };
}
