import type { Branch, Each, EventSource, Source, When } from '../vocabulary/message.ts';
import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { checkSteps } from './check-readings.ts';
import { checkPeriod } from './poll-groups.ts';
import type { Finding, ProblemPath } from './source.ts';
import { valueKind } from './value-kind.ts';

/**
 * Every channel is read, every point is fed, and every name a branch uses exists. `channels`: those there are, if it is
 * known. `isPolled`: the gateway asks for the messages, so that points have a period.
 */
export function checkMessages(profile: Profile, channels?: readonly string[], isPolled = false): Finding[] {
  return [
    ...Object.entries(profile.decode).flatMap(([channel, branches]) => checkChannel(profile, channels, channel, branches)),
    ...checkTime(profile),
    ...checkFed(profile),
    ...checkNoRegisters(profile, isPolled),
    ...(isPolled ? Object.keys(profile.points).flatMap((id) => checkPeriod(profile, id)) : []),
  ];
}

function checkChannel(
  profile: Profile,
  channels: readonly string[] | undefined,
  channel: string,
  branches: readonly Branch[],
): Finding[] {
  const findings = branches.flatMap((branch, index) => checkBranch(profile, branch, ['decode', channel, index]));
  if (channels !== undefined && !channels.includes(channel)) {
    findings.push({
      path: ['decode', channel],
      zh: `没有名为 "${channel}" 的主题。`,
      en: `There is no topic named "${channel}".`,
    });
  }
  const hidden = branches.findIndex((branch, index) => branches.slice(0, index).some((before) => hides(before, branch)));
  if (hidden !== -1) {
    findings.push({
      path: ['decode', channel, hidden],
      zh: '前一种读法没有条件（when），永远轮不到这一种。',
      en: 'The branch before has no condition (when), so this one is never reached.',
    });
  }
  return findings;
}

/** Readings that nothing can make fail. */
const willingWords: readonly unknown[] = ['text', 'pairs', 'form', 'lines'];

/** A branch without a condition takes all it can read; another reading is only reached by what it cannot. */
function hides(before: Branch, branch: Branch): boolean {
  if (before.when !== undefined) return false;
  const steps = [before.as ?? 'json'].flat();
  const isWilling = steps.every(
    (step) => willingWords.includes(step) || (typeof step === 'object' && ('columns' in step || 'pairs' in step)),
  );
  const way = ({ as = 'json', open }: Branch): string => JSON.stringify([as, open]);
  return isWilling || way(before) === way(branch);
}

/** What a path may begin with here. */
interface Roots {
  readonly isInRecord: boolean;
}

const outside: Roots = { isInRecord: false };
const inside: Roots = { isInRecord: true };

function checkBranch(profile: Profile, branch: Branch, at: ProblemPath): Finding[] {
  const opens = Object.entries(branch.open ?? {});
  return [
    ...checkSteps(branch.as, 'payload', [...at, 'as']),
    ...opens.flatMap(([path, steps]) => checkSteps(steps, 'text', [...at, 'open', path])),
    ...opens.flatMap(([path]) => (path.startsWith('$') ? [] : [notInMessage([...at, 'open', path])])),
    ...checkWhen(branch.when, outside, [...at, 'when']),
    ...checkTaken(profile, branch, outside, at),
    ...[branch.each ?? []].flat().flatMap((each, index) => {
      return checkEach(profile, each, [...at, 'each', ...(Array.isArray(branch.each) ? [index] : [])]);
    }),
  ];
}

function checkEach(profile: Profile, each: Each, at: ProblemPath): Finding[] {
  const findings = [...checkWhen(each.when, inside, [...at, 'when']), ...checkTaken(profile, each, inside, at)];
  if (!each.in.startsWith('$')) findings.push(notInMessage([...at, 'in']));
  if (each.historical === true && each.time === undefined)
    findings.push({ path: at, zh: '历史记录需要自己的时间（time）。', en: 'A kept record needs its own time (time).' });
  if (each.points === undefined && each.event === undefined)
    findings.push({
      path: at,
      zh: '没有从记录里取任何东西（points 或 event）。',
      en: 'Nothing is taken of the records (points or event).',
    });
  return findings;
}

function notInMessage(path: ProblemPath): Finding {
  return { path, zh: '这里的路径必须以 $ 开头。', en: 'The path must begin with $ here.' };
}

function checkPaths(paths: string | readonly string[] | undefined, { isInRecord }: Roots, at: ProblemPath): Finding[] {
  const stray = [paths ?? []].flat().find((path) => !isInRecord && path.startsWith('item'));
  if (stray === undefined) return [];
  return [{ path: at, zh: `"${stray}" 只能用在 each 里。`, en: `"${stray}" has a meaning inside of each only.` }];
}

function checkWhen(when: When | undefined, roots: Roots, at: ProblemPath): Finding[] {
  return [when ?? []].flat().flatMap((test) => {
    return checkPaths('exists' in test ? test.exists : 'absent' in test ? test.absent : test.path, roots, at);
  });
}

function checkTaken(
  profile: Profile,
  { points = {}, event }: Pick<Branch, 'points' | 'event'>,
  roots: Roots,
  at: ProblemPath,
): Finding[] {
  return [
    ...Object.entries(points).flatMap(([id, source]) => checkSource(profile, id, source, roots, [...at, 'points', id])),
    ...[event ?? []].flat().flatMap((each, index) => {
      return checkEvent(profile, each, roots, [...at, 'event', ...(Array.isArray(event) ? [index] : [])]);
    }),
  ];
}

function checkSource(profile: Profile, id: string, source: Source, roots: Roots, at: ProblemPath): Finding[] {
  const point = Object.hasOwn(profile.points, id) ? profile.points[id] : undefined;
  if (point === undefined) return [{ path: at, zh: `没有点位 "${id}"。`, en: `There is no point "${id}".` }];
  if (point.compute !== undefined)
    return [{ path: at, zh: '这个点位是计算出来的（compute）。', en: 'This point is calculated (compute).' }];
  if (typeof source === 'string') return checkPaths(source, roots, at);
  const findings = checkPaths(source.from, roots, at);
  if ('has' in source) {
    if (valueKind(point) !== 'boolean')
      findings.push({
        path: at,
        zh: 'has 只给出是或否，点位应为 kind: state。',
        en: 'has says yes or no; the point must be kind: state.',
      });
    return findings;
  }
  if (source.map !== undefined && source.base !== undefined)
    findings.push({ path: at, zh: 'map 与 base 只能用一个。', en: 'Use map or base, not both.' });
  if (source.scale !== undefined && (source.map !== undefined || valueKind(point) !== 'number'))
    findings.push({ path: at, zh: 'scale 只用于数值，且不能与 map 同用。', en: 'scale is for numbers, and not beside map.' });
  if (source.scale === 0) findings.push({ path: at, zh: '倍率不能为 0。', en: 'A scale of 0 makes every value 0.' });
  return [
    ...findings,
    ...Object.entries(source.map ?? {}).flatMap(([word, value]) => checkMapped(point, value, [...at, 'map', word])),
  ];
}

/** What a word is mapped to must be what the point can have: for a name, its enum key. */
function checkMapped(point: Point, value: string | number | boolean, path: ProblemPath): Finding[] {
  const kind = valueKind(point);
  const isRight =
    point.enum === undefined ? typeof value === (kind === 'text' ? 'string' : kind) : Object.hasOwn(point.enum, String(value));
  if (isRight) return [];
  const [zh, en] = point.enum === undefined ? [kind, `a ${kind}`] : ['enum 里的一个键', 'a key of its enum'];
  return [{ path, zh: `点位需要 ${zh}，"${value}" 不是。`, en: `The point takes ${en}, "${value}" is not.` }];
}

function checkEvent(profile: Profile, event: EventSource, roots: Roots, at: ProblemPath): Finding[] {
  const { type, code, map, data, serial } = event;
  const findings = [
    ...checkWhen(event.when, roots, [...at, 'when']),
    ...checkWhen(event.end, roots, [...at, 'end']),
    ...checkPaths(code, roots, [...at, 'code']),
    ...checkPaths(serial, roots, [...at, 'serial']),
    ...Object.entries(data ?? {}).flatMap(([key, source]) => {
      return checkPaths(typeof source === 'string' ? source : source.from, roots, [...at, 'data', key]);
    }),
  ];
  if (type === undefined && (code === undefined || map === undefined)) {
    findings.push({ path: at, zh: '事件需要固定的 type，或 code 加 map。', en: 'An event needs a fixed type, or code and map.' });
  }
  if (type?.endsWith('.end') === true)
    findings.push({
      path: [...at, 'type'],
      zh: '.end 是 end 加上的，请不要写出。',
      en: '.end is put behind by `end`; do not write it.',
    });
  if (map !== undefined && !Object.hasOwn(profile.maps, map))
    findings.push({
      path: [...at, 'map'],
      zh: `没有名为 "${map}" 的对照表（maps）。`,
      en: `There is no map named "${map}" (maps).`,
    });
  return findings;
}

function checkTime({ time, dedupe, decode }: Profile): Finding[] {
  const hasRecords = Object.values(decode)
    .flat()
    .some(({ each }) => each !== undefined);
  const roots = hasRecords ? inside : outside;
  return [
    ...checkPaths(time?.from, roots, ['time', 'from']),
    ...(dedupe?.key ?? []).flatMap((path, index) => checkPaths(path, roots, ['dedupe', 'key', index])),
  ];
}

function checkFed({ points, decode }: Profile): Finding[] {
  const branches = Object.values(decode).flat();
  const fed = new Set(
    branches.flatMap(({ points: own, each }) =>
      [own ?? {}, ...[each ?? []].flat().map((records) => records.points ?? {})].flatMap(Object.keys),
    ),
  );
  return Object.entries(points)
    .filter(([id, { compute }]) => !fed.has(id) && compute === undefined)
    .map(([id]) => ({
      path: ['points', id],
      zh: '没有任何消息给出这个点位（decode）。',
      en: 'No message gives this point (decode).',
    }));
}

function checkNoRegisters({ points }: Profile, isPolled: boolean): Finding[] {
  return Object.entries(points).flatMap(([id, { at, table, group }]) =>
    (at ?? table ?? (isPolled ? undefined : group)) === undefined
      ? []
      : [
          {
            path: ['points', id],
            zh: 'at、table、group 只用于被轮询的设备。',
            en: 'at, table and group are for polled devices only.',
          },
        ],
  );
}
