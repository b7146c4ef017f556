import { z } from 'zod';
import type { Profile } from '../vocabulary/profile.ts';
import { Text } from '../vocabulary/text.ts';
import { checkPeriod } from './poll-groups.ts';
import type { Finding, ProblemPath } from './source.ts';

/** What the installer types in so that a device's messages are known: an EUI, a serial number, a topic's name. */
export const Identity = z.strictObject({ name: z.string(), pattern: z.string(), label: Text });
export type Identity = z.output<typeof Identity>;

type Branch = Profile['decode'][string][number];

/**
 * Every channel is read, every point is fed, and every name a branch uses exists. `channels`: those there are, if it is
 * known. `isPolled`: the gateway asks for the messages, so that points have a period.
 */
export function checkMessages(profile: Profile, channels?: readonly string[], isPolled = false): Finding[] {
  return [
    ...Object.entries(profile.decode).flatMap(([channel, branches]) => checkChannel(profile, channels, channel, branches)),
    ...checkFed(profile),
    ...checkNoRegisters(profile, isPolled),
    ...(isPolled ? Object.keys(profile.points).flatMap((id) => checkPeriod(profile, id)) : []),
  ];
}

/** The identity's name and pattern are safe to use in topics and addresses. */
export function checkIdentity(identity: Identity): Finding[] {
  const findings = checkPattern(identity);
  if (/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(identity.name)) return findings;
  const path = ['transport', 'identity', 'name'];
  return [
    { path, zh: '名称只能用字母和数字，以字母开头。', en: 'The name takes letters and digits only and begins with a letter.' },
    ...findings,
  ];
}

function checkPattern({ pattern }: Identity): Finding[] {
  const path = ['transport', 'identity', 'pattern'];
  if (!/^\^.*\$$/.test(pattern) || pattern.length > 100) {
    return [
      {
        path,
        zh: '格式必须以 ^ 开头、以 $ 结尾，不超过 100 个字符。',
        en: 'The pattern must start with ^, end with $ and be at most 100 characters.',
      },
    ];
  }
  // A repeat of a repeat can run for hours on one name typed in.
  if (/[*+}]\)?[*+{]/.test(pattern) || pattern.includes('(')) {
    return [{ path, zh: '格式里不能有括号或重复的重复。', en: 'The pattern must have no groups and no repeat of a repeat.' }];
  }
  return isPattern(pattern) ? [] : [{ path, zh: '不是有效的正则表达式。', en: 'This is not a regular expression.' }];
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
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
  const open = branches.findIndex((branch) => branch.when === undefined);
  const isHidden =
    open !== -1 && branches.slice(open + 1).some((branch) => branches[open]?.text !== undefined || branch.text === undefined);
  if (isHidden) {
    findings.push({
      path: ['decode', channel, open + 1],
      zh: '前一种读法没有条件（when），永远轮不到这一种。',
      en: 'The branch before has no condition (when), so this one is never reached.',
    });
  }
  return findings;
}

function checkBranch(profile: Profile, branch: Branch, at: ProblemPath): Finding[] {
  const findings: Finding[] = [];
  const needPoint = (id: string, path: ProblemPath): void => {
    if (!Object.hasOwn(profile.points, id)) findings.push({ path, zh: `没有点位 "${id}"。`, en: `There is no point "${id}".` });
  };
  for (const id of Object.keys(branch.json ?? {})) needPoint(id, [...at, 'json', id]);
  if (branch.text !== undefined) needPoint(branch.text.point, [...at, 'text', 'point']);
  if (branch.event !== undefined) findings.push(...checkEvent(profile, branch.event, [...at, 'event']));
  return findings;
}

function checkEvent(profile: Profile, { type, code, map, data }: NonNullable<Branch['event']>, at: ProblemPath): Finding[] {
  const longKey = Object.keys(data ?? {}).find((key) => key.length > 64);
  if (longKey !== undefined)
    return [{ path: [...at, 'data', longKey], zh: '不得超过 64 个字符。', en: 'Must be at most 64 characters.' }];
  if (type === undefined && (code === undefined || map === undefined)) {
    return [{ path: at, zh: '事件需要固定的 type，或 code 加 map。', en: 'An event needs a fixed type, or code and map.' }];
  }
  if (map !== undefined && !Object.hasOwn(profile.maps, map)) {
    return [{ path: [...at, 'map'], zh: `没有名为 "${map}" 的对照表（maps）。`, en: `There is no map named "${map}" (maps).` }];
  }
  return [];
}

function checkFed({ points, decode }: Profile): Finding[] {
  const fed = new Set(
    Object.values(decode)
      .flat()
      .flatMap((branch) => [...Object.keys(branch.json ?? {}), branch.text?.point]),
  );
  return Object.keys(points)
    .filter((id) => !fed.has(id))
    .map((id) => ({
      path: ['points', id],
      zh: '没有任何消息给出这个点位（decode）。',
      en: 'No message gives this point (decode).',
    }));
}

function checkNoRegisters({ points }: Profile, isPolled: boolean): Finding[] {
  return Object.entries(points).flatMap(([id, { at, table, group }]) =>
    (at ?? table ?? (isPolled ? undefined : group)) === undefined
      ? []
      : [{ path: ['points', id], zh: 'at、table、group 只用于 Modbus。', en: 'at, table and group are for Modbus only.' }],
  );
}
