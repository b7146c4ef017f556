import { dlt645Of } from '@yihu/device-profiles/protocols/dlt645.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { digitsOf, hexByte, hexOf, spansOf, sum8 } from '../line/framing.ts';
import { fromMeter, isRefusal, itemsOf, moreFollows, saysOf } from './answer.ts';
import { errorOf } from './errors.ts';
import { type Dlt645Frame, emptyLength, end, everybody, fill, frameAt, functions, hasWildcard, start } from './frame.ts';
import { nameOf, shownValue } from './identifiers.ts';

export const codecs: readonly Codec[] = [{ name: 'dlt645', find: (bytes) => spansOf(bytes, frameAt, fill), explain, frames }];

interface Opened {
  readonly frame: Dlt645Frame;
  readonly preamble: number;
}

/** One whole frame and nothing else, FE in front allowed. */
function open(bytes: Uint8Array): Opened | Refused {
  const at = bytes.findIndex((byte) => byte !== fill);
  if (at < 0) return refuse('no-frame', '只有前导字节 FE，没有帧。', 'Only fill bytes FE, no frame.');
  if (bytes[at] !== start || (bytes.length > at + 7 && bytes[at + 7] !== start))
    return refuse('no-start', '缺少起始符 68（第 1 和第 8 个字节）。', 'The start 68 is missing (bytes 1 and 8).');
  if (bytes.length < at + emptyLength) return refuse('too-short', '帧不完整：少于 12 个字节。', 'Cut off: fewer than 12 bytes.');
  const length = bytes[at + 9] as number;
  if (bytes.length !== at + emptyLength + length) return wrongLength(bytes.length - at - emptyLength, length);
  const sum = sum8(bytes, at, bytes.length - 2);
  if (bytes.at(-2) !== sum) {
    const [is, should] = [hexByte(bytes.at(-2) as number), hexByte(sum)];
    return refuse('wrong-checksum', `校验码是 ${is}，应为 ${should}。`, `The checksum is ${is}, it should be ${should}.`);
  }
  if (bytes.at(-1) !== end) return refuse('no-end', '缺少结束符 16。', 'The end 16 is missing.');
  const standing = frameAt(bytes, at);
  return standing === undefined
    ? refuse('no-frame', '这不是 DL/T 645 帧。', 'This is no DL/T 645 frame.')
    : { frame: standing.frame, preamble: at };
}

function wrongLength(is: number, said: number): Refused {
  return refuse('wrong-length', `数据有 ${is} 个字节，L 说是 ${said}。`, `There are ${is} data bytes, L says ${said}.`);
}

function refuse(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}

function explain(bytes: Uint8Array): Explained {
  const opened = open(bytes);
  if ('refused' in opened) return opened;
  const { frame, preamble } = opened;
  const { address, control, data } = frame;
  const checksum = hexByte(bytes.at(-2) as number);
  return {
    fields: [
      ...(preamble === 0 ? [] : [{ name: 'FE', value: hexOf(bytes.subarray(0, preamble)), zh: '前导字节', en: 'fill' }]),
      { name: 'A0…A5', value: hexOf(bytes.subarray(preamble + 1, preamble + 7)), ...addressText(address) },
      { name: 'C', value: hexByte(control), ...controlText(control) },
      { name: 'L', value: hexByte(data.length), zh: `数据 ${data.length} 字节`, en: `${data.length} data bytes` },
      ...dataFields(frame),
      { name: 'CS', value: checksum, zh: '校验码正确', en: 'checksum right' },
    ],
  };
}

function addressText(address: string): { zh: string; en: string } {
  if (address === everybody) return { zh: '广播地址，无人应答', en: 'broadcast, nobody answers' };
  if (hasWildcard(address)) return { zh: `地址 ${address}，AA 为通配`, en: `address ${address}, AA is a wildcard` };
  return { zh: `表地址 ${address}`, en: `meter address ${address}` };
}

const functionNames: Readonly<Record<number, { zh: string; en: string }>> = {
  [functions.read]: { zh: '读数据', en: 'read data' },
  [functions.readMore]: { zh: '读后续数据', en: 'read more data' },
  [functions.readAddress]: { zh: '读通信地址', en: 'read the address' },
  0x14: { zh: '写数据', en: 'write data' },
  0x15: { zh: '写通信地址', en: 'write the address' },
  [functions.broadcastTime]: { zh: '广播校时', en: 'broadcast time' },
  0x16: { zh: '冻结', en: 'freeze' },
  0x17: { zh: '更改通信速率', en: 'change the baud rate' },
  0x18: { zh: '修改密码', en: 'change the password' },
  0x19: { zh: '最大需量清零', en: 'reset the maximum demand' },
  0x1a: { zh: '电表清零', en: 'reset the meter' },
  0x1b: { zh: '事件清零', en: 'reset the events' },
  [functions.control]: { zh: '跳合闸、报警、保电', en: 'relay, alarm, supply protection' },
  [functions.read1997]: { zh: '读数据（1997）', en: 'read data (1997)' },
  [functions.readMore1997]: { zh: '读后续数据（1997）', en: 'read more data (1997)' },
};

/** Commands that carry a password (DL/T 645-2007: writing, resets, 跳合闸). */
const withPassword = new Set<number>([0x14, 0x18, 0x19, 0x1a, 0x1b, functions.control]);

function controlText(control: number): { zh: string; en: string } {
  const fn = functionNames[control & 0x1f] ?? { zh: '未知功能', en: 'unknown function' };
  const parts =
    (control & fromMeter) === 0
      ? [{ zh: '主站命令', en: 'question' }]
      : [
          { zh: '电表应答', en: 'answer' },
          ...((control & isRefusal) === 0 ? [] : [{ zh: '异常', en: 'refused' }]),
          ...((control & moreFollows) === 0 ? [] : [{ zh: '有后续帧', en: 'more follows' }]),
        ];
  const all = [...parts, fn];
  return { zh: all.map(({ zh }) => zh).join('，'), en: all.map(({ en }) => en).join(', ') };
}

function dataFields(frame: Dlt645Frame): CodecField[] {
  const { control, data } = frame;
  if (data.length === 0) return [];
  const says = saysOf(frame);
  if (says?.kind === 'refused') {
    const { zh, en } = errorOf(says.word);
    return [{ name: 'ERR', value: hexByte(says.word), zh, en }];
  }
  if (says?.kind === 'data') return identified(says.identifier, says.bytes, says.function === functions.readMore);
  const fn = control & 0x1f;
  const isRead = says === undefined && (fn === functions.read || fn === functions.readMore || fn === functions.read1997);
  if (isRead) return questionFields(data);
  if (says === undefined && withPassword.has(fn))
    return [{ name: 'DATA', value: '…', zh: '含密码，不显示', en: 'holds a password, not shown' }];
  if (fn === functions.readAddress && says !== undefined && data.length === 6)
    return [{ name: 'DATA', value: hexOf(data), zh: `通信地址 ${digitsOf(data)}`, en: `address ${digitsOf(data)}` }];
  return [rest(data)];
}

/** A question with two bytes is one of 1997, whatever its function says. */
function questionFields(data: Uint8Array): CodecField[] {
  const length = data.length < 4 ? 2 : 4;
  return identified(digitsOf(data.subarray(0, length)), data.subarray(length), false);
}

function identified(identifier: string, bytes: Uint8Array, isFollowUp: boolean): CodecField[] {
  const name = nameOf(identifier);
  const known =
    name === undefined ? { zh: '不在常用标识表里', en: 'not among the common identifiers' } : { zh: name.zh, en: name.en };
  const field: CodecField = { name: 'DI', value: identifier, ...known };
  const own = isFollowUp ? bytes.subarray(0, Math.max(0, bytes.length - 1)) : bytes;
  const sequence = isFollowUp ? bytes.at(-1) : undefined;
  const shown = name === undefined ? undefined : shownValue(name, own);
  const value: CodecField = {
    name: 'DATA',
    value: hexOf(own),
    ...(shown === undefined ? { zh: '已减 33H', en: '33h taken off' } : { zh: shown, en: shown }),
  };
  return [
    field,
    ...(own.length === 0 ? [] : [value]),
    ...(sequence === undefined ? [] : [{ name: 'SEQ', value: hexByte(sequence), zh: '帧序号', en: 'frame number' }]),
  ];
}

function rest(data: Uint8Array): CodecField {
  return { name: 'DATA', value: hexOf(data), zh: '已减 33H', en: '33h taken off' };
}

function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const opened = open(bytes);
  if ('refused' in opened) return opened;
  const transport = dlt645Of(profile);
  const says = saysOf(opened.frame, transport.version === '2007' ? 4 : 2);
  if (says === undefined || says.kind === 'done')
    return refuse('no-answer', '这不是读数据的应答帧。', 'This is no answer to a read.');
  if (says.kind === 'refused') {
    const { zh, en } = errorOf(says.word);
    return refuse('refused', `电表拒绝：${zh}。`, `The meter refused: ${en}.`);
  }
  const items = itemsOf(transport, says.identifier, says.bytes);
  return 'odd' in items ? refuse('odd-block', '数据块长度与档案不符。', items.odd) : { bodies: [{ kind: 'items', items }] };
}
