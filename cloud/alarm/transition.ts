import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { graver, isLifeSafety, levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { chatters, chattersOn, raisedAgain } from './chatter.ts';
import type { AlarmEffect } from './effect.ts';
import { isOpenEpisode, isQuiet, isUnderTest, testCause, withIsa } from './isa.ts';
import { clip } from './line.ts';
import { maintenanceCause } from './maintenance.ts';
import { offShelf } from './shelf.ts';

/** What the transition does not say itself. */
export interface TransitionContext {
  /** Id of the alarm if this transition opens one, derived from the record's place in the log. */
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  readonly deviceName: Text;
  readonly area: string;
  readonly receivedAt: number;
  /** The transition comes from another epoch of the gateway's log than the open episode: its counting began anew. */
  readonly newEpoch: boolean;
  /** What holds for the device already: causes of suppression, and whether it is out of service. */
  readonly suppressedBy?: readonly string[];
  readonly outOfService?: Alarm['outOfService'];
}

export interface TransitionResult {
  /** Null where there was none and none was opened. */
  readonly alarm: Alarm | null;
  readonly effects: readonly AlarmEffect[];
  /** Why it was decided so; for the log, the timeline and the tests. */
  readonly reason:
    | 'opened'
    | 'reactivated'
    | 'already-active'
    | 'severity-rose'
    | 'changed'
    | 'cleared'
    | 'nothing-open'
    | 'already-cleared'
    | 'late-episode';
}

/**
 * 条件轴: one transition from the edge applied to the open episode of its alarm, or to none. Suppression, shelving and
 * acknowledgement never block it (rule 2): they decide only who is told.
 */
export function applyTransition(alarm: Alarm | null, transition: Transition, context: TransitionContext): TransitionResult {
  const open = alarm && (isOpenEpisode(alarm) || chattersOn(alarm, transition.at)) ? alarm : null;
  if (open && !context.newEpoch && transition.episode < open.episode) return unchanged(open, 'late-episode');
  if (open && isUnderTest(open)) return ofTest(open, transition);
  if (transition.test && transition.kind !== 'cleared')
    return open ? duringTest(open, transition) : asTest(raise(transition, context));
  if (transition.kind === 'cleared') return open ? clear(open, transition) : unchanged(alarm, 'nothing-open');
  if (!open) return raise(transition, context, alarm?.chatter);
  if (transition.kind === 'changed' && open.active) return change(open, transition);
  return reactivate(open, transition, context);
}

function unchanged(alarm: Alarm | null, reason: TransitionResult['reason']): TransitionResult {
  return { alarm, effects: [], reason };
}

function raise(transition: Transition, context: TransitionContext, before?: Alarm['chatter']): TransitionResult {
  const alarm = withIsa({
    id: context.id,
    gateway: context.gateway,
    device: context.device,
    deviceName: context.deviceName,
    area: context.area,
    alarm: transition.alarm,
    name: transition.name,
    hazard: transition.hazard,
    episode: transition.episode,
    active: true,
    severity: transition.severity,
    peakSeverity: transition.severity,
    occurrences: 1,
    raisedAt: transition.at,
    lastAt: transition.at,
    clearedAt: null,
    receivedAt: context.receivedAt,
    reason: transition.reason,
    ...(transition.reason.value === undefined ? {} : { value: transition.reason.value }),
    ack: null,
    latch: transition.latch,
    latched: transition.latch !== 'none',
    shelf: null,
    suppressedBy: [...(context.suppressedBy ?? [])].sort(),
    outOfService: context.outOfService ?? null,
    disposition: 'unknown',
    chatter: raisedAgain(before, transition.at),
    incident: null,
    version: 1,
  });
  // What nobody is told of is in no incident; whatever ends the quiet brings it into one.
  if (isQuiet(alarm)) return { alarm, effects: [...quietly, ...untilInService(alarm)], reason: 'opened' };
  return { alarm, effects: [line('alarm-raised', alarm, transition), { do: 'notify', rise: true }], reason: 'opened' };
}

function untilInService({ outOfService }: Alarm): AlarmEffect[] {
  return outOfService ? [{ do: 'timer', axis: 'service', at: outOfService.until }] : [];
}

/** 测试: kept and shown, in no incident, and nobody is told. */
function asTest({ alarm }: TransitionResult): TransitionResult {
  const test = alarm && withIsa({ ...alarm, suppressedBy: [testCause], disposition: 'test' });
  return { alarm: test, effects: quietly, reason: 'opened' };
}

/** It ends by itself; where the device is no longer under test and it is still so, it was no test. */
function ofTest(open: Alarm, transition: Transition): TransitionResult {
  const next = { ...open, ...condition(open, transition), episode: transition.episode, version: open.version + 1 };
  if (transition.kind === 'cleared') {
    // Who acknowledged it while it lasted stays on record.
    const ack = open.ack ?? { by: testCause, byName: '测试', at: transition.at };
    const over = withIsa({ ...next, active: false, clearedAt: transition.at, latched: false, ack });
    return { alarm: over, effects: quietly, reason: 'cleared' };
  }
  if (transition.test) return { alarm: withIsa({ ...next, active: true }), effects: quietly, reason: 'changed' };
  const suppressedBy = open.suppressedBy.filter((cause) => cause !== testCause);
  const real = withIsa({ ...next, active: true, suppressedBy, disposition: 'unknown' });
  return { alarm: real, effects: [line('alarm-raised', real, transition), { do: 'notify', rise: true }], reason: 'reactivated' };
}

/** A test on top of an alarm that was real: it is counted, and takes nothing away from it. */
function duringTest(open: Alarm, transition: Transition): TransitionResult {
  if (open.active && transition.episode === open.episode) return unchanged(open, 'already-active');
  const alarm = withIsa({
    ...open,
    ...condition(open, transition),
    active: true,
    episode: transition.episode,
    occurrences: open.occurrences + 1,
    clearedAt: null,
    version: open.version + 1,
  });
  return { alarm, effects: [line('alarm-changed', alarm, transition)], reason: 'reactivated' };
}

/** Nobody is told; the alarm is kept. */
const quietly: readonly AlarmEffect[] = [{ do: 'settle' }];

/**
 * The same alarm again before its episode was done with: one row, counted; whoever acknowledged must look again, unless it
 * chatters and no life is at stake.
 */
function reactivate(open: Alarm, transition: Transition, context: TransitionContext): TransitionResult {
  if (open.active && transition.episode === open.episode && !context.newEpoch) return unchanged(open, 'already-active');
  const chatter = raisedAgain(open.chatter, transition.at);
  const rise = graver(transition.severity, open.peakSeverity);
  const seen = open.incident !== null && chatters(chatter) && !rise && !isLifeSafety(transition.hazard);
  const alarm = withIsa({
    ...open,
    ...condition(open, transition),
    active: true,
    episode: transition.episode,
    occurrences: open.occurrences + 1,
    clearedAt: null,
    ack: seen ? open.ack : null,
    latch: transition.latch,
    latched: transition.latch !== 'none',
    chatter,
    version: open.version + 1,
  });
  const effects =
    seen && alarm.ack
      ? [line('alarm-changed', alarm, transition)]
      : [line('alarm-raised', alarm, transition), ...told(alarm, rise)];
  return { alarm, effects, reason: 'reactivated' };
}

function change(open: Alarm, transition: Transition): TransitionResult {
  const rise = graver(transition.severity, open.severity);
  const alarm = withIsa({
    ...open,
    ...condition(open, transition),
    ack: rise ? null : open.ack,
    version: open.version + 1,
  });
  const effects = [line('alarm-changed', alarm, transition), ...(rise ? told(alarm, true) : [])];
  return { alarm, effects, reason: rise ? 'severity-rose' : 'changed' };
}

function condition(open: Alarm, transition: Transition) {
  const { severity, at, reason } = transition;
  const peakSeverity: Severity = graver(severity, open.peakSeverity) ? severity : open.peakSeverity;
  return {
    severity,
    peakSeverity,
    lastAt: Math.max(open.lastAt, at),
    reason,
    ...(reason.value === undefined ? {} : { value: reason.value }),
  };
}

/** A latch "until acknowledged" lets go at once where it was acknowledged before; one "until reset" waits for a person. */
function clear(open: Alarm, transition: Transition): TransitionResult {
  if (!open.active) return unchanged(open, 'already-cleared');
  const held = open.latch === 'until-reset' || (open.latch === 'until-ack' && open.ack === null);
  const { until } = open.ack ?? {};
  const alarm = withIsa({
    ...(open.shelf?.once ? offShelf(open, transition.at) : open),
    active: false,
    ack: open.ack && { by: open.ack.by, byName: open.ack.byName, at: open.ack.at },
    episode: transition.episode,
    clearedAt: transition.at,
    lastAt: Math.max(open.lastAt, transition.at),
    reason: transition.reason,
    // The value it went back to; when we heard of the alarm (`receivedAt`) is when we heard of its beginning.
    ...(transition.reason.value === undefined ? {} : { value: transition.reason.value }),
    latched: held,
    version: open.version + 1,
  });
  const effects: AlarmEffect[] = [line('alarm-cleared', alarm, transition)];
  if (alarm.ack) effects.push({ do: 'settle' });
  if (until !== undefined) effects.push({ do: 'timer', axis: 'ack', at: null });
  if (open.shelf?.once) effects.push({ do: 'timer', axis: 'shelf', at: null });
  return { alarm, effects, reason: 'cleared' };
}

function told(alarm: Alarm, rise: boolean): AlarmEffect[] {
  return isQuiet(alarm) ? [] : [{ do: 'notify', rise }];
}

const said = {
  'alarm-raised': { zh: '告警', en: 'alarm' },
  'alarm-changed': { zh: '告警变化', en: 'alarm changed' },
  'alarm-cleared': { zh: '告警恢复', en: 'alarm cleared' },
} as const;

function line(kind: keyof typeof said, alarm: Alarm, transition: Transition): AlarmEffect {
  const { zh, en } = said[kind];
  const device = { zh: alarm.deviceName.zh, en: alarm.deviceName.en ?? alarm.deviceName.zh };
  const level = levelOf(alarm.severity);
  const times =
    alarm.occurrences > 1 ? { zh: `（第 ${alarm.occurrences} 次）`, en: ` (time ${alarm.occurrences})` } : { zh: '', en: '' };
  const planned = alarm.suppressedBy.some((cause) => cause.startsWith(maintenanceCause));
  const marked = planned ? { zh: '（维护窗口期间）', en: ' (during maintenance)' } : { zh: '', en: '' };
  return {
    do: 'line',
    kind,
    text: {
      zh: clip(`${zh}：${device.zh} ${alarm.name.zh}，${['I', 'II', 'III', 'IV'][level - 1]}级${times.zh}${marked.zh}`),
      en: clip(`${en}: ${device.en}, ${alarm.name.en ?? alarm.name.zh}, level ${level}${times.en}${marked.en}`),
    },
    data: { alarm: alarm.id, severity: alarm.severity, reason: transition.reason },
  };
}
