import { gb26875Of } from '@yihu/device-profiles/protocols/gb26875.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { saidBy } from './bodies.ts';
import { spansOf } from '../listening/splitter.ts';
import { wholeFrame } from '../listening/whole-frame.ts';
import { downloads } from './edition-2011.ts';
import { explainObjects } from './explain.ts';
import { readObjects, type Unread } from './objects.ts';
import { framing, type Packet } from './packet.ts';
import { timeText } from './time.ts';

/** Of the country whose standard it is; a profile may say another. */
const zone = '+08:00';

export const codecs: readonly Codec[] = [{ name: 'gb26875', find: (bytes) => spansOf(framing, bytes), explain, frames }];

function explain(bytes: Uint8Array): Explained {
  const whole = wholeFrame(framing, bytes, refusals);
  if ('refused' in whole) return whole;
  const packet = whole.frame;
  return { fields: [...controlUnit(packet), ...applicationData(packet), ...tail(packet)] };
}

/** Only what the profile reads: a panel's profile and its parts' profiles each take their own channels of a frame. */
function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const whole = wholeFrame(framing, bytes, refusals);
  if ('refused' in whole) return whole;
  const said = saidBy(whole.frame, gb26875Of(profile).zone).map(({ body }) => body);
  return { bodies: said.filter((body) => body.kind === 'alive' || Object.hasOwn(profile.decode, body.channel)) };
}

function controlUnit(packet: Packet): CodecField[] {
  const { serial, version, time, source, destination, command, data } = packet;
  const sent = timeText(time, zone);
  return [
    { name: '启动符', value: '40 40' },
    { name: '业务流水号', value: hex(packet.bytes.subarray(2, 4)), zh: `流水号 ${serial}`, en: `serial ${serial}` },
    { name: '协议版本号', value: `${version.major}.${version.minor}`, ...versionWords(version.major) },
    { name: '时间标签', value: hex(time), zh: `发送于 ${sent ?? '（无效时间）'}`, en: `sent ${sent ?? '(no valid time)'}` },
    { name: '源地址', value: source, zh: '发送方', en: 'from' },
    { name: '目的地址', value: destination, zh: '接收方', en: 'to' },
    { name: '数据长度', value: String(data.length), zh: `应用数据 ${data.length} 字节`, en: `${data.length} bytes of data` },
    { name: '命令', value: String(command), ...(commandNames[command] ?? { zh: '标准未定义', en: 'not in the standard' }) },
  ];
}

function versionWords(major: number): { zh: string; en: string } {
  return major === 1
    ? { zh: 'GB/T 26875.3-2011', en: 'GB/T 26875.3-2011' }
    : { zh: '未知版本，应用数据不解析', en: 'unknown version, the data is not read' };
}

const commandNames: Readonly<Record<number, { zh: string; en: string }>> = {
  1: { zh: '控制命令', en: 'control' },
  2: { zh: '发送数据', en: 'send data' },
  3: { zh: '确认', en: 'confirm' },
  4: { zh: '请求', en: 'request' },
  5: { zh: '应答', en: 'response' },
  6: { zh: '否认', en: 'deny' },
};

function applicationData(packet: Packet): CodecField[] {
  const objects = readObjects(packet, zone);
  if (objects === null) return [];
  if ('unread' in objects) return unreadData(packet, objects.unread);
  return explainObjects(objects, zone);
}

function unreadData({ data }: Packet, why: Unread): CodecField[] {
  const type = data[0] as number;
  const asked = Object.values(downloads).find((each) => each.type === type);
  const words: { zh: string; en: string } = asked ? asked.name : unreadWords[why];
  return [
    { name: '类型标志', value: String(type), ...words },
    { name: '应用数据', value: hex(data) },
  ];
}

const unreadWords: Readonly<Record<Unread, { zh: string; en: string }>> = {
  edition: { zh: '此版本的数据格式未知', en: 'the layout of this version is not known' },
  type: { zh: '不是上行数据，或为厂家自定义', en: "not an upload, or the maker's own" },
  length: { zh: '信息对象与数据长度不符', en: 'objects and length do not come out even' },
};

function tail({ bytes }: Packet): CodecField[] {
  return [
    { name: '校验和', value: hex(bytes.subarray(-3, -2)), zh: '正确', en: 'right' },
    { name: '结束符', value: '23 23' },
  ];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
}

const refusals: Readonly<Record<string, Refused['refused']>> = {
  tail: {
    code: 'tail',
    zh: '结束符不是 23 23；请检查是否少抄了字节。',
    en: 'The frame does not end in 23 23; check for missing bytes.',
  },
  checksum: {
    code: 'checksum',
    zh: '校验和不符；这一帧在传输中损坏或抄错。',
    en: 'The checksum is wrong; the frame was damaged or copied wrongly.',
  },
  short: { code: 'too-short', zh: '帧不完整：末尾少了字节。', en: 'The frame is not whole: bytes are missing at its end.' },
  none: {
    code: 'no-frame',
    zh: '不是 GB/T 26875.3 的帧（应以 40 40 开头）。',
    en: 'This is no GB/T 26875.3 frame (it begins with 40 40).',
  },
  more: {
    code: 'more-bytes',
    zh: '帧的前后还有多余的字节；请一次只给一帧。',
    en: 'There are bytes before or behind the frame; give one frame at a time.',
  },
};
