import { copyOf, digitsOf, lowFirst, type Standing, sum8 } from '../line/framing.ts';

/** CJ/T 188-2004, 帧格式: 68 T A0…A6 C L DATA CS 16; nothing is added to the data. */
export interface Cjt188Frame {
  /** T; `AA` asks whichever it is. */
  readonly meterType: number;
  /** 14 digits as printed, high byte first: A6 A5 are the maker's; `AA` stands for any two digits. */
  readonly address: string;
  /** C: D7 from the meter, D6 refused, D5–D0 the function. */
  readonly control: number;
  readonly data: Uint8Array;
}

export const start = 0x68;
export const end = 0x16;
export const fill = 0xfe;
/** Bytes of a frame without data. */
export const emptyLength = 13;
export const anyType = 0xaa;

export const fromMeter = 0x80;
export const isRefusal = 0x40;

/** Functions (CJ/T 188-2004, 控制码). */
export const functions = { read: 0x01, readAddress: 0x03, write: 0x04 } as const;

/** `preamble`: how many FE go in front. */
export function encodeFrame({ meterType, address, control, data }: Cjt188Frame, preamble = 0): Uint8Array {
  const bytes = new Uint8Array(preamble + emptyLength + data.length).fill(fill, 0, preamble);
  bytes.set([start, meterType], preamble);
  bytes.set(lowFirst(address), preamble + 2);
  bytes.set([control, data.length], preamble + 9);
  bytes.set(data, preamble + 11);
  bytes[bytes.length - 2] = sum8(bytes, preamble, bytes.length - 2);
  bytes[bytes.length - 1] = end;
  return bytes;
}

/** The frame that begins at `at`, if all of it is there and right. */
export function frameAt(bytes: Uint8Array, at: number): Standing<Cjt188Frame> | undefined {
  if (bytes[at] !== start) return undefined;
  const length = bytes[at + 10];
  if (length === undefined) return undefined;
  const sumAt = at + 11 + length;
  if (bytes[sumAt + 1] !== end || bytes[sumAt] !== sum8(bytes, at, sumAt)) return undefined;
  const frame = {
    meterType: bytes[at + 1] as number,
    address: digitsOf(bytes.subarray(at + 2, at + 9)),
    control: bytes[at + 9] as number,
    data: copyOf(bytes, at + 11, sumAt),
  };
  return { frame, end: sumAt + 2 };
}

/** Whether a meter's answer comes from one that was asked for. */
export function isAddressed(asked: { meterType: number; address: string }, answered: Cjt188Frame): boolean {
  const pairs = asked.address.match(/../g) ?? [];
  const isType = asked.meterType === anyType || asked.meterType === answered.meterType;
  return isType && pairs.every((pair, at) => pair === 'AA' || pair === answered.address.slice(at * 2, at * 2 + 2));
}
