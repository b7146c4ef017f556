import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import type { AlarmRule } from '../vocabulary/rule.ts';
import { endOf, eventSources, ownEvents, typesOf } from './event-types.ts';
import { pollGroupOf } from './poll-groups.ts';
import type { Finding } from './source.ts';
import { valueKind } from './value-kind.ts';

type Rule<K extends string> = Extract<AlarmRule, Record<K, unknown>>;
type Say = (key: string, zh: string, en: string) => void;

/** The gateway raises this one for every device that has gone silent. */
const builtIn = 'offline';

/** Rules speak of what exists, limits can be reached and left again, and every event has a name. */
export function checkAlarms(profile: Profile): Finding[] {
  const findings: Finding[] = [];
  const given = eventTypes(profile);
  for (const [id, rule] of Object.entries(profile.alarms)) {
    const say: Say = (key, zh, en) => void findings.push({ path: ['alarms', id, key], zh, en });
    if (id === builtIn)
      say(
        'name',
        `"${builtIn}" 是每台设备都有的通信告警；请换一个编号。`,
        `"${builtIn}" is the alarm every device has; choose another id.`,
      );
    if (rule.repeat !== undefined && ('silent' in rule || 'stuck' in rule))
      say('repeat', '静默和不变没有次数；请去掉 repeat。', 'A silence is not counted; leave out repeat.');
    if ('event' in rule) checkEventRule(rule, new Set([...given, ...ownEvents(profile)]), say);
    else checkPointRule(profile, rule, say);
  }
  return [...findings, ...checkTestMode(profile, given), ...checkEventNames(profile, given)];
}

function checkPointRule(profile: Profile, rule: Exclude<AlarmRule, { event: string }>, say: Say): void {
  const point = Object.hasOwn(profile.points, rule.point) ? profile.points[rule.point] : undefined;
  if (point === undefined) return say('point', `没有点位 "${rule.point}"。`, `There is no point "${rule.point}".`);
  if (point.personal === true && !('silent' in rule))
    return say(
      'point',
      `${rule.point} 是个人信息，判警之前已经变成化名。请换一个点位。`,
      `${rule.point} is personal and becomes a pseudonym before any rule sees it. Choose another point.`,
    );
  if ('is' in rule) checkIs(rule.point, rule.is, point, say);
  else if ('silent' in rule) checkSilent(profile, rule, point, say);
  else if ('stuck' in rule) checkStuck(profile, rule, point, say);
  else if ('step' in rule) checkStep(rule, point, say);
  else checkLimit(rule, point, say);
}

/** 回差: the value that clears lies on the safe side of the one that raises, never on it. */
function checkLimit(rule: Rule<'above'> | Rule<'below'>, point: Point, say: Say): void {
  const isAbove = 'above' in rule;
  const [key, limit] = isAbove ? (['above', rule.above] as const) : (['below', rule.below] as const);
  if (valueKind(point) !== 'number')
    return say(key, `${rule.point} 不是数值，不能与上下限比较。`, `${rule.point} is no number and has no limit.`);
  const isSafe = isAbove ? rule.clear < limit : rule.clear > limit;
  if (!isSafe) {
    const [zh, en] = isAbove ? ['小于', 'below'] : ['大于', 'above'];
    say('clear', `恢复值必须${zh} ${limit}，否则告警会反复跳动。`, `clear must be ${en} ${limit}, or the alarm will flutter.`);
  }
  for (const [name, value] of [
    [key, limit],
    ['clear', rule.clear],
  ] as const) {
    if (point.valid !== undefined && (value < point.valid[0] || value > point.valid[1])) {
      say(
        name,
        `${value} 在点位的有效范围之外，永远达不到。`,
        `${value} is outside the valid range of the point and is never reached.`,
      );
    }
  }
}

type Value = string | number | boolean;

/** `is` of a rule, of the test mode: values the point can have. */
function checkIs(id: string, is: Value | readonly Value[], point: Point, say: Say): void {
  const kind = valueKind(point);
  const names = Object.values(point.enum ?? {}).map(({ value }) => value);
  const wanted = kind === 'text' || kind === 'name' ? 'string' : kind;
  for (const value of [is].flat()) {
    if (kind === 'name' && (typeof value !== 'string' || !names.includes(value)))
      say('is', `${id} 没有 "${value}" 这个值（${names.join('、')}）。`, `${id} has no value "${value}" (${names.join(', ')}).`);
    else if (typeof value !== wanted)
      say('is', `${id} 的值是 ${wanted}，"${value}" 不是。`, `${id} is a ${wanted}, "${value}" is not.`);
  }
}

function checkStuck(profile: Profile, { stuck, samples, for: held }: Rule<'stuck'>, point: Point, say: Say): void {
  const every = pollGroupOf(profile, point)?.everyMs;
  if (every !== undefined && stuck < every * 2)
    say('stuck', '时限至少要有两个轮询周期。', 'It takes at least two poll periods to be unchanged.');
  if (held > 0 || samples > 1)
    say('stuck', '不变的时限就是 stuck；请去掉 for 和 samples。', 'How long is what stuck says; leave out for and samples.');
}

function checkStep({ step, point: id, within, for: held }: Rule<'step'>, point: Point, say: Say): void {
  if (valueKind(point) !== 'number') return say('step', `${id} 不是数值，没有突变。`, `${id} is no number and has no steps.`);
  const { valid } = point;
  if (valid !== undefined && step >= valid[1] - valid[0])
    say('step', '突变值不小于有效范围的宽度，永远达不到。', 'The step is as wide as the valid range and is never reached.');
  if (within === 0) say('within', '时间不能为 0。', 'The time cannot be 0.');
  if (held > 0) say('for', '突变没有持续时间；请去掉 for。', 'A step has no duration; leave out for.');
}

function checkSilent(profile: Profile, { silent }: Rule<'silent'>, point: Point, say: Say): void {
  const every = pollGroupOf(profile, point)?.everyMs;
  if (every !== undefined && silent <= every)
    say('silent', '静默时限必须大于轮询周期。', 'The silence must be longer than the poll period.');
}

function checkEventRule({ event, clearEvent, autoClear, for: held }: Rule<'event'>, given: ReadonlySet<string>, say: Say): void {
  if (!given.has(event)) say('event', `没有任何消息给出事件 "${event}"。`, `No message gives the event "${event}".`);
  if (clearEvent === undefined && given.has(endOf(event)))
    say(
      'clearEvent',
      `这个事件有结束；请写 clearEvent: ${endOf(event)}。`,
      `This event has an end; write clearEvent: ${endOf(event)}.`,
    );
  if (clearEvent !== undefined && !given.has(clearEvent))
    say('clearEvent', `没有任何消息给出事件 "${clearEvent}"。`, `No message gives the event "${clearEvent}".`);
  if (clearEvent === event)
    say('clearEvent', '恢复事件不能与触发事件相同。', 'The event that clears must differ from the one that raises.');
  if (held > 0 && clearEvent === undefined && autoClear === undefined)
    say('for', '事件没有持续时间；请去掉 for。', 'An event has no duration; leave out for.');
}

function eventTypes(profile: Profile): Set<string> {
  const sources = Object.values(profile.decode).flat().flatMap(eventSources);
  return new Set(
    sources.flatMap((source) => {
      const types = typesOf(profile, source);
      return source.end === undefined ? types : [...types, ...types.map(endOf)];
    }),
  );
}

function checkTestMode(profile: Profile, given: ReadonlySet<string>): Finding[] {
  const { testMode } = profile;
  const findings: Finding[] = [];
  const say: Say = (key, zh, en) => void findings.push({ path: ['testMode', key], zh, en });
  if (testMode === undefined) return [];
  if ('point' in testMode) {
    const point = Object.hasOwn(profile.points, testMode.point) ? profile.points[testMode.point] : undefined;
    if (point === undefined) say('point', `没有点位 "${testMode.point}"。`, `There is no point "${testMode.point}".`);
    else checkIs(testMode.point, testMode.is, point, say);
    return findings;
  }
  for (const [key, type] of [['event', testMode.event] as const, ['clearEvent', testMode.clearEvent] as const]) {
    if (type !== undefined && !given.has(type))
      say(key, `没有任何消息给出事件 "${type}"。`, `No message gives the event "${type}".`);
  }
  if (testMode.clearEvent === undefined && testMode.for === undefined)
    say(
      'event',
      '请写明何时结束（clearEvent 或 for），否则永远处于测试。',
      'Say when it is over (clearEvent or for), or the test never ends.',
    );
  return findings;
}

function checkEventNames(profile: Profile, given: ReadonlySet<string>): Finding[] {
  const { events } = profile;
  const nameless = [...given].filter((type) => !Object.hasOwn(events, type));
  const own = ownEvents(profile);
  const orphans = Object.keys(events).filter((type) => !given.has(type) && !own.includes(type));
  return [
    ...nameless.map((type) => ({ path: ['events'], zh: `事件 "${type}" 没有名称。`, en: `The event "${type}" has no name.` })),
    ...orphans.map((type) => ({ path: ['events', type], zh: '没有任何消息给出这个事件。', en: 'No message gives this event.' })),
  ];
}
