import type { Profile } from '../vocabulary/profile.ts';
import type { Text } from '../vocabulary/text.ts';
import { protocolOf } from './protocols.ts';
import type { Finding, ProblemPath } from './source.ts';

interface Named {
  readonly path: ProblemPath;
  readonly text: Text;
}

const longest = 300;
/** Words that say nothing of what is measured. */
const useless =
  /^(value|point|data|register|reg|name|todo|tbd|test|sensor|unknown|数值|数据|点位|测点|寄存器|未知|待定|名称)[\s_-]*\d*$/i;

/** What people read: both languages, in their own script, saying something, and no two points the same. */
export function checkNames(profile: Profile): Finding[] {
  return [...allNames(profile).flatMap(checkName), ...checkTwins(profile), ...checkSources(profile)];
}

function allNames(profile: Profile): Named[] {
  const { points, alarms, maps, events, variants, commands, params, transport } = profile;
  return [
    { path: ['name'], text: profile.name },
    { path: ['maker'], text: profile.maker },
    ...(protocolOf(profile).texts?.(transport) ?? []),
    ...Object.entries(params).map(([id, { name }]) => ({ path: ['params', id, 'name'], text: name })),
    ...Object.entries(commands).flatMap(([id, { name, args }]) => [
      { path: ['commands', id, 'name'], text: name },
      ...Object.entries(args).flatMap(([arg, { name: called, choices }]) => [
        { path: ['commands', id, 'args', arg, 'name'], text: called },
        ...Object.entries(choices ?? {}).map(([key, text]) => ({ path: ['commands', id, 'args', arg, 'choices', key], text })),
      ]),
    ]),
    ...Object.entries(points).flatMap(([id, point]) => [
      { path: ['points', id, 'name'], text: point.name },
      ...Object.entries(point.enum ?? {}).map(([key, { name }]) => ({ path: ['points', id, 'enum', key, 'name'], text: name })),
    ]),
    ...Object.entries(alarms).map(([id, { name }]) => ({ path: ['alarms', id, 'name'], text: name })),
    ...Object.entries(maps).flatMap(([id, map]) =>
      Object.entries(map).map(([code, { name }]) => ({ path: ['maps', id, code, 'name'], text: name })),
    ),
    ...Object.entries(events).map(([id, text]) => ({ path: ['events', id], text })),
    ...variants.map(({ name }, index) => ({ path: ['variants', index, 'name'], text: name })),
  ];
}

function checkName({ path, text: { zh, en } }: Named): Finding[] {
  const findings: Finding[] = [];
  if (en === undefined) findings.push({ path, zh: '缺少英文名（en）。', en: 'The English name (en) is missing.' });
  // A name such as PM2.5 or DO is the same in both languages.
  if (!/\p{Script=Han}/u.test(zh) && zh !== en)
    findings.push({ path, zh: '中文名（zh）里没有汉字。', en: 'The Chinese name (zh) has no Chinese in it.' });
  if (en !== undefined && /\p{Script=Han}/u.test(en))
    findings.push({ path, zh: '英文名（en）里有汉字。', en: 'The English name (en) has Chinese in it.' });
  const empty = [zh, en ?? ''].find((name) => useless.test(name.trim()));
  if (empty !== undefined) {
    findings.push({
      path,
      zh: `"${empty}" 没有说明这是什么；请写出含义。`,
      en: `"${empty}" does not say what it is; write what it means.`,
    });
  }
  return findings;
}

function checkTwins({ points }: Profile): Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(points).flatMap(([id, { name }]) => {
    const twin = seen.get(name.zh);
    if (twin === undefined) seen.set(name.zh, id);
    if (twin === undefined) return [];
    return [
      { path: ['points', id, 'name'], zh: `与 ${twin} 同名；请加以区分。`, en: `Has the same name as ${twin}; tell them apart.` },
    ];
  });
}

function checkSources(profile: Profile): Finding[] {
  const texts: Named[] = profile.sources.map((source, index) => ({ path: ['sources', index], text: { zh: source } }));
  const findings = texts.flatMap(({ path, text: { zh } }) => {
    if (zh.trim().length < 5)
      return [{ path, zh: '请写明来源（手册、仓库或网址）。', en: 'Name the source (manual, repository or address).' }];
    return zh.length > longest
      ? [{ path, zh: `不得超过 ${longest} 个字符。`, en: `Must be at most ${longest} characters.` }]
      : [];
  });
  return findings;
}
