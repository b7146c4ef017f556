import type { Cut, Framing } from '../listening/splitter.ts';

/** GB/T 26875.3-2011: `@@`, control unit (25 bytes), application data, sum, `##`. All numbers low byte first. */
export interface Packet {
  /** 业务流水号: the same in a frame, its retransmissions and its confirmation. */
  readonly serial: number;
  /** 协议版本号: main version, user version. */
  readonly version: { readonly major: number; readonly minor: number };
  /** When it was sent: s, min, h, day, month, year − 2000. */
  readonly time: Uint8Array;
  /** 源地址, 目的地址: 12 hex digits, most significant byte first. */
  readonly source: string;
  readonly destination: string;
  readonly command: number;
  readonly data: Uint8Array;
  /** All of it. */
  readonly bytes: Uint8Array;
}

/** Offsets of the control unit; the standard bounds the application data to 1,024 bytes. */
const lengthAt = 24;
const dataAt = 27;
const tailBytes = 3;
const maxDataBytes = 1024;
const start = 0x40;
const end = 0x23;

export const commands = {
  control: 1,
  send: 2,
  confirm: 3,
  request: 4,
  response: 5,
  deny: 6,
} as const;

export const framing: Framing<Packet> = { maxFrameBytes: dataAt + maxDataBytes + tailBytes, cut };

function cut(bytes: Buffer): Cut<Packet> {
  const from = bytes.indexOf(start);
  if (from !== 0) return { skip: from === -1 ? bytes.length : from };
  if (bytes.length === 1) return { need: true };
  if (bytes[1] !== start) return { skip: 1 };
  if (bytes.length < lengthAt + 2) return { need: true };
  const length = bytes.readUInt16LE(lengthAt);
  if (length > maxDataBytes) return { skip: 1 };
  const total = dataAt + length + tailBytes;
  if (bytes.length < total) return { need: true };
  if (bytes[total - 2] !== end || bytes[total - 1] !== end) return { skip: 1, why: 'tail' };
  if (sumOf(bytes, total - tailBytes) !== bytes[total - tailBytes]) return { skip: 1, why: 'checksum' };
  return { take: total, frame: open(Buffer.from(bytes.subarray(0, total)), length) };
}

/** 校验和: the sum of the control unit and the application data, without the carry. */
function sumOf(bytes: Buffer, to: number): number {
  let sum = 0;
  for (let i = 2; i < to; i++) sum += bytes[i] as number;
  return sum & 0xff;
}

function open(bytes: Buffer, length: number): Packet {
  return {
    serial: bytes.readUInt16LE(2),
    version: { major: bytes[4] as number, minor: bytes[5] as number },
    time: bytes.subarray(6, 12),
    source: addressText(bytes.subarray(12, 18)),
    destination: addressText(bytes.subarray(18, 24)),
    command: bytes[26] as number,
    data: bytes.subarray(dataAt, dataAt + length),
    bytes,
  };
}

function addressText(bytes: Buffer): string {
  return Buffer.from(bytes).reverse().toString('hex');
}

/** A whole frame; its sum is made here. `time` as six bytes, addresses as in `Packet`. */
export function encode(packet: Omit<Packet, 'bytes'>): Buffer {
  const { serial, version, time, source, destination, command, data } = packet;
  const bytes = Buffer.alloc(dataAt + data.length + tailBytes);
  bytes.writeUInt16LE(0x4040, 0);
  bytes.writeUInt16LE(serial, 2);
  bytes.set([version.major, version.minor, ...time], 4);
  bytes.set(Buffer.from(source, 'hex').reverse(), 12);
  bytes.set(Buffer.from(destination, 'hex').reverse(), 18);
  bytes.writeUInt16LE(data.length, lengthAt);
  bytes[26] = command;
  bytes.set(data, dataAt);
  bytes[bytes.length - tailBytes] = sumOf(bytes, bytes.length - tailBytes);
  bytes.writeUInt16LE(0x2323, bytes.length - 2);
  return bytes;
}

/** What the gateway sends back: the same serial and version, the addresses swapped, no data. */
export function reply(to: Packet, command: typeof commands.confirm | typeof commands.deny, time: Uint8Array): Buffer {
  const { serial, version, source, destination } = to;
  return encode({ serial, version, time, source: destination, destination: source, command, data: new Uint8Array() });
}
