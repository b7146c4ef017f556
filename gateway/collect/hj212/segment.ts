import { crc16Hj212 } from '../listening/crc16.ts';
import type { Cut, Framing } from '../listening/splitter.ts';

/** 通讯包: `##`, length of the data segment in four digits, the segment, its CRC in four hex digits, CR LF. */
export interface Packet {
  /** The segment, one character a byte. */
  readonly segment: string;
  readonly crc: string;
  /** 请求编码 QN, 系统编码 ST, 命令编码 CN, 访问密码 PW, 设备标识 MN, Flag, PNUM, PNO; keys in the order they stand there. */
  readonly head: ReadonlyMap<string, string>;
  /** 指令参数 CP, without `&&`. */
  readonly parameters: string;
}

const headBytes = 6;
const crcBytes = 4;
/** The standard bounds the segment to 1,024 bytes; stations that send more are taken, within reason. */
const maxSegmentBytes = 4_096;
const hash = 0x23;

export const framing: Framing<Packet> = { maxFrameBytes: headBytes + maxSegmentBytes + crcBytes + 2, cut };

function cut(bytes: Buffer): Cut<Packet> {
  const from = bytes.indexOf(hash);
  if (from !== 0) return { skip: from === -1 ? bytes.length : from };
  if (bytes.length > 1 && bytes[1] !== hash) return { skip: 1 };
  const digits = bytes.subarray(2, headBytes).toString('latin1');
  if (!/^\d*$/.test(digits)) return { skip: 1 };
  if (bytes.length < headBytes) return { need: true };
  const length = Number(digits);
  if (length > maxSegmentBytes) return { skip: 1 };
  const end = headBytes + length + crcBytes;
  if (bytes.length < end) return { need: true };
  const crc = bytes.subarray(end - crcBytes, end).toString('latin1');
  if (!/^[0-9A-Fa-f]{4}$/.test(crc)) return { skip: 1, why: 'length' };
  const segment = bytes.subarray(headBytes, headBytes + length);
  if (crc16Hj212(segment) !== Number.parseInt(crc, 16)) return { skip: 1, why: 'crc' };
  const packet = open(segment.toString('latin1'), crc);
  // Stations that leave out CR LF, or one of them, are understood; where they come later they are noise.
  const tail = bytes[end] === 0x0d ? (bytes[end + 1] === 0x0a ? 2 : 1) : 0;
  return packet === null ? { skip: end, why: 'segment' } : { take: end + tail, frame: packet };
}

function open(segment: string, crc: string): Packet | null {
  const begin = segment.indexOf('CP=&&');
  const end = segment.lastIndexOf('&&');
  if (begin === -1 || end < begin + 5) return null;
  const head = new Map<string, string>();
  for (const pair of segment.slice(0, begin).split(';')) {
    const [key, value] = keyAndValue(pair);
    if (key !== '' && !head.has(key)) head.set(key, value);
  }
  return { segment, crc, head, parameters: segment.slice(begin + 5, end) };
}

/** `a=b` in two; what has no `=` is a key without a value. */
export function keyAndValue(pair: string): [key: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

/** A whole packet around a segment. */
export function encode(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'latin1');
  const crc = crc16Hj212(bytes).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.from(`##${String(bytes.length).padStart(4, '0')}${segment}${crc}\r\n`, 'latin1');
}

export interface Flag {
  /** A: the packet is to be answered. */
  readonly wantsAnswer: boolean;
  /** D: PNUM and PNO are there. */
  readonly isPart: boolean;
  /** V: 0 is HJ/T 212-2005, 1 is HJ 212-2017. */
  readonly version: number;
}

/** 拆分包及应答标志. Packets of 2005 may have none: they ask for nothing. */
export function flagOf({ head }: Packet): Flag {
  const text = head.get('Flag') ?? '';
  const flag = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return { wantsAnswer: (flag & 1) === 1, isPart: (flag & 2) === 2, version: flag >> 2 };
}

/** The segment as it may be shown: the station's password is nobody's business. */
export function withoutPassword(segment: string): string {
  return segment.replaceAll(/(^|[;&])PW=[^;&]*/g, '$1PW=***');
}
