import type { AlarmRule, Point, Profile } from '../vocabulary/profile.ts';
import { valueKind } from './check-points.ts';
import { pollGroupOf } from './poll-groups.ts';
import type { Finding } from './source.ts';

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
    if ('event' in rule) checkEventRule(rule, given, say);
    else checkPointRule(profile, rule, say);
  }
  return [...findings, ...checkEventNames(profile, given)];
}

function checkPointRule(profile: Profile, rule: Exclude<AlarmRule, { event: string }>, say: Say): void {
  const point = Object.hasOwn(profile.points, rule.point) ? profile.points[rule.point] : undefined;
  if (point === undefined) return say('point', `没有点位 "${rule.point}"。`, `There is no point "${rule.point}".`);
  if ('is' in rule) checkIs(rule, point, say);
  else if ('silent' in rule) checkSilent(profile, rule, point, say);
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

function checkIs({ is, point: id }: Rule<'is'>, point: Point, say: Say): void {
  const kind = valueKind(point);
  if (kind === 'name') {
    const values = Object.values(point.enum ?? {}).map(({ value }) => value);
    if (typeof is !== 'string' || !values.includes(is))
      say('is', `${id} 没有 "${is}" 这个值（${values.join('、')}）。`, `${id} has no value "${is}" (${values.join(', ')}).`);
    return;
  }
  const wanted = kind === 'text' ? 'string' : kind;
  if (typeof is !== wanted) say('is', `${id} 的值是 ${wanted}，"${is}" 不是。`, `${id} is a ${wanted}, "${is}" is not.`);
}

function checkSilent(profile: Profile, { silent }: Rule<'silent'>, point: Point, say: Say): void {
  const every = pollGroupOf(profile, point)?.everyMs;
  if (every !== undefined && silent <= every)
    say('silent', '静默时限必须大于轮询周期。', 'The silence must be longer than the poll period.');
}

function checkEventRule({ event, clearEvent, autoClear, for: held }: Rule<'event'>, given: ReadonlySet<string>, say: Say): void {
  if (!given.has(event)) say('event', `没有任何消息给出事件 "${event}"。`, `No message gives the event "${event}".`);
  if (clearEvent !== undefined && !given.has(clearEvent))
    say('clearEvent', `没有任何消息给出事件 "${clearEvent}"。`, `No message gives the event "${clearEvent}".`);
  if (clearEvent === event)
    say('clearEvent', '恢复事件不能与触发事件相同。', 'The event that clears must differ from the one that raises.');
  if (held > 0 && clearEvent === undefined && autoClear === undefined)
    say('for', '事件没有持续时间；请去掉 for。', 'An event has no duration; leave out for.');
}

function eventTypes({ decode, maps }: Profile): Set<string> {
  const branches = Object.values(decode).flat();
  return new Set(
    branches.flatMap(({ event }) => {
      if (event === undefined) return [];
      const mapped = event.map !== undefined && Object.hasOwn(maps, event.map) ? Object.values(maps[event.map] ?? {}) : [];
      return event.type === undefined ? mapped.map(({ type }) => type) : [event.type];
    }),
  );
}

function checkEventNames({ events }: Profile, given: ReadonlySet<string>): Finding[] {
  const nameless = [...given].filter((type) => !Object.hasOwn(events, type));
  const orphans = Object.keys(events).filter((type) => !given.has(type));
  return [
    ...nameless.map((type) => ({ path: ['events'], zh: `事件 "${type}" 没有名称。`, en: `The event "${type}" has no name.` })),
    ...orphans.map((type) => ({ path: ['events', type], zh: '没有任何消息给出这个事件。', en: 'No message gives this event.' })),
  ];
}
