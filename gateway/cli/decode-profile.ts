import { readFileSync } from 'node:fs';
import { protocolOf } from '@yihu/device-profiles/library/protocols.ts';
import { mqttOf } from '@yihu/device-profiles/protocols/mqtt.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { systemClock } from '../clock.ts';
import { compile } from '../decode/decode.ts';
import type { DecodeOptions } from './decode.ts';
import { type Output, exit } from './output.ts';
import { profileNamed } from './profile-file.ts';
import { decodedLines, pointsOf } from './decoded.ts';

/** Registers or a message, as a profile reads them. */
export async function decodeWithProfile(options: DecodeOptions, said: string, output: Output): Promise<void> {
  const loaded = await profileNamed(said, output);
  if (loaded === undefined) return;
  const { profile } = loaded;
  const frame = frameOf(options, profile, output);
  if (!frame) return;
  const decoded = compile(profile).decode(frame);
  if (decoded.refused) return output.fail(exit.problem, decoded.refused, { reason: decoded.refused.code });
  const { readings, events, will, left } = decoded;
  if (readings.length + events.length === 0 && !will)
    return output.fail(exit.problem, {
      zh: `档案 ${profile.id} 在这里没有任何点位。请核对 --table、--start 和寄存器个数，或消息内容。`,
      en: `Profile ${profile.id} has no point in there. Check --table, --start and the number of registers, or the message.`,
    });
  const document = { schema: 'yihu.decode/1', profile: profile.id, ...pointsOf(profile, decoded) };
  output.result({ ...document, ...(left && { unread: left.code }) }, decodedLines(profile, decoded, output));
}

function frameOf(options: DecodeOptions, profile: Profile, output: Output): Frame | null {
  const { words, start, payload } = options;
  if (protocolOf(profile).values === 'registers') {
    if (words && start !== undefined) return registerFrame(options, profile, words, start);
    output.fail(exit.usage, {
      zh: `档案 ${profile.id} 走 Modbus，需要 --start 和 --words。例：--table input --start 0x2000 --words 4366,3334`,
      en: `Profile ${profile.id} speaks Modbus: it needs --start and --words. Example: --table input --start 0x2000 --words 4366,3334`,
    });
    return null;
  }
  if (payload !== undefined) return messageFrame(options, profile, payload, output);
  output.fail(exit.usage, {
    zh: `档案 ${profile.id} 收的是消息，需要 --topic 和 --payload（文字，或 @文件）。`,
    en: `Profile ${profile.id} reads messages: it needs --topic and --payload (text, or @file).`,
  });
  return null;
}

function registerFrame(options: DecodeOptions, profile: Profile, words: readonly number[], start: number): Frame {
  const table = options.table ?? profile.defaults.table ?? 'holding';
  const at = systemClock.now();
  if (table === 'coil' || table === 'discrete')
    return { device: 'decode', at, body: { kind: 'bits', table, start, bits: words.map((word) => word !== 0) } };
  return { device: 'decode', at, body: { kind: 'registers', table, start, words } };
}

function messageFrame(options: DecodeOptions, profile: Profile, text: string, output: Output): Frame | null {
  const payload = payloadOf(text, output);
  if (payload === null) return null;
  const topic = options.topic ?? '';
  const channel = options.channel ?? channelOf(profile, topic);
  if (channel !== null) return { device: 'decode', at: systemClock.now(), body: { kind: 'message', channel, topic, payload } };
  const filters = profile.transport.protocol === 'mqtt' ? Object.values(mqttOf(profile).topics).map(({ filter }) => filter) : [];
  output.fail(exit.problem, {
    zh: `主题“${topic}”不属于档案 ${profile.id} 的任何通道。它的主题是：${filters.join('、')}`,
    en: `Topic "${topic}" fits no channel of profile ${profile.id}. Its topics are: ${filters.join(', ')}`,
  });
  return null;
}

function payloadOf(text: string, output: Output): Uint8Array | null {
  if (!text.startsWith('@')) return Buffer.from(text);
  const file = text.slice(1);
  try {
    return readFileSync(file);
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    output.fail(exit.problem, {
      zh: `读不到消息文件 ${file}（${code}）。请检查路径和权限。`,
      en: `The payload file ${file} cannot be read (${code}). Check the path and its permissions.`,
    });
    return null;
  }
}

/** The channel whose filter the topic fits, `{identity}` and `+` standing for one level each. */
function channelOf(profile: Profile, topic: string): string | null {
  if (profile.transport.protocol !== 'mqtt') return Object.keys(profile.decode)[0] ?? null;
  const levels = topic.split('/');
  for (const [channel, { filter }] of Object.entries(mqttOf(profile).topics)) {
    const wanted = filter.split('/');
    const fits = wanted.every(
      (level, i) =>
        level === '#' || level === levels[i] || ((level === '+' || /^\{.*\}$/.test(level)) && levels[i] !== undefined),
    );
    if (fits && (wanted.length === levels.length || wanted.at(-1) === '#')) return channel;
  }
  return null;
}
