import type { Cut, Framing } from '../listening/splitter.ts';

/** `DNY`, length (of all behind it), physical id, message id, command, data, sum; numbers low byte first. */
export interface Packet {
  /** 物理 ID: 8 hex digits, most significant byte first; the first two say what it is. */
  readonly id: string;
  /** 消息 ID: the same in a repetition and in an answer. */
  readonly message: number;
  readonly command: number;
  readonly data: Buffer;
  readonly bytes: Buffer;
}

/** What a connection carries: packets, and two things that the modem says by itself. */
export type Heard = { readonly packet: Packet } | { readonly modem: 'iccid' | 'link' };

const headBytes = 5;
/** Physical id, message id, command, sum. */
const leastLength = 9;
/** 每包最多 256 字节, but for those that carry firmware, which only go to a pile. */
const mostLength = 300;
const iccidBytes = 20;

export const framing: Framing<Heard> = { maxFrameBytes: headBytes + mostLength, cut };

function cut(bytes: Buffer): Cut<Heard> {
  const first = bytes[0] as number;
  if (first === 0x44) return cutPacket(bytes);
  if (first === 0x6c) return cutWord(bytes, /^link$/, 4, 'link');
  // 流量卡号 ICCID, said once after each connect: 20 digits that begin with 89, some of them hex. The last is a check digit or
  // the fill F (ITU-T E.118), and never the D of a packet that follows one that was cut short.
  if (first === 0x38) return cutWord(bytes, /^89[0-9A-Fa-f]{17}[0-9Ff]$/, iccidBytes, 'iccid');
  const next = bytes.findIndex((byte) => byte === 0x44 || byte === 0x6c || byte === 0x38);
  return { skip: next === -1 ? bytes.length : next };
}

function cutWord(bytes: Buffer, word: RegExp, length: number, modem: 'iccid' | 'link'): Cut<Heard> {
  const text = bytes.subarray(0, length).toString('latin1');
  if (text.length === length) return word.test(text) ? { take: length, frame: { modem } } : { skip: 1 };
  // As far as it has come: a beginning of `link` or of 89…, or something else.
  const begins = modem === 'link' ? 'link'.startsWith(text) : /^8(9[0-9A-Fa-f]*)?$/.test(text);
  return begins ? { need: true } : { skip: 1 };
}

function cutPacket(bytes: Buffer): Cut<Heard> {
  if (!'DNY'.startsWith(bytes.subarray(0, 3).toString('latin1'))) return { skip: 1 };
  if (bytes.length < headBytes) return { need: true };
  const length = bytes.readUInt16LE(3);
  if (length < leastLength || length > mostLength) return { skip: 1 };
  const total = headBytes + length;
  if (bytes.length < total) return { need: true };
  if (sumOf(bytes, total - 2) !== bytes.readUInt16LE(total - 2)) return { skip: 1, why: 'checksum' };
  const whole = Buffer.from(bytes.subarray(0, total));
  const packet: Packet = {
    id: whole.readUInt32LE(headBytes).toString(16).padStart(8, '0'),
    message: whole.readUInt16LE(9),
    command: whole[11] as number,
    data: whole.subarray(12, total - 2),
    bytes: whole,
  };
  return { take: total, frame: { packet } };
}

/** The sum of every byte before it, 16 bits. */
function sumOf(bytes: Buffer, to: number): number {
  let sum = 0;
  for (let i = 0; i < to; i++) sum += bytes[i] as number;
  return sum & 0xffff;
}

export function encode({ id, message, command, data }: Omit<Packet, 'bytes' | 'data'> & { readonly data: Uint8Array }): Buffer {
  const bytes = Buffer.alloc(headBytes + leastLength + data.length);
  bytes.write('DNY', 0, 'latin1');
  bytes.writeUInt16LE(leastLength + data.length, 3);
  bytes.writeUInt32LE(Number.parseInt(id, 16), headBytes);
  bytes.writeUInt16LE(message, 9);
  bytes[11] = command;
  bytes.set(data, 12);
  bytes.writeUInt16LE(sumOf(bytes, bytes.length - 2), bytes.length - 2);
  return bytes;
}
