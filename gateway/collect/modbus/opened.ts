import type { CodecField, Refused } from '../codec.ts';
import { hexByte, hexOf } from '../line/framing.ts';
import { lrc } from './ascii.ts';
import { crc16 } from './crc.ts';

/** A frame as somebody pasted it, its checksum right: unit and PDU, and what stands around them. */
export interface Opened {
  readonly unit: number;
  readonly pdu: Buffer;
  readonly head: readonly CodecField[];
  readonly tail: readonly CodecField[];
}

export type Opening = { readonly frames: readonly Opened[] } | Refused;

export function refuse(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}

/** More than anybody pastes. */
const mostBytes = 65_536;
const tooLong = refuse(
  'too-long',
  `超过 ${mostBytes} 个字节，请只给几帧。`,
  `More than ${mostBytes} bytes; give some frames only.`,
);

const shortestRtu = 4;
const longestRtu = 256;

/** One RTU frame, or several that stand behind each other, as a line monitor shows a request and its answer. */
export function openRtu(given: Uint8Array): Opening {
  const bytes = Buffer.from(given);
  if (bytes.length > mostBytes) return tooLong;
  const frames: Opened[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = rtuEnd(bytes, at);
    if (end === undefined) return refuseRtu(bytes.subarray(at), frames.length);
    frames.push(rtuFrame(bytes.subarray(at, end)));
    at = end;
  }
  return frames.length === 0 ? refuse('too-short', '一个字节也没有。', 'There is not one byte.') : { frames };
}

/** Where the frame at `at` ends: the longest that has a right checksum, so that nothing inside it is taken for one. */
function rtuEnd(bytes: Buffer, at: number): number | undefined {
  let found: number | undefined;
  let sum = crc16(bytes, at, at + shortestRtu - 2);
  for (let end = at + shortestRtu; end <= Math.min(bytes.length, at + longestRtu); end += 1) {
    if (sum === bytes.readUInt16LE(end - 2)) found = end;
    sum = crc16(bytes, end - 2, end - 1, sum);
  }
  return found;
}

function rtuFrame(bytes: Buffer): Opened {
  return {
    unit: bytes[0] ?? 0,
    pdu: bytes.subarray(1, -2),
    head: [],
    tail: [{ name: 'CRC', value: hexOf(bytes.subarray(-2)), zh: '校验正确', en: 'checksum right' }],
  };
}

function refuseRtu(bytes: Buffer, before: number): Refused {
  const [zh, en] = before === 0 ? ['', ''] : [`第 ${before + 1} 帧：`, `Frame ${before + 1}: `];
  if (bytes.length < shortestRtu)
    return refuse(
      'too-short',
      `${zh}只有 ${bytes.length} 个字节，RTU 帧至少 4 个。`,
      `${en}${bytes.length} bytes; an RTU frame has 4 at least.`,
    );
  const said = hexOf(bytes.subarray(-2));
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc16(bytes, 0, bytes.length - 2));
  const count = misfit(bytes);
  return refuse(
    'wrong-crc',
    `${zh}CRC 是 ${said}，应为 ${hexOf(sum)}。${count.zh}`,
    `${en}The CRC is ${said}, it should be ${hexOf(sum)}.${count.en}`,
  );
}

/** A byte count that does not fit either, which tells a cut or a patched frame from a disturbed one. */
function misfit(bytes: Buffer): { zh: string; en: string } {
  const [fn = 0, said = 0] = [bytes[1], bytes[2]];
  const is = bytes.length - 5;
  if (fn < 1 || fn > 4 || said === is || bytes.length === 8) return { zh: '', en: '' };
  return { zh: `字节数写的是 ${said}，后面有 ${is} 个。`, en: ` The byte count says ${said}, and ${is} follow.` };
}

const mbapLength = 7;

/** One Modbus TCP frame, or several. */
export function openTcp(given: Uint8Array): Opening {
  const bytes = Buffer.from(given);
  if (bytes.length > mostBytes) return tooLong;
  const frames: Opened[] = [];
  for (let at = 0; at < bytes.length || frames.length === 0;) {
    const rest = bytes.subarray(at);
    if (rest.length < mbapLength + 1)
      return refuse(
        'too-short',
        `MBAP 头和功能码要 8 个字节，这里只有 ${rest.length} 个。`,
        `Head and function take 8 bytes; there are ${rest.length}.`,
      );
    const [protocol, length] = [rest.readUInt16BE(2), rest.readUInt16BE(4)];
    if (protocol !== 0)
      return refuse(
        'wrong-protocol',
        `协议号是 ${protocol}，应为 0：这不是 Modbus TCP（可能是 RTU over TCP）。`,
        `The protocol id is ${protocol} and should be 0: this is not Modbus TCP, perhaps RTU over TCP.`,
      );
    if (length < 2 || length > 254 || rest.length < 6 + length)
      return refuse(
        'wrong-length',
        `长度写的是 ${length}，后面有 ${rest.length - 6} 个字节。`,
        `The length says ${length}, and ${rest.length - 6} bytes follow.`,
      );
    frames.push(tcpFrame(rest.subarray(0, 6 + length)));
    at += 6 + length;
  }
  return { frames };
}

function tcpFrame(bytes: Buffer): Opened {
  const length = bytes.readUInt16BE(4);
  return {
    unit: bytes[6] ?? 0,
    pdu: bytes.subarray(mbapLength),
    head: [
      {
        name: 'transaction',
        value: hexOf(bytes.subarray(0, 2)),
        zh: `事务号 ${bytes.readUInt16BE(0)}`,
        en: `transaction ${bytes.readUInt16BE(0)}`,
      },
      { name: 'protocol', value: hexOf(bytes.subarray(2, 4)), zh: 'Modbus', en: 'Modbus' },
      { name: 'length', value: hexOf(bytes.subarray(4, 6)), zh: `后面 ${length} 个字节`, en: `${length} bytes follow` },
    ],
    tail: [],
  };
}

/** One ASCII frame, or several; the end of the last line may be missing in what was pasted. */
export function openAscii(given: Uint8Array): Opening {
  if (given.length > mostBytes) return tooLong;
  const lines = Buffer.from(given).toString('latin1').split('\n');
  if (lines.at(-1)?.trim() === '') lines.pop();
  const frames: Opened[] = [];
  for (const line of lines) {
    const opened = asciiFrame(line.endsWith('\r') ? line.slice(0, -1) : line);
    if ('refused' in opened) return opened;
    frames.push(opened);
  }
  return frames.length === 0 ? refuse('too-short', '一个字符也没有。', 'There is not one character.') : { frames };
}

function asciiFrame(line: string): Opened | Refused {
  if (!line.startsWith(':')) return refuse('no-start', '缺少起始符“:”。', 'The start ":" is missing.');
  const hex = line.slice(1);
  const stranger = /[^0-9A-Fa-f]/.exec(hex)?.[0];
  if (stranger !== undefined) {
    const code = hexByte(stranger.charCodeAt(0));
    return refuse(
      'not-hex',
      `有不是十六进制的字符（${code}）：可能是数据位或校验位设错。`,
      `There is a character that is no hex digit (${code}): data bits or parity may be set wrong.`,
    );
  }
  if (hex.length % 2 === 1 || hex.length < 6)
    return refuse(
      'too-short',
      '字符数不对：每个字节两个，至少三个字节。',
      'Characters are missing: two for each byte, three bytes at least.',
    );
  const bytes = Buffer.from(hex, 'hex');
  const sum = lrc(bytes, 0, bytes.length - 1);
  const said = bytes.at(-1) ?? 0;
  if (said !== sum)
    return refuse(
      'wrong-lrc',
      `LRC 是 ${hexByte(said)}，应为 ${hexByte(sum)}。`,
      `The LRC is ${hexByte(said)}, it should be ${hexByte(sum)}.`,
    );
  return {
    unit: bytes[0] ?? 0,
    pdu: bytes.subarray(1, -1),
    head: [],
    tail: [{ name: 'LRC', value: hexByte(said), zh: '校验正确', en: 'checksum right' }],
  };
}
