import { copyOf, type Standing, sum8 } from '../line/framing.ts';

/** EN 13757-2 (EN 60870-5-1, FT 1.2): E5 · 10 C A CS 16 · 68 L L 68 C A CI … CS 16. */
export type MbusFrame =
  | { readonly kind: 'ack' }
  | { readonly kind: 'short'; readonly control: number; readonly address: number }
  | {
      readonly kind: 'long';
      readonly control: number;
      readonly address: number;
      /** CI: what the data is. */
      readonly information: number;
      readonly data: Uint8Array;
    };

export const acknowledgement = 0xe5;
const shortStart = 0x10;
const longStart = 0x68;
const end = 0x16;

/** C field (EN 13757-2): FCB is bit 5, FCV bit 4. */
export const controls = {
  /** SND_NKE: begin anew. */
  reset: 0x40,
  /** SND_UD: data for the slave. */
  sendData: 0x53,
  /** REQ_UD2 with the frame count bit set, and not. */
  request: [0x7b, 0x5b],
  /** RSP_UD: D7–D6 are 0, ACD and DFC are bits 5 and 4. */
  response: 0x08,
} as const;

/** 选择后的从站地址 (EN 13757-3): whoever was selected by its secondary address. */
export const selectedAddress = 0xfd;

export function encodeShort(control: number, address: number): Uint8Array {
  return Uint8Array.of(shortStart, control, address, (control + address) & 0xff, end);
}

export function encodeLong(control: number, address: number, information: number, data: Uint8Array): Uint8Array {
  const length = data.length + 3;
  const bytes = new Uint8Array(length + 6);
  bytes.set([longStart, length, length, longStart, control, address, information]);
  bytes.set(data, 7);
  bytes[bytes.length - 2] = sum8(bytes, 4, bytes.length - 2);
  bytes[bytes.length - 1] = end;
  return bytes;
}

/** The frame that begins at `at`, if all of it is there and right. */
export function frameAt(bytes: Uint8Array, at: number): Standing<MbusFrame> | undefined {
  const first = bytes[at];
  if (first === acknowledgement) return { frame: { kind: 'ack' }, end: at + 1 };
  if (first === shortStart) return shortAt(bytes, at);
  return first === longStart ? longAt(bytes, at) : undefined;
}

function shortAt(bytes: Uint8Array, at: number): Standing<MbusFrame> | undefined {
  if (bytes[at + 4] !== end || bytes[at + 3] !== sum8(bytes, at + 1, at + 3)) return undefined;
  return { frame: { kind: 'short', control: bytes[at + 1] as number, address: bytes[at + 2] as number }, end: at + 5 };
}

function longAt(bytes: Uint8Array, at: number): Standing<MbusFrame> | undefined {
  const length = bytes[at + 1] ?? 0;
  if (!isLongHead(bytes, at) || length < 3) return undefined;
  const sumAt = at + 4 + length;
  if (bytes[sumAt + 1] !== end || bytes[sumAt] !== sum8(bytes, at + 4, sumAt)) return undefined;
  const frame = {
    kind: 'long' as const,
    control: bytes[at + 4] as number,
    address: bytes[at + 5] as number,
    information: bytes[at + 6] as number,
    data: copyOf(bytes, at + 7, sumAt),
  };
  return { frame, end: sumAt + 2 };
}

function isLongHead(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === longStart && bytes[at + 3] === longStart && bytes[at + 1] === bytes[at + 2];
}

/** Whether a frame may still be arriving at `at`: an E5 inside it is no acknowledgement. */
export function mayBecomeFrame(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === shortStart) return bytes.length < at + 5;
  if (bytes[at] !== longStart) return false;
  const [first, second, start] = [bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (start !== undefined && start !== longStart) return false;
  if (second !== undefined && second !== first) return false;
  return bytes.length < at + 6 + (first ?? 0xff);
}
