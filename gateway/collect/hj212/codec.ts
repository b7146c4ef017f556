import { hj212Of } from '@yihu/device-profiles/protocols/hj212.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { spansOf } from '../listening/splitter.ts';
import { textFrame } from '../listening/text-frame.ts';
import { wholeFrame } from '../listening/whole-frame.ts';
import { saidBy } from './bodies.ts';
import { flagNames } from './parameters.ts';
import { flagOf, framing, keyAndValue, type Packet } from './segment.ts';
import { timeText } from './time.ts';

export const codecs: readonly Codec[] = [
  { name: 'hj212', isText: true, find: (bytes) => spansOf(framing, bytes), explain, frames },
];

function whole(bytes: Uint8Array): ReturnType<typeof wholeFrame<Packet>> {
  return wholeFrame(framing, textFrame(bytes, '', '\r\n'), refusals);
}

function explain(bytes: Uint8Array): Explained {
  const opened = whole(bytes);
  if ('refused' in opened) return opened;
  const { segment, crc, head, parameters } = opened.frame;
  return {
    fields: [
      {
        name: '数据段长度',
        value: String(segment.length).padStart(4, '0'),
        zh: `${segment.length} 字节`,
        en: `${segment.length} bytes`,
      },
      ...[...head].map(([key, value]) => headField(opened.frame, key, value)),
      ...parameters.split(/[;,]/).flatMap((pair) => (pair.trim() === '' ? [] : [parameterField(pair)])),
      { name: 'CRC', value: crc, zh: '正确', en: 'right' },
    ],
  };
}

const headNames: Readonly<Record<string, { zh: string; en: string }>> = {
  QN: { zh: '请求编码（时间，应答须相同）', en: 'request number (a time, the same in the answer)' },
  ST: { zh: '系统编码', en: 'kind of system' },
  CN: { zh: '命令编码', en: 'command' },
  PW: { zh: '访问密码', en: 'password' },
  MN: { zh: '设备唯一标识', en: 'station' },
  PNUM: { zh: '总包数', en: 'packets in all' },
  PNO: { zh: '包号', en: 'this packet' },
};

const commandNames: Readonly<Record<string, { zh: string; en: string }>> = {
  '1012': { zh: '设置现场机时间', en: 'set the clock' },
  '1013': { zh: '现场机时间校准请求', en: 'asks for the time' },
  '1062': { zh: '设置实时数据间隔', en: 'set the interval of real-time data' },
  '2011': { zh: '实时数据', en: 'real-time data' },
  '2031': { zh: '日数据', en: 'daily data' },
  '2051': { zh: '分钟数据', en: 'minute data' },
  '2061': { zh: '小时数据', en: 'hourly data' },
  '9011': { zh: '请求应答', en: 'answer to a request' },
  '9012': { zh: '执行结果', en: 'result of a request' },
  '9013': { zh: '通知应答', en: 'answer to a notice' },
  '9014': { zh: '数据应答', en: 'answer to data' },
};

function headField(packet: Packet, key: string, value: string): CodecField {
  if (key === 'CN')
    return {
      name: key,
      value,
      ...(commandNames[value] ?? { zh: '本网关不解析的命令', en: 'a command this gateway does not read' }),
    };
  if (key === 'Flag') return { name: key, value, ...flagWords(packet) };
  return { name: key, value, ...headNames[key] };
}

function flagWords(packet: Packet): { zh: string; en: string } {
  const { version, isPart, wantsAnswer } = flagOf(packet);
  const edition = version === 0 ? 'HJ/T 212-2005' : version === 1 ? 'HJ 212-2017' : `V=${version}`;
  return {
    zh: `${edition}，${isPart ? '拆分包，' : ''}${wantsAnswer ? '需要应答' : '不需要应答'}`,
    en: `${edition}, ${isPart ? 'one of several packets, ' : ''}${wantsAnswer ? 'to be answered' : 'not to be answered'}`,
  };
}

function parameterField(pair: string): CodecField {
  const [name, value] = keyAndValue(pair);
  if (name.endsWith('-Flag'))
    return { name, value, ...(flagNames[value] ?? { zh: '标准未定义的标记', en: 'a mark that is not in the standard' }) };
  const at = name.endsWith('Time') ? timeText(value, '') : undefined;
  return { name, value, ...(at === undefined ? {} : { zh: at, en: at }) };
}

function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const opened = whole(bytes);
  if ('refused' in opened) return opened;
  const { body } = saidBy(opened.frame, hj212Of(profile).zone);
  return { bodies: body.kind === 'alive' || Object.hasOwn(profile.decode, body.channel) ? [body] : [] };
}

const refusals: Readonly<Record<string, Refused['refused']>> = {
  crc: { code: 'crc', zh: 'CRC 不符；报文损坏或抄错。', en: 'The CRC is wrong; the packet was damaged or copied wrongly.' },
  length: {
    code: 'length',
    zh: '数据段长度与内容不符；报文不完整或抄错。',
    en: 'The length does not fit; the packet is not whole or was copied wrongly.',
  },
  segment: { code: 'segment', zh: '数据段里没有 CP=&&…&&。', en: 'There is no CP=&&…&& in the segment.' },
  short: { code: 'too-short', zh: '报文不完整。', en: 'The packet is not whole.' },
  none: {
    code: 'no-frame',
    zh: '不是 HJ 212 报文（应以 ## 和 4 位长度开头）。',
    en: 'This is no HJ 212 packet (it begins with ## and four digits).',
  },
  more: {
    code: 'more-bytes',
    zh: '报文前后还有多余的内容；请一次只给一条。',
    en: 'There is more before or behind the packet; give one at a time.',
  },
};
