import { Profile } from '../vocabulary/profile.ts';
import { protocols } from './protocols.ts';
import { findingsOf, nearestWord } from './sentences.ts';
import type { Finding } from './source.ts';

/** A profile's data against the schema of all profiles and the schemas of its protocol. Every problem comes at once. */
export function parseProfile(data: unknown): { profile: Profile } | { findings: Finding[] } {
  const parsed = Profile.safeParse(data, { reportInput: true });
  const spoken = parseTransport(data);
  if (!parsed.success) return { findings: [...findingsOf(parsed.error), ...spoken.findings] };
  const commands = parseCommands(parsed.data);
  const findings = [...spoken.findings, ...commands.findings];
  if (findings.length > 0) return { findings };
  return { profile: { ...parsed.data, transport: spoken.transport, commands: commands.commands } };
}

/** The same for data that must be right, such as a test's. @throws with every problem. */
export function profileFrom(data: unknown): Profile {
  const parsed = parseProfile(data);
  if ('profile' in parsed) return parsed.profile;
  throw new Error(parsed.findings.map(({ path, en }) => `${path.join('.')}: ${en}`).join('\n'));
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
