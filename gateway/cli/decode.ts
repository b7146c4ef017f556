import { readFileSync } from 'node:fs';
import { loadProfile } from '@yihu/device-profiles/library/load.ts';
import type { Frame, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import { tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Encoding, Order, type Profile, WireType } from '@yihu/device-profiles/vocabulary/profile.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { compile, type Decoded } from '../decode/decode.ts';
import { decodeWords } from '../decode/value.ts';
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
    .option('--round <places>', '小数位 / decimal places', parseNumber)
    .option('--profile <file>', '设备档案 / device profile')
    .addOption(new Option('--table <table>', 'Modbus').choices([...tables]))
    .option('--start <address>', '起始地址，如 0x2000 / first address', parseNumber)
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
    return output.fail(exit.problem, { zh, en }, { reason: code });
  }
  output.result({ value: decoded.value }, [String(decoded.value)]);
}

async function decodeWithProfile(options: DecodeOptions, file: string, output: Output): Promise<void> {
  const loaded = await loadProfile(file);
  if ('problems' in loaded) {
    const [first] = loaded.problems;
    return output.fail(
      exit.problem,
      {
        zh: `档案有 ${loaded.problems.length} 个问题，第一个：${first?.zh ?? ''} 运行：yihu-gateway profile check ${file}`,
        en: `The profile has ${loaded.problems.length} problems, the first: ${first?.en ?? ''} Run: yihu-gateway profile check ${file}`,
      },
      { problems: loaded.problems },
    );
  }
  const frame = frameOf(options, loaded.profile, output);
  if (!frame) return;
  const decoded = compile(loaded.profile).decode(frame);
  if (decoded.refused) return output.fail(exit.problem, decoded.refused, { reason: decoded.refused.code });
  show(loaded.profile, decoded, output);
}

function frameOf(options: DecodeOptions, profile: Profile, output: Output): Frame | null {
  const at = systemClock.now();
  const device = 'decode';
  if (options.words && options.start !== undefined) {
    const table = options.table ?? profile.defaults.table ?? 'holding';
    if (table === 'coil' || table === 'discrete')
      return { device, at, body: { kind: 'bits', table, start: options.start, bits: options.words.map((word) => word !== 0) } };
    return { device, at, body: { kind: 'registers', table, start: options.start, words: options.words } };
  }
  if (options.payload === undefined) {
    output.fail(exit.usage, {
      zh: '需要 --start 和 --words，或者 --topic 和 --payload。',
      en: 'Needs --start and --words, or --topic and --payload.',
    });
    return null;
  }
  const payload = options.payload.startsWith('@') ? readFileSync(options.payload.slice(1)) : Buffer.from(options.payload);
  const channel = options.channel ?? channelOf(profile, options.topic ?? '');
  if (channel !== null) return { device, at, body: { kind: 'message', channel, topic: options.topic ?? '', payload } };
  output.fail(exit.problem, {
    zh: `主题 ${options.topic ?? ''} 不属于档案 ${profile.id} 的任何通道。`,
    en: `Topic ${options.topic ?? ''} fits no channel of profile ${profile.id}.`,
  });
  return null;
}

/** The channel whose filter the topic fits, `{identity}` and `+` standing for one level each. */
function channelOf(profile: Profile, topic: string): string | null {
  if (profile.transport.protocol !== 'mqtt') return Object.keys(profile.decode)[0] ?? null;
  const levels = topic.split('/');
  for (const [channel, { filter }] of Object.entries(profile.transport.topics)) {
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
    const { point, value, quality, reason } = reading;
    return { point, value, unit, quality, ...(reason ? { reason } : {}) };
  });
  const rows = points.map(({ point, value, unit, quality, reason }) => {
    const name = profile.points[point]?.name;
    return [
      point,
      name ? textIn(name, output.language) : '',
      `${String(value)} ${units[unit].symbol}`.trim(),
      reason ? `${quality} (${reason})` : quality,
    ];
  });
  const events = decoded.events.map(({ type, code, serial, data, deviceAt }) => ({ type, code, serial, data, deviceAt }));
  const eventLines = events.map(
    (event) => `→ ${event.type}${event.code ? ` (${event.code})` : ''} ${JSON.stringify(event.data ?? {})}`,
  );
  output.result({ profile: profile.id, points, events }, [...table(rows), ...eventLines]);
}

function parseWords(text: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => {
      if (!/^(0x)?[0-9a-f]{1,4}$/i.test(part))
        throw new InvalidArgumentError(`${part}: 不是 16 位十六进制寄存器 / not a 16-bit register in hex`);
      return Number.parseInt(part.replace(/^0x/i, ''), 16);
    });
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`${text}: 不是数字 / not a number`);
  return value;
}
