import type { Ask } from '../line/dialect.ts';
import { type Answer, putRequest, type Request, requestLength, takeAnswer } from './pdu.ts';
import { framed } from './rtu.ts';

/** ASCII framing (MODBUS over serial line 1.02, §2.5.2): colon, unit, PDU and LRC in hex, CR LF. */
export function encodeAscii(request: Request): Buffer {
  const bytes = Buffer.allocUnsafe(requestLength(request) + 2);
  bytes[0] = request.unit;
  const end = putRequest(request, bytes, 1);
  bytes[end] = lrc(bytes, 0, end);
  return Buffer.from(`:${bytes.toString('hex').toUpperCase()}\r\n`, 'latin1');
}

/** §6.2.1: the two's complement of the sum of all bytes. */
export function lrc(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += bytes[i] ?? 0;
  return -sum & 0xff;
}

const colon = 0x3a;
const lineFeed = 0x0a;

/** The bytes of each frame in `heard`, from a colon to its CR LF: LRC not checked; and where it ends. */
function asciiFrames(heard: Uint8Array): { bytes: Buffer; end: number }[] {
  const text = Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength);
  const frames: { bytes: Buffer; end: number }[] = [];
  for (let at = text.indexOf(colon); at >= 0; at = text.indexOf(colon, at + 1)) {
    const end = text.indexOf(lineFeed, at);
    if (end < 0) break;
    // A colon begins a frame whatever came before it (§2.5.2.1).
    const isCut = text.subarray(at + 1, end).includes(colon);
    const hex = isCut ? '' : text.toString('latin1', at + 1, end - 1);
    if (text[end - 1] === 0x0d && /^([0-9A-Fa-f]{2}){3,}$/.test(hex))
      frames.push({ bytes: Buffer.from(hex, 'hex'), end: end + 1 });
  }
  return frames;
}

export function findAscii(request: Request, heard: Uint8Array): { answer: Answer; end: number } | undefined {
  for (const { bytes, end } of asciiFrames(heard)) {
    const sumAt = bytes.length - 1;
    if (bytes[0] !== request.unit || bytes[sumAt] !== lrc(bytes, 0, sumAt)) continue;
    const answer = takeAnswer(request, bytes, 1, sumAt - 1);
    if (answer) return { answer, end };
  }
  return undefined;
}

export function asciiAsk(request: Request): Ask<Answer> {
  // Colon, unit, PDU and LRC as two characters a byte, CR LF.
  return framed(request, { encode: encodeAscii, find: findAscii, length: (pdu) => 2 * (pdu + 2) + 3 });
}
