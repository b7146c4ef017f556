import { Profile } from '../vocabulary/profile.ts';
import { endOf, eventSources, typesOf } from './event-types.ts';
import { fillParams, type ParamValues } from './params.ts';
import { protocols } from './protocols.ts';
import { findingsOf, nearestWord } from './sentences.ts';
import type { Finding, ProblemPath } from './source.ts';
import { unfold } from './unfold.ts';

interface Origin {
  readonly data: unknown;
  readonly written: (path: ProblemPath) => ProblemPath;
}

/** What each profile was made of, so that it can be made again with other params. */
const origins = new WeakMap<Profile, Origin>();

/**
 * A profile's data, params filled in and arrays unfolded, against the schema of all profiles and the schemas of its protocol.
 * Every problem comes at once. Paths are those of the unfolded data; `writtenPath` leads back.
 */
export function parseProfile(data: unknown, given: ParamValues = {}): { profile: Profile } | { findings: Finding[] } {
  const filled = fillParams(data, given);
  const unfolded = unfold(filled.data);
  const parsed = Profile.safeParse(unfolded.data, { reportInput: true });
  const spoken = parseTransport(unfolded.data);
  const said = [...filled.findings, ...unfolded.findings];
  const back = (findings: readonly Finding[]) => findings.map((each) => ({ ...each, path: unfolded.written(each.path) }));
  if (!parsed.success) return { findings: back([...said, ...findingsOf(parsed.error), ...spoken.findings]) };
  const commands = parseCommands(parsed.data);
  const findings = [...said, ...spoken.findings, ...commands.findings, ...unusedParams(parsed.data, filled.used)];
  if (findings.length > 0) return { findings: back(findings) };
  const profile = withEnds({ ...parsed.data, transport: spoken.transport, commands: commands.commands });
  origins.set(profile, { data, written: unfolded.written });
  return { profile };
}

/** A parameter that changes nothing would be asked of every installer for nothing. */
function unusedParams({ params, points }: Profile, used: ReadonlySet<string>): Finding[] {
  const words = new Set(Object.values(points).flatMap(({ compute }) => compute?.match(/[A-Za-z_]\w*/g) ?? []));
  return Object.keys(params)
    .filter((id) => !used.has(id) && !words.has(id))
    .map((id) => ({ path: ['params', id], zh: '这个安装参数没有用到。', en: 'This parameter is not used.' }));
}

/** The same for data that must be right, such as a test's. @throws with every problem. */
export function profileFrom(data: unknown): Profile {
  const parsed = parseProfile(data);
  if ('profile' in parsed) return parsed.profile;
  throw new Error(parsed.findings.map(({ path, en }) => `${path.join('.')}: ${en}`).join('\n'));
}

/** A path into a profile as its author wrote it: before its arrays were unfolded. */
export function writtenPath(profile: Profile, path: ProblemPath): ProblemPath {
  return origins.get(profile)?.written(path) ?? path;
}

/** The same profile with other vectors. */
export function withVectors(profile: Profile, vectors: Profile['vectors']): Profile {
  const other = { ...profile, vectors };
  const origin = origins.get(profile);
  if (origin !== undefined) origins.set(other, origin);
  return other;
}

/** The same profile made again with other params; `undefined` where it was not made here. */
export function parseAgain(profile: Profile, given: ParamValues): ReturnType<typeof parseProfile> | undefined {
  const origin = origins.get(profile);
  return origin === undefined ? undefined : parseProfile(origin.data, given);
}

/** An event that has an end gives two types; the second is named after the first. */
function withEnds(profile: Profile): Profile {
  const sources = Object.values(profile.decode).flat().flatMap(eventSources);
  const begun = new Set(sources.filter(({ end }) => end !== undefined).flatMap((source) => typesOf(profile, source)));
  const events = { ...profile.events };
  for (const type of begun) {
    const name = Object.hasOwn(events, type) ? events[type] : undefined;
    if (name === undefined || Object.hasOwn(events, endOf(type))) continue;
    events[endOf(type)] = { zh: `${name.zh.slice(0, 110)}（恢复）`, ...(name.en && { en: `${name.en.slice(0, 110)} (over)` }) };
  }
  return { ...profile, events };
}

function parseTransport(data: unknown): { transport: Profile['transport']; findings: Finding[] } {
  const transport = Profile.shape.transport.safeParse((data as { transport?: unknown } | null)?.transport);
  // Said by the schema of all profiles already.
  if (!transport.success) return { transport: { protocol: '' }, findings: [] };
  const protocol = protocols.get(transport.data.protocol);
  if (protocol === undefined) return { transport: transport.data, findings: [unknown(transport.data.protocol)] };
  const spoken = protocol.transport.safeParse(transport.data, { reportInput: true });
  if (spoken.success) return { transport: spoken.data as Profile['transport'], findings: [] };
  const findings = findingsOf(spoken.error).map(({ path, zh, en }) => ({ path: ['transport', ...path], zh, en }));
  return { transport: transport.data, findings };
}

function unknown(name: string): Finding {
  const nearest = nearestWord(name, [...protocols.keys()]);
  return {
    path: ['transport', 'protocol'],
    zh: `没有协议 "${name}"；是指 "${nearest}" 吗？`,
    en: `There is no protocol "${name}"; is "${nearest}" meant?`,
  };
}

function parseCommands(profile: Profile): { commands: Profile['commands']; findings: Finding[] } {
  const schema = protocols.get(profile.transport.protocol)?.command;
  const commands: Profile['commands'] = {};
  const findings: Finding[] = [];
  for (const [id, command] of Object.entries(profile.commands)) {
    const path = ['commands', id, 'do'];
    const parsed = schema?.safeParse(command.do, { reportInput: true });
    if (parsed === undefined) findings.push({ path, zh: '这种协议没有控制命令。', en: 'This protocol has no commands.' });
    else if (parsed.success) commands[id] = { ...command, do: parsed.data };
    else findings.push(...findingsOf(parsed.error).map((each) => ({ ...each, path: [...path, ...each.path] })));
  }
  return { commands, findings };
}
