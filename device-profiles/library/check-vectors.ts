import type { Profile } from '../vocabulary/profile.ts';
import type { Vector } from '../vocabulary/vector.ts';
import { checkParams } from './params.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';

const longest = 300;

/** Vectors speak of what exists, say where they are from, and prove something. */
export function checkVectors(profile: Profile): Finding[] {
  return [
    ...profile.vectors.flatMap((vector, index) => checkVector(profile, vector, index)),
    ...checkNamesOnce(profile),
    ...checkVariants(profile),
  ];
}

function checkVector(profile: Profile, vector: Vector, index: number): Finding[] {
  const findings: Finding[] = [];
  const say = (path: (string | number)[], zh: string, en: string): void =>
    void findings.push({ path: ['vectors', index, ...path], zh, en });
  const { origin, source, expect, history, events, children, alarms, refuse, variant, params } = vector;
  if (origin !== 'synthetic' && (source ?? '').trim().length < 5) {
    say(['origin'], '不是自编的向量必须写明来源（source）。', 'A vector that is not synthetic must name its source.');
  }
  if (vector.name.length > longest || (source ?? '').length > longest)
    say(['name'], `不得超过 ${longest} 个字符。`, `Must be at most ${longest} characters.`);
  for (const id of Object.keys(expect).filter((each) => !Object.hasOwn(profile.points, each))) {
    say(['expect', id], `没有点位 "${id}"。`, `There is no point "${id}".`);
  }
  for (const [at, record] of (history ?? []).entries()) {
    for (const id of Object.keys(record.expect).filter((each) => !Object.hasOwn(profile.points, each)))
      say(['history', at, 'expect', id], `没有点位 "${id}"。`, `There is no point "${id}".`);
  }
  if (params !== undefined) {
    const asked = Object.fromEntries(Object.entries(profile.params).map(([id, param]) => [id, param.default]));
    for (const { path, zh, en } of checkParams(profile, { ...asked, ...params })) say(['params', ...path], zh, en);
  }
  for (const id of (alarms ?? []).filter((each) => !Object.hasOwn(profile.alarms, each))) {
    say(['alarms'], `没有告警 "${id}"。`, `There is no alarm "${id}".`);
  }
  if (variant !== undefined && !profile.variants.some(({ id }) => id === variant)) {
    say(['variant'], `没有变体 "${variant}"。`, `There is no variant "${variant}".`);
  }
  const proofs = [history, events, children, alarms].some((proof) => proof !== undefined);
  if (Object.keys(expect).length === 0 && !proofs && refuse !== true)
    say(
      [],
      '这个向量什么也没有证明；请写 expect、events、alarms 或 refuse。',
      'This vector proves nothing; write expect, events, alarms or refuse.',
    );
  checkGiven(profile, vector, say);
  return findings;
}

function checkGiven(profile: Profile, { given }: Vector, say: (path: string[], zh: string, en: string) => void): void {
  // Whole frames are for the driver's codec, whatever the profile's values are.
  if ('wire' in given) return;
  const protocol = protocolOf(profile);
  const values = 'channel' in given ? 'messages' : 'items' in given ? 'items' : 'registers';
  if (values !== protocol.values) {
    return say(['given'], '向量与设备的协议不符。', 'The vector does not fit the protocol of the device.');
  }
  if (!('channel' in given)) return;
  const channels = protocol.channels?.(profile.transport) ?? Object.keys(profile.decode);
  if (!channels.includes(given.channel))
    say(['given', 'channel'], `没有名为 "${given.channel}" 的主题。`, `There is no topic named "${given.channel}".`);
  const content = 'json' in given ? given.json : 'fields' in given ? given.fields : '';
  if (content === undefined) say(['given'], '缺少 json、text、hex 或 fields。', 'json, text, hex or fields is missing.');
}

function checkNamesOnce({ vectors }: Profile): Finding[] {
  const seen = new Set<string>();
  return vectors.flatMap(({ name }, index) => {
    const isTwin = seen.has(name);
    seen.add(name);
    return isTwin ? [{ path: ['vectors', index, 'name'], zh: '已有同名的向量。', en: 'Another vector has this name.' }] : [];
  });
}

function checkVariants({ variants, vectors }: Profile): Finding[] {
  const seen = new Set<string>();
  const findings = variants.flatMap(({ id }, index): Finding[] => {
    const isTwin = seen.has(id);
    seen.add(id);
    if (isTwin)
      return [{ path: ['variants', index, 'id'], zh: `变体 "${id}" 出现了两次。`, en: `The variant "${id}" is there twice.` }];
    if (vectors.some(({ variant }) => variant === id)) return [];
    return [{ path: ['variants', index], zh: '这个变体没有向量。', en: 'This variant has no vector.' }];
  });
  const hasOwn = vectors.some(({ variant, refuse }) => variant === undefined && refuse !== true);
  return hasOwn
    ? findings
    : [
        ...findings,
        { path: ['vectors'], zh: '至少需要一个应被接受的向量。', en: 'At least one vector must be one that is taken.' },
      ];
}
