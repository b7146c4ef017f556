import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { hexByte, hexOf, spansOf, sum8 } from '../line/framing.ts';
import { acknowledgement, controls, frameAt, type MbusFrame, selectedAddress } from './frame.ts';
import type { DataRecord } from './records.ts';
import { fieldsOf, information, mediumOf, readTelegram, statusOf, type Telegram } from './telegram.ts';

export const codecs: readonly Codec[] = [{ name: 'mbus', find, explain, frames }];

type LongFrame = Extract<MbusFrame, { kind: 'long' }>;

/** An E5 that does not stand alone may be a byte of anything. */
function find(bytes: Uint8Array): { at: number; end: number }[] {
  const spans = spansOf(bytes, frameAt);
  return bytes.length === 1 ? spans : spans.filter(({ at, end }) => end - at > 1);
}

/** One whole frame and nothing else. */
function open(bytes: Uint8Array): MbusFrame | Refused {
  const standing = frameAt(bytes, 0);
  if (standing?.end === bytes.length) return standing.frame;
  const [first] = bytes;
  if (first === undefined) return refuse('no-frame', '没有字节。', 'There are no bytes.');
  if (standing !== undefined) return refuse('too-long', '帧后面还有多余的字节。', 'There are bytes behind the frame.');
  if (first === 0x10) return whyNotShort(bytes);
  if (first === 0x68) return whyNotLong(bytes);
  return refuse('no-start', '帧应以 E5、10 或 68 开头。', 'A frame begins with E5, 10 or 68.');
}

function whyNotShort(bytes: Uint8Array): Refused {
  if (bytes.length !== 5) return wrongLength(bytes.length, 5);
  return bytes[4] === 0x16 ? wrongSum(bytes[3] as number, sum8(bytes, 1, 3)) : noEnd;
}

function whyNotLong(bytes: Uint8Array): Refused {
  if (bytes.length < 9) return wrongLength(bytes.length, 9);
  const length = bytes[1] as number;
  if (length !== bytes[2]) return refuse('wrong-length', '两个长度字节 L 不相同。', 'The two lengths L differ.');
  if (bytes[3] !== 0x68) return refuse('no-start', '第 4 个字节应为 68。', 'The fourth byte should be 68.');
  if (length < 3) return refuse('wrong-length', '长度 L 至少是 3。', 'L is at least 3.');
  if (bytes.length !== length + 6) return wrongLength(bytes.length, length + 6);
  return bytes.at(-1) === 0x16 ? wrongSum(bytes.at(-2) as number, sum8(bytes, 4, bytes.length - 2)) : noEnd;
}

function refuse(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}

function wrongLength(is: number, should: number): Refused {
  return refuse('wrong-length', `帧有 ${is} 个字节，应为 ${should}。`, `The frame has ${is} bytes, it should have ${should}.`);
}

function wrongSum(is: number, should: number): Refused {
  const [own, right] = [hexByte(is), hexByte(should)];
  return refuse('wrong-checksum', `校验和是 ${own}，应为 ${right}。`, `The checksum is ${own}, it should be ${right}.`);
}

const noEnd = refuse('no-end', '缺少结束符 16。', 'The end 16 is missing.');

function explain(bytes: Uint8Array): Explained {
  const frame = open(bytes);
  if ('refused' in frame) return frame;
  if (frame.kind === 'ack')
    return { fields: [{ name: 'E5', value: hexByte(acknowledgement), zh: '确认', en: 'acknowledgement' }] };
  const head = [controlField(frame.control), addressField(frame.address)];
  if (frame.kind === 'short') return { fields: head };
  return { fields: [...head, informationField(frame.information), ...dataFields(frame)] };
}

function controlField(control: number): CodecField {
  const meanings: readonly (readonly [boolean, string, string])[] = [
    [control === controls.reset, 'SND_NKE，复位', 'SND_NKE, reset'],
    [(control & ~0x20) === controls.sendData, 'SND_UD，向从站发送数据', 'SND_UD, data for the slave'],
    [(control & ~0x20) === 0x5b, 'REQ_UD2，请求数据', 'REQ_UD2, request for data'],
    [(control & ~0x20) === 0x5a, 'REQ_UD1，请求告警', 'REQ_UD1, request for an alarm'],
    [(control & ~0x30) === controls.response, 'RSP_UD，从站应答', 'RSP_UD, answer'],
  ];
  const [, zh, en] = meanings.find(([is]) => is) ?? [true, '未知', 'unknown'];
  const bit = control & 0x40 && control & 0x10 ? `, FCB ${(control >> 5) & 1}` : '';
  return { name: 'C', value: hexByte(control), zh: `${zh}${bit}`, en: `${en}${bit}` };
}

function addressField(address: number): CodecField {
  const value = hexByte(address);
  if (address === selectedAddress) return { name: 'A', value, zh: '已选中的从站', en: 'the selected slave' };
  if (address === 0xfe) return { name: 'A', value, zh: '广播，都应答', en: 'broadcast, everybody answers' };
  if (address === 0xff) return { name: 'A', value, zh: '广播，都不应答', en: 'broadcast, nobody answers' };
  return { name: 'A', value, zh: `一次地址 ${address}`, en: `primary address ${address}` };
}

function informationField(ci: number): CodecField {
  const names: Readonly<Record<number, { zh: string; en: string }>> = {
    [information.variable]: { zh: '可变数据结构', en: 'variable data structure' },
    [information.fixed]: { zh: '固定数据结构', en: 'fixed data structure' },
    [information.noHeader]: { zh: '无表头的数据', en: 'data without a header' },
    [information.shortHeader]: { zh: '短表头的数据', en: 'data with a short header' },
    0x50: { zh: '应用层复位', en: 'application reset' },
    0x51: { zh: '发送数据', en: 'data for the slave' },
    0x52: { zh: '选择从站', en: 'selection of a slave' },
  };
  return { name: 'CI', value: hexByte(ci), ...(names[ci] ?? { zh: '未知', en: 'unknown' }) };
}

function dataFields(frame: LongFrame): CodecField[] {
  if ((frame.control & ~0x30) !== controls.response)
    return frame.data.length === 0 ? [] : [{ name: 'DATA', value: hexOf(frame.data) }];
  const telegram = readTelegram(frame);
  if ('unreadable' in telegram) {
    const { zh, en } = telegram.unreadable;
    return [{ name: 'DATA', value: hexOf(frame.data), zh, en }];
  }
  return [...headerFields(telegram), ...telegram.records.map(recordField), ...tailFields(telegram)];
}

function headerFields(telegram: Telegram): CodecField[] {
  const { id, manufacturer, version, access, status } = telegram;
  const medium = mediumOf(telegram);
  return [
    ...(id === '' ? [] : [{ name: 'ID', value: id, zh: `表号 ${id}`, en: `meter number ${id}` }]),
    ...(manufacturer === ''
      ? []
      : [{ name: 'MAN', value: manufacturer, zh: `制造商 ${manufacturer}`, en: `manufacturer ${manufacturer}` }]),
    ...(manufacturer === '' ? [] : [{ name: 'VER', value: hexByte(version), zh: `版本 ${version}`, en: `version ${version}` }]),
    ...(id === '' ? [] : [{ name: 'MED', value: hexByte(telegram.medium), zh: `介质 ${medium}`, en: `medium ${medium}` }]),
    { name: 'ACC', value: hexByte(access), zh: '访问号', en: 'access number' },
    { name: 'STS', value: hexByte(status), ...statusText(telegram) },
  ];
}

function statusText({ status, isFixed }: Telegram): { zh: string; en: string } {
  const { error, isPowerLow, isPermanent, isTemporary } = statusOf(status);
  const errors = {
    none: undefined,
    busy: { zh: '应用忙', en: 'busy' },
    error: { zh: '应用错误', en: 'error' },
    alarm: { zh: '异常或告警', en: 'abnormal or alarm' },
  };
  const said = [
    isFixed ? undefined : errors[error],
    isPowerLow ? { zh: '电量低', en: 'power low' } : undefined,
    isPermanent ? { zh: '永久错误', en: 'permanent error' } : undefined,
    isTemporary ? { zh: '临时错误', en: 'temporary error' } : undefined,
  ].filter((each) => each !== undefined);
  if (said.length === 0) return { zh: '正常', en: 'good' };
  return { zh: said.map(({ zh }) => zh).join('，'), en: said.map(({ en }) => en).join(', ') };
}

function recordField({ key, quantity, value, bytes }: DataRecord): CodecField {
  const shown = `${value === null ? '—' : value} ${quantity.unit ?? ''}`.trim();
  return { name: key, value: hexOf(bytes), zh: `${quantity.zh} ${shown}`, en: `${quantity.en} ${shown}` };
}

function tailFields({ own, hasMore, broken }: Telegram): CodecField[] {
  return [
    ...(own.length === 0 ? [] : [{ name: 'MDH', value: hexOf(own), zh: '厂家自定义', en: 'the maker’s own' }]),
    ...(hasMore ? [{ name: '1F', value: '1F', zh: '还有后续报文', en: 'more telegrams follow' }] : []),
    ...(broken === undefined
      ? []
      : [{ name: '!', value: '', zh: `其余无法解读：${broken}`, en: `the rest cannot be read: ${broken}` }]),
  ];
}

function frames(_: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const frame = open(bytes);
  if ('refused' in frame) return frame;
  if (frame.kind !== 'long' || (frame.control & ~0x30) !== controls.response)
    return refuse('no-answer', '这不是从站的应答。', 'This is no answer of a slave.');
  const telegram = readTelegram(frame);
  if ('unreadable' in telegram) return { refused: telegram.unreadable };
  return { bodies: [{ kind: 'fields', channel: 'data', fields: fieldsOf([telegram]) }] };
}
