import { readFileSync } from 'node:fs';
import { loadProfile } from '@yihu/device-profiles/library/load.ts';
import { protocolOf } from '@yihu/device-profiles/library/protocols.ts';
import { mqttOf } from '@yihu/device-profiles/protocols/mqtt.ts';
import type { Frame, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import { tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Encoding, Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { compile, type Decoded } from '../decode/decode.ts';
import { decodeWords } from '../decode/value.ts';
import { parseNumber, parseWhole, parseWords } from './numbers.ts';
import { type Output, exit, outputFor, table } from './output.ts';

interface DecodeOptions {
  json?: boolean;
  lang?: string;
  type?: WireType;
  order?: Order;
  words?: number[];
  encoding?: Encoding;
  scale?: number;
  offset?: number;
  round?: number;
  profile?: string;
  table?: Table;
  start?: number;
  topic?: string;
  channel?: string;
  payload?: string;
}

export function addDecode(program: Command): void {
  program
    .command('decode')
    .description('解一个值，或用档案解一帧 / decode one value, or one frame with a profile')
    .addOption(new Option('--type <type>', '类型 / type').choices(WireType.options))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options))
    .option('--words <hex,hex…>', '寄存器，十六进制 / registers in hex', parseWords)
    .addOption(new Option('--encoding <encoding>', '字符串编码 / string encoding').choices(Encoding.options))
    .option('--scale <n>', '倍率 / scale', parseNumber)
    .option('--offset <n>', '偏移 / offset', parseNumber)
    .option('--round <places>', '小数位 / decimal places', parseWhole(0, 9))
    .option('--profile <file>', '设备档案 / device profile')
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices([...tables]))
    .option('--start <address>', '起始地址，如 0x2000 / first address', parseWhole(0, 0xffff))
    .option('--topic <topic>', 'MQTT 主题 / topic')
    .option('--channel <name>', '档案里的通道，默认按主题判断 / channel of the profile, by default found by the topic')
    .option('--payload <text|@file>', '消息内容 / payload')
    .addHelpText('after', '\n例 / example:\n  yihu-gateway decode --type f32 --order CDAB --words 3334,4366')
    .action(async (options: DecodeOptions) => {
      const output = outputFor(options);
      if (options.profile !== undefined) return decodeWithProfile(options, options.profile, output);
      decodeValue(options, output);
    });
}

function decodeValue(options: DecodeOptions, output: Output): void {
  const { type, words, order, encoding, scale, offset, round } = options;
  if (!type || !words) {
    return output.fail(exit.usage, {
      zh: '需要 --type 和 --words，或者 --profile。例：yihu-gateway decode --type f32 --order CDAB --words 3334,4366',
      en: 'Needs --type and --words, or --profile. Example: yihu-gateway decode --type f32 --order CDAB --words 3334,4366',
    });
  }
  const given = { order, encoding, scale, offset, round };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const decoded = decodeWords({ type, words, ...set });
  if ('refused' in decoded) {
    const { code, zh, en } = decoded.refused;
    return output.fail(exit.problem, { zh, en }, { schema: 'yihu.decode/1', reason: code });
  }
  const { exact } = decoded;
  const notes = [
    ...(exact === undefined ? [] : [{ zh: `精确值 ${String(exact)}`, en: `exactly ${String(exact)}` }]),
    ...(order === 'CDAB' && words.length === 1 ? [noOrder] : []),
  ];
  output.result({ schema: 'yihu.decode/1', type, ...(words.length > 1 ? { order: order ?? 'ABCD' } : {}), ...decoded }, [
    String(decoded.value),
    ...notes.map((note) => `  ${output.say(note)}`),
  ]);
}

const noOrder = {
  zh: '单个寄存器没有字序，CDAB 与 ABCD 相同',
  en: 'one register has no order of words: CDAB is the same as ABCD',
};

async function decodeWithProfile(options: DecodeOptions, file: string, output: Output): Promise<void> {
  const loaded = await loadProfile(file);
  if ('problems' in loaded) {
    const [first] = loaded.problems;
    return output.fail(
      exit.problem,
      {
        zh: `档案有 ${loaded.problems.length} 个问题，第一个：${first?.zh ?? ''} 运行：yihu-gateway profile check ${file}`,
        en: `The profile has ${loaded.problems.length} problem${loaded.problems.length === 1 ? '' : 's'}, the first: ${first?.en ?? ''} Run: yihu-gateway profile check ${file}`,
      },
      { problems: loaded.problems },
    );
  }
  const frame = frameOf(options, loaded.profile, output);
  if (!frame) return;
  const decoded = compile(loaded.profile).decode(frame);
  if (decoded.refused) return output.fail(exit.problem, decoded.refused, { reason: decoded.refused.code });
  if (decoded.readings.length + decoded.events.length > 0 || decoded.will) return show(loaded.profile, decoded, output);
  output.fail(exit.problem, {
    zh: `档案 ${loaded.profile.id} 在这里没有任何点位。请核对 --table、--start 和寄存器个数，或消息内容。`,
    en: `Profile ${loaded.profile.id} has no point in there. Check --table, --start and the number of registers, or the message.`,
  });
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

function show(profile: Profile, decoded: Decoded, output: Output): void {
  const points = decoded.readings.map((reading) => {
    const unit = profile.points[reading.point]?.unit ?? '1';
    const { point, value, quality, reason, deviceAt, historical } = reading;
    const dated = { ...(deviceAt === undefined ? {} : { deviceAt }), ...(historical ? { historical } : {}) };
    return { point, value, unit, quality, ...(reason ? { reason } : {}), ...dated };
  });
  const rows = points.map(({ point, value, unit, quality, reason, deviceAt, historical }) => {
    const name = profile.points[point]?.name;
    return [
      point,
      name ? textIn(name, output.language) : '',
      value === null ? '—' : `${String(value)} ${units[unit].symbol}`.trim(),
      reason ? `${quality} (${reason})` : quality,
      // What the device had kept is about then and not about now.
      historical && deviceAt !== undefined ? new Date(deviceAt).toISOString() : '',
    ];
  });
  const events = decoded.events.map(({ type, code, serial, data, deviceAt }) => ({ type, code, serial, data, deviceAt }));
  const eventLines = events.map(
    (event) => `→ ${event.type}${event.code ? ` (${event.code})` : ''} ${JSON.stringify(event.data ?? {})}`,
  );
  const left = decoded.left ? { unread: decoded.left.code } : {};
  const leftLines = decoded.left ? [`! ${output.say(decoded.left)}`] : [];
  const lines = [...table(rows), ...eventLines, ...leftLines];
  output.result({ schema: 'yihu.decode/1', profile: profile.id, points, events, ...left }, lines);
}
