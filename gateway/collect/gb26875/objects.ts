import type { Info, ObjectType } from './edition-2011.ts';
import { uploads } from './edition-2011.ts';
import type { Packet } from './packet.ts';

/**
 * What a version of the standard knows; a new edition is a new row. By the main version of the frame: the 2011 edition fixes
 * it at 1, and transmitters are about that write it as 0x10.
 */
const editions: Readonly<Record<number, Readonly<Record<number, ObjectType>>>> = { 0x01: uploads, 0x10: uploads };

/** The edition that is read whatever the version says, where the installer has said so. */
export type Edition = 'by-version' | '2011';

const timeBytesLength = 6;

/** One object as it stands in the data: for people, who want to see the bytes too. */
export interface Placed {
  readonly bytes: Buffer;
  readonly time: Buffer | null;
  readonly infos: readonly Info[];
}

export interface Objects {
  readonly type: number;
  readonly kind: ObjectType;
  readonly placed: readonly Placed[];
}

/** Why the application data cannot be read; the frame is kept as it came. */
export type Unread = 'edition' | 'type' | 'length';

/**
 * The objects of a frame's application data; null where it has none: registration, heartbeat, confirmation, and the handshake
 * of transmitters that send a single byte.
 */
export function readObjects(
  { data, version }: Packet,
  zone: string,
  as: Edition = 'by-version',
): Objects | { readonly unread: Unread } | null {
  if (data.length <= 1) return null;
  const edition = as === '2011' ? uploads : editions[version.major];
  if (!edition) return { unread: 'edition' };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const type = bytes[0] as number;
  const kind = edition[type];
  if (!kind) return { unread: 'type' };
  const placed = place(kind, bytes[1] as number, bytes.subarray(2), zone);
  return placed === null ? { unread: 'length' } : { type, kind, placed };
}

/** Objects and bytes must come out even, with a time behind each object or behind none: nothing is guessed. */
function place(kind: ObjectType, count: number, bytes: Buffer, zone: string): Placed[] | null {
  const timed = kind.timed ? walk(kind, count, bytes, timeBytesLength) : null;
  const spans = timed ?? walk(kind, count, bytes, 0);
  if (spans === null) return null;
  return spans.map(({ from, to }) => {
    const object = bytes.subarray(from, to);
    const time = timed === null ? null : bytes.subarray(to, to + timeBytesLength);
    return { bytes: object, time, infos: kind.read(object, time, zone) };
  });
}

function walk({ size }: ObjectType, count: number, bytes: Buffer, behind: number): { from: number; to: number }[] | null {
  const spans: { from: number; to: number }[] = [];
  let from = 0;
  for (let i = 0; i < count; i++) {
    const length = typeof size === 'number' ? size : size(bytes.subarray(from));
    if (length === null || from + length + behind > bytes.length) return null;
    spans.push({ from, to: from + length });
    from += length + behind;
  }
  return from === bytes.length ? spans : null;
}
