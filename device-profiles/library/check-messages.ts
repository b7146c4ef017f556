import type { Profile, Transport } from '../vocabulary/profile.ts';
import type { Finding, ProblemPath } from './source.ts';

type MessageTransport = Exclude<Transport, { protocol: 'modbus' }>;
type Branch = Profile['decode'][string][number];

/** Topics carry the identity, every channel is read, every point is fed, and every name a branch uses exists. */
export function checkMessages(profile: Profile, transport: MessageTransport): Finding[] {
  return [
    ...checkIdentity(transport),
    ...checkPattern(transport),
    ...(transport.protocol === 'mqtt' ? checkTopics(profile, transport) : []),
    ...Object.entries(profile.decode).flatMap(([channel, branches]) => checkChannel(profile, transport, channel, branches)),
    ...checkFed(profile),
    ...checkNoRegisters(profile),
  ];
}

function checkIdentity(transport: MessageTransport): Finding[] {
  const { name } = transport.identity;
  if (!/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(name)) {
    const path = ['transport', 'identity', 'name'];
    return [
      { path, zh: '名称只能用字母和数字，以字母开头。', en: 'The name takes letters and digits only and begins with a letter.' },
    ];
  }
  if (transport.protocol !== 'http-event' || transport.listen.includes(`{${name}}`)) return [];
  return [{ path: ['transport', 'listen'], zh: `地址里缺少 {${name}}。`, en: `{${name}} is missing in the address.` }];
}

function checkPattern({ identity }: MessageTransport): Finding[] {
  const path = ['transport', 'identity', 'pattern'];
  const { pattern } = identity;
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

function checkTopics(profile: Profile, { topics, identity }: Extract<MessageTransport, { protocol: 'mqtt' }>): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(topics).length === 0)
    findings.push({ path: ['transport', 'topics'], zh: '至少需要一个主题。', en: 'At least one topic is needed.' });
  for (const [channel, { filter }] of Object.entries(topics)) {
    const path = ['transport', 'topics', channel, 'filter'];
    const levels = filter.split('/');
    if (!filter.includes(`{${identity.name}}`)) {
      findings.push({
        path,
        zh: `主题里缺少 {${identity.name}}；否则一台设备会收到别人的消息。`,
        en: `{${identity.name}} is missing; without it a device would take the messages of others.`,
      });
    }
    const stranger = /\{([^}]*)\}/g.exec(filter.replaceAll(`{${identity.name}}`, ''))?.[1];
    if (stranger !== undefined) findings.push({ path, zh: `不认识 {${stranger}}。`, en: `{${stranger}} is not known.` });
    // MQTT 3.1.1 §4.7.1: a wildcard fills a whole level, # the last one.
    const isWrong = levels.some(
      (level, index) => (/[+#]/.test(level) && level.length > 1) || (level === '#' && index < levels.length - 1),
    );
    if (isWrong)
      findings.push({
        path,
        zh: '+ 和 # 必须独占一级，# 只能在最后。',
        en: '+ and # must fill a level, and # must be the last.',
      });
    if (filter.startsWith('$'))
      findings.push({ path, zh: '不能订阅以 $ 开头的主题。', en: 'Topics that begin with $ cannot be used.' });
    if (!Object.hasOwn(profile.decode, channel) && profile.availability.will?.channel !== channel) {
      findings.push({
        path,
        zh: `没有说明如何读 "${channel}" 的消息（decode）。`,
        en: `Nothing says how to read the messages of "${channel}" (decode).`,
      });
    }
  }
  return findings;
}

function checkChannel(profile: Profile, transport: MessageTransport, channel: string, branches: readonly Branch[]): Finding[] {
  const findings = branches.flatMap((branch, index) => checkBranch(profile, branch, ['decode', channel, index]));
  if (transport.protocol === 'mqtt' && !Object.hasOwn(transport.topics, channel)) {
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

function checkNoRegisters({ points }: Profile): Finding[] {
  return Object.entries(points).flatMap(([id, { at, table, group }]) =>
    (at ?? table ?? group) === undefined
      ? []
      : [{ path: ['points', id], zh: 'at、table、group 只用于 Modbus。', en: 'at, table and group are for Modbus only.' }],
  );
}
