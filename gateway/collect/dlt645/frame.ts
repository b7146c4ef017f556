import { copyOf, digitsOf, lowFirst, type Standing, sum8 } from '../line/framing.ts';

/** DL/T 645-2007, 帧格式: 68 A0…A5 68 C L DATA CS 16, every data byte sent with 33h added. */
export interface Dlt645Frame {
  /** 12 digits as printed on the meter, high byte first; `AA` stands for any two digits. */
  readonly address: string;
  /** C: D7 from the meter, D6 refused, D5 more follows, D4–D0 the function. */
  readonly control: number;
  /** The data without the 33h, in the order of the wire. */
  readonly data: Uint8Array;
}

export const start = 0x68;
export const end = 0x16;
/** Sent before a frame to wake its receiver (DL/T 645-2007, 前导字节). */
export const fill = 0xfe;
const offset33 = 0x33;
/** Bytes of a frame without data. */
export const emptyLength = 12;
/** 广播地址 (DL/T 645-2007, 地址域): everybody listens and nobody answers. */
export const everybody = '999999999999';

/** Functions, D4–D0 of C (DL/T 645-2007, 控制码); 1997 has 1 and 2 for reading. */
export const functions = {
  broadcastTime: 0x08,
  read: 0x11,
  readMore: 0x12,
  readAddress: 0x13,
  control: 0x1c,
  read1997: 0x01,
  readMore1997: 0x02,
} as const;

/** `preamble`: how many FE go in front. */
export function encodeFrame({ address, control, data }: Dlt645Frame, preamble = 0): Uint8Array {
  const bytes = new Uint8Array(preamble + emptyLength + data.length).fill(fill, 0, preamble);
  bytes[preamble] = start;
  bytes.set(lowFirst(address), preamble + 1);
  bytes.set([start, control, data.length], preamble + 7);
  bytes.set(
    data.map((byte) => (byte + offset33) & 0xff),
    preamble + 10,
  );
  bytes[bytes.length - 2] = sum8(bytes, preamble, bytes.length - 2);
  bytes[bytes.length - 1] = end;
  return bytes;
}

/** The frame that begins at `at`, if all of it is there and right. */
export function frameAt(bytes: Uint8Array, at: number): Standing<Dlt645Frame> | undefined {
  if (bytes[at] !== start || bytes[at + 7] !== start) return undefined;
  const length = bytes[at + 9];
  if (length === undefined) return undefined;
  const sumAt = at + 10 + length;
  if (bytes[sumAt + 1] !== end || bytes[sumAt] !== sum8(bytes, at, sumAt)) return undefined;
  const frame = {
    address: digitsOf(bytes.subarray(at + 1, at + 7)),
    control: bytes[at + 8] as number,
    data: copyOf(bytes, at + 10, sumAt).map((byte) => (byte - offset33) & 0xff),
  };
  return { frame, end: sumAt + 2 };
}

/** Whether a meter's address is one that was asked for; an asked `AA` stands for any two digits (缩位寻址). */
export function isAddressed(asked: string, answered: string): boolean {
  return asked.match(/../g)?.every((pair, at) => pair === 'AA' || pair === answered.slice(at * 2, at * 2 + 2)) === true;
}

/** Where the address of the meter becomes known by its answer. */
export function hasWildcard(address: string): boolean {
  return address.includes('A');
}
