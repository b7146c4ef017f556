import { categoryNames } from '@yihu/device-profiles/library/catalogue.ts';
import type { LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { AlarmRule } from '@yihu/device-profiles/vocabulary/rule.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import { profileNamed } from './profile-file.ts';
import { type Output, table } from './output.ts';

/** What a profile says of a device: where its values stand, when they are an alarm, what an installer sets, what it can be told. */
export async function showProfile(said: string, output: Output): Promise<void> {
  const loaded = await profileNamed(said, output);
  if (loaded === undefined) return;
  const { tier, profile } = loaded;
  const { vectors, ...whole } = profile;
  output.result({ schema: 'yihu.profile-show/1', tier, profile: { ...whole, vectors: vectors.length } }, linesOf(loaded, output));
}

function linesOf({ profile, tier }: LoadedProfile, output: Output): string[] {
  const { say, language } = output;
  const { id, name, maker, model, models, category, version, confidence, sources, transport, vectors } = profile;
  const { modes } = transport;
  const wire = [transport.protocol, ...(Array.isArray(modes) ? modes.map(String) : [])].join(' ');
  const head = [
    [say({ zh: '档案', en: 'profile' }), `${id} ${version}`],
    [say({ zh: '名称', en: 'name' }), textIn(name, language)],
    [say({ zh: '型号', en: 'model' }), [textIn(maker, language), model, ...(models?.ids ?? [])].join(' ')],
    [say({ zh: '类别', en: 'class' }), say(categoryNames[category])],
    [say({ zh: '协议', en: 'wire' }), wire],
    [say({ zh: '可信', en: 'trust' }), `${tier}, ${confidence}, ${say({ zh: '测试向量', en: 'vectors' })} ${vectors.length}`],
    ...sources.map((source) => [say({ zh: '出处', en: 'source' }), source]),
  ];
  return [
    ...table(head),
    ...part(say({ zh: '点位', en: 'POINTS' }), pointRows(profile, output)),
    ...part(say({ zh: '告警', en: 'ALARMS' }), alarmRows(profile, output)),
    ...part(say({ zh: '安装参数（现场文件 params）', en: 'PARAMETERS (params of the site file)' }), paramRows(profile, output)),
    ...part(say({ zh: '命令', en: 'COMMANDS' }), commandRows(profile, output)),
    ...part(
      say({ zh: '变体（现场文件 variant）', en: 'VARIANTS (variant of the site file)' }),
      profile.variants.map(({ id: own, name: called }) => [own, textIn(called, language)]),
    ),
  ];
}

function part(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...table(rows).map((row) => `  ${row}`)];
}

function pointRows({ points, groups, defaults }: Profile, { language }: Output): string[][] {
  return Object.entries(points).map(([id, point]) => {
    const { name, unit, at, type, order, every, group } = point;
    const period = every ?? (group === undefined ? undefined : groups[group]?.every);
    const place =
      typeof at === 'number' ? `${point.table ?? defaults.table ?? ''} 0x${at.toString(16).toUpperCase()}`.trim() : at;
    const shape = type === undefined ? '' : `${type} ${order ?? ''}`.trim();
    return [
      id,
      textIn(name, language),
      unit === undefined || unit === '1' ? '' : units[unit].symbol,
      place ?? '',
      shape,
      period === undefined ? '' : `${period / 1_000} s`,
    ];
  });
}

function alarmRows({ alarms }: Profile, { language }: Output): string[][] {
  return Object.entries(alarms).map(([id, rule]) => [
    id,
    textIn(rule.name, language),
    conditionOf(rule),
    rule.for > 0 ? `${rule.for / 1_000} s` : '',
    rule.severity,
    rule.ref ?? '',
  ]);
}

function conditionOf(rule: AlarmRule): string {
  if ('event' in rule) return rule.event;
  const { point } = rule;
  if ('above' in rule) return `${point} > ${rule.above}`;
  if ('below' in rule) return `${point} < ${rule.below}`;
  if ('is' in rule) return `${point} = ${[rule.is].flat().map(String).join(' | ')}`;
  if ('silent' in rule) return `${point} … ${rule.silent / 1_000} s`;
  if ('stuck' in rule) return `${point} == ${rule.stuck / 1_000} s`;
  return `Δ ${point} > ${rule.step}`;
}

function paramRows({ params }: Profile, { say, language }: Output): string[][] {
  return Object.entries(params).map(([id, { name, unit, default: usual, min, max, ask, ref }]) => [
    id,
    textIn(name, language),
    ask ? say({ zh: '必须填写', en: 'must be given' }) : `${usual} ${unit === '1' ? '' : units[unit].symbol}`.trim(),
    `${min} … ${max}`,
    ref ?? '',
  ]);
}

function commandRows({ commands }: Profile, { say, language }: Output): string[][] {
  return Object.entries(commands).map(([id, { name, args, confirm }]) => [
    id,
    textIn(name, language),
    Object.keys(args).join(' '),
    confirm === 'two-person' ? say({ zh: '两人确认', en: 'two people' }) : '',
  ]);
}
