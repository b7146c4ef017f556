import type { Command } from '../vocabulary/command.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';
import { valueKind } from './value-kind.ts';

type Say = (key: string, zh: string, en: string) => void;

/** Commands say what they need, use what they are given, and can be seen to be done. */
export function checkCommands(profile: Profile): Finding[] {
  const findings: Finding[] = [];
  const known = protocolOf(profile).commandWords ?? [];
  const identity = (profile.transport as { identity?: { name?: unknown } }).identity?.name;
  for (const [id, command] of Object.entries(profile.commands)) {
    const say: Say = (key, zh, en) => void findings.push({ path: ['commands', id, key], zh, en });
    const used = new Set([...placeholders(command.do), ...placeholders(command.verify)]);
    const stranger = [...used].find((name) => name !== identity && !known.includes(name) && !Object.hasOwn(command.args, name));
    if (stranger !== undefined) say('do', `没有参数 "${stranger}"（args）。`, `There is no argument "${stranger}" (args).`);
    for (const name of Object.keys(command.args).filter((each) => !used.has(each)))
      say('args', `参数 "${name}" 没有用到。`, `The argument "${name}" is not used.`);
    checkArguments(command, say);
    checkVerify(profile, command, say);
  }
  return findings;
}

/** The names in braces in any text of a command. */
function placeholders(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(/\{([A-Za-z0-9._-]+)\}/g)].map((match) => match[1] as string);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placeholders);
}

function checkArguments({ args }: Command, say: Say): void {
  for (const [name, { type, min, max, choices }] of Object.entries(args)) {
    if (min !== undefined && max !== undefined && min > max)
      say('args', `参数 "${name}" 的 min 大于 max。`, `The argument "${name}" has min above max.`);
    if (type !== 'number' && (min ?? max) !== undefined)
      say('args', `参数 "${name}" 不是数值，没有 min 和 max。`, `The argument "${name}" is no number and has no min and max.`);
    if (type === 'number' && (min === undefined || max === undefined) && choices === undefined)
      say('args', `数值参数 "${name}" 需要 min 和 max，或 choices。`, `The number "${name}" needs min and max, or choices.`);
    const stray = type === 'number' ? Object.keys(choices ?? {}).find((choice) => !/^-?\d+(\.\d+)?$/.test(choice)) : undefined;
    if (stray !== undefined) say('args', `"${stray}" 不是数值。`, `"${stray}" is no number.`);
  }
}

function checkVerify(profile: Profile, { verify, ttl, args }: Command, say: Say): void {
  if (ttl === 0) say('ttl', 'ttl 不能为 0。', 'ttl cannot be 0.');
  if (verify === undefined) return;
  for (const id of pointsNamed(verify.point, args)) {
    const point = Object.hasOwn(profile.points, id) ? profile.points[id] : undefined;
    if (point === undefined) return say('verify', `没有点位 "${id}"。`, `There is no point "${id}".`);
    if (placeholders(verify.is).length > 0) continue;
    const kind = valueKind(point);
    const names = Object.values(point.enum ?? {}).map(({ value }) => value);
    const isRight =
      kind === 'name' ? names.includes(String(verify.is)) : typeof verify.is === (kind === 'text' ? 'string' : kind);
    if (!isRight) return say('verify', `${id} 不可能是 "${verify.is}"。`, `${id} can never be "${verify.is}".`);
  }
}

/** Every point that may be meant: `relay_{channel}` with channels 1 to 8 is eight. */
function pointsNamed(point: string, args: Command['args']): string[] {
  const [name] = placeholders(point);
  const arg = name !== undefined && Object.hasOwn(args, name) ? args[name] : undefined;
  if (arg === undefined) return [point];
  return valuesOf(arg).flatMap((value) =>
    pointsNamed(
      point.replaceAll(`{${name}}`, () => value),
      args,
    ),
  );
}

const mostChannels = 64;

function valuesOf({ type, min, max, choices }: Command['args'][string]): string[] {
  if (choices) return Object.keys(choices);
  if (type === 'boolean') return ['true', 'false'];
  if (type !== 'number' || min === undefined || max === undefined) return ['…'];
  const count = Math.min(mostChannels, Math.floor(max - min) + 1);
  return Array.from({ length: count }, (_, i) => String(min + i));
}
