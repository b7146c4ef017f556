import type { Span } from '../codec.ts';
import { lrc } from './ascii.ts';
import { crc16 } from './crc.ts';
import { identificationLength } from './identification.ts';

/** Frames among other bytes, as a line monitor shows them. A checksum alone is right by chance now and then, so a frame's length must be one that its function can have. */

const crcBytes = 2;
const longestPdu = 253;

/** Lengths that a PDU at `at` can have by its own account, a request's and an answer's (Modbus Application Protocol 1.1b3, §6 and §7). */
function pduLengths(bytes: Buffer, at: number): number[] {
  const fn = bytes[at] ?? 0;
  const [second = 0, sixth = 0] = [bytes[at + 1], bytes[at + 5]];
  if (fn > 0x80) return isKnown(fn & 0x7f) ? [2] : [];
  switch (fn) {
    case 1:
    case 2:
    case 3:
    case 4:
      return second > 0 ? [5, 2 + second] : [5];
    case 5:
    case 6:
      return [5];
    case 15:
    case 16:
      return sixth > 0 ? [6 + sixth, 5] : [5];
    case 22:
      return [7];
    case 23:
      return [10 + (bytes[at + 9] ?? 0), 2 + second];
    case 43:
      return [4, identificationLength(bytes, at, bytes.length) ?? 0];
    default:
      return [];
  }
}

function isKnown(fn: number): boolean {
  return (fn >= 1 && fn <= 6) || fn === 15 || fn === 16 || fn === 22 || fn === 23 || fn === 43;
}

/** The longest of the possible lengths whose CRC is right. */
export function findRtuFrames(given: Uint8Array): Span[] {
  const bytes = Buffer.from(given);
  return spans(bytes.length, (at) => {
    const ends = pduLengths(bytes, at + 1)
      .filter((length) => length > 1 && length <= longestPdu)
      .map((length) => at + 1 + length + crcBytes)
      .sort((a, b) => b - a);
    return ends.find((end) => end <= bytes.length && crc16(bytes, at, end - crcBytes) === bytes.readUInt16LE(end - crcBytes));
  });
}

const mbapBytes = 7;

/** There is no checksum: protocol 0, and a length that fits what the function says. */
export function findTcpFrames(given: Uint8Array): Span[] {
  const bytes = Buffer.from(given);
  return spans(bytes.length, (at) => {
    if (bytes.length - at < mbapBytes + 2 || bytes.readUInt16BE(at + 2) !== 0) return undefined;
    const length = bytes.readUInt16BE(at + 4) - 1;
    if (length > longestPdu || at + mbapBytes + length > bytes.length) return undefined;
    return pduLengths(bytes, at + mbapBytes).includes(length) ? at + mbapBytes + length : undefined;
  });
}

/** From a colon on as many pairs of digits as there are, the last of them a right LRC. */
export function findAsciiFrames(given: Uint8Array): Span[] {
  const text = Buffer.from(given).toString('latin1');
  return [...text.matchAll(/:((?:[0-9A-Fa-f]{2}){3,256})/g)].flatMap(({ 0: frame, 1: hex = '', index }) => {
    const bytes = Buffer.from(hex, 'hex');
    if (bytes.at(-1) !== lrc(bytes, 0, bytes.length - 1)) return [];
    return [{ at: index, end: index + frame.length }];
  });
}

function spans(length: number, endAt: (at: number) => number | undefined): Span[] {
  const found: Span[] = [];
  for (let at = 0; at < length;) {
    const end = endAt(at);
    if (end !== undefined) found.push({ at, end });
    at = end ?? at + 1;
  }
  return found;
}
