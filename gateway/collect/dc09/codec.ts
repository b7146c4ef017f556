import { dc09Of } from '@yihu/device-profiles/protocols/dc09.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused, Span } from '../codec.ts';
import { textFrame } from '../listening/text-frame.ts';
import { wholeFrame } from '../listening/whole-frame.ts';
import { saidBy } from './bodies.ts';
import { codeName, contactId } from './contact-id.ts';
import { framing, type Message, timeText } from './message.ts';

export const codecs: readonly Codec[] = [{ name: 'dc09', isText: true, find, explain, frames }];

/** Each frame says how long it is; what begins and ends it may be lost where it was copied. */
function find(bytes: Uint8Array): Span[] {
  const text = Buffer.from(bytes).toString('latin1');
  const spans: Span[] = [];
  for (const { 0: head, 1: length = '', index } of text.matchAll(/[0-9A-Fa-f]{4}0([0-9A-Fa-f]{3})(?=")/g)) {
    const end = index + head.length + Number.parseInt(length, 16);
    const isFree = index >= (spans.at(-1)?.end ?? 0);
    if (isFree && 'frame' in whole(bytes.subarray(index, end))) spans.push({ at: index, end });
  }
  return spans;
}

/** LF and CR are lost when a message is copied as text: they are put back. */
function whole(bytes: Uint8Array): ReturnType<typeof wholeFrame<Message>> {
  return wholeFrame(framing, textFrame(bytes, '\n', '\r'), refusals);
}

function explain(bytes: Uint8Array): Explained {
  const opened = whole(bytes);
  if ('refused' in opened) return opened;
  const { crc, body, id, isEncrypted, seq, receiver, prefix, account, data, extended, time } = opened.frame;
  return {
    fields: [
      { name: 'crc', value: crc, zh: 'CRC-16 正确', en: 'CRC-16 is right' },
      {
        name: 'length',
        value: `0${body.length.toString(16).toUpperCase().padStart(3, '0')}`,
        zh: `${body.length} 字节`,
        en: `${body.length} bytes`,
      },
      { name: 'id', value: isEncrypted ? `*${id}` : id, ...idWords(id, isEncrypted) },
      { name: 'seq', value: seq, zh: '序号，应答须相同', en: 'sequence number, the same in the answer' },
      ...(receiver === '' ? [] : [{ name: 'Rrcvr', value: receiver, zh: '接收机号', en: 'receiver number' }]),
      ...(prefix === '' ? [] : [{ name: 'Lpref', value: prefix, zh: '账号前缀', en: 'account prefix' }]),
      { name: '#acct', value: account, zh: '账号', en: 'account' },
      ...dataFields(id, data),
      ...extended.map((each): CodecField => ({ name: 'xdata', value: each, zh: '扩展数据', en: 'extended data' })),
      ...(time === '' ? [] : [{ name: 'timestamp', value: time, ...timeWords(time) }]),
    ],
  };
}

const ids: Readonly<Record<string, { zh: string; en: string }>> = {
  NULL: { zh: '心跳', en: 'link test' },
  ACK: { zh: '已收妥', en: 'acknowledged' },
  NAK: { zh: '未能读取，请重发', en: 'not read, send again' },
  DUH: { zh: '收到但不能处理', en: 'received and not understood' },
  'ADM-CID': { zh: 'Contact ID 事件', en: 'Contact ID event' },
  'HENG-BO': { zh: 'Contact ID 事件（恒博扩展）', en: 'Contact ID event (HENG-BO)' },
  'SIA-DCS': { zh: 'SIA DC-03 事件，本网关只保存原文', en: 'SIA DC-03 event, kept as it is' },
};

function idWords(id: string, isEncrypted: boolean): { zh: string; en: string } {
  if (isEncrypted)
    return {
      zh: '已加密（AES），本网关不解密；请在主机上关闭加密',
      en: 'encrypted (AES), not opened by this gateway; switch encryption off',
    };
  return ids[id] ?? { zh: '本网关不认识的类型，只保存原文', en: 'not known to this gateway, kept as it is' };
}

function dataFields(id: string, data: string): CodecField[] {
  if (data === '') return [{ name: 'data', value: '[]', zh: '无内容', en: 'empty' }];
  const event = id === 'ADM-CID' || id === 'HENG-BO' ? contactId(data) : null;
  if (event === null) return [{ name: 'data', value: data }];
  const name = codeName(event.code);
  const how = {
    '1': { zh: '发生', en: 'new event or opening' },
    '3': { zh: '恢复', en: 'restore or closing' },
    '6': { zh: '仍然如此', en: 'still so' },
  }[event.qualifier];
  return [
    { name: 'data', value: data },
    { name: 'qualifier', value: event.qualifier, ...how },
    { name: 'event', value: event.code, zh: name.zh, en: name.en ?? name.zh },
    { name: 'group', value: event.group, zh: '子系统', en: 'group or partition' },
    { name: 'zone', value: String(event.number), zh: '防区或用户号，0 为主机', en: 'zone or user, 0 is the host' },
  ];
}

function timeWords(time: string): { zh: string; en: string } {
  const at = timeText(time, '');
  return at === undefined ? { zh: '不是有效时间', en: 'no valid time' } : { zh: `主机时间 ${at}`, en: `host's time ${at}` };
}

function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const opened = whole(bytes);
  if ('refused' in opened) return opened;
  const said = saidBy(opened.frame, dc09Of(profile).zone);
  if (said === null) return { refused: encrypted };
  const { body } = said;
  return { bodies: body.kind === 'alive' || Object.hasOwn(profile.decode, body.channel) ? [body] : [] };
}

const encrypted: Refused['refused'] = {
  code: 'encrypted',
  zh: '报文已加密（AES），本网关不解密；请在主机上关闭加密。',
  en: 'The message is encrypted (AES) and is not opened; switch encryption off on the host.',
};

const refusals: Readonly<Record<string, Refused['refused']>> = {
  crc: { code: 'crc', zh: 'CRC 不符；报文损坏或抄错。', en: 'The CRC is wrong; the message was damaged or copied wrongly.' },
  length: {
    code: 'length',
    zh: '长度与内容不符；报文不完整或抄错。',
    en: 'The length does not fit; the message is not whole or was copied wrongly.',
  },
  head: {
    code: 'head',
    zh: '开头应为 4 位 CRC 和 4 位长度，然后是 "类型"。',
    en: 'It must begin with four digits of CRC, four of length and the "id".',
  },
  body: { code: 'body', zh: '内容不符合 DC-09 的格式。', en: 'The content is not built as DC-09 says.' },
  'cut-short': { code: 'cut-short', zh: '报文没有结束就开始了另一条。', en: 'Another message begins before this one ends.' },
  short: { code: 'too-short', zh: '报文不完整。', en: 'The message is not whole.' },
  none: { code: 'no-frame', zh: '不是 DC-09 报文。', en: 'This is no DC-09 message.' },
  more: {
    code: 'more-bytes',
    zh: '报文前后还有多余的内容；请一次只给一条。',
    en: 'There is more before or behind the message; give one at a time.',
  },
};
