import { putRequest, requestLength } from './pdu.ts';
import type { Request } from './pdu.ts';

/** Modbus TCP framing (Modbus Messaging on TCP/IP Implementation Guide 1.0b, §3.1.3): id, protocol 0, length, unit, PDU. */

const headerLength = 7;
/** Unit and PDU: an exception is the shortest, 253 bytes of PDU the longest. */
const shortest = 3;
const longest = 254;

export function encodeTcp(id: number, request: Request): Buffer {
  const length = requestLength(request);
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame.writeUInt16BE(id, 0);
  frame.writeUInt16BE(0, 2);
  frame.writeUInt16BE(length + 1, 4);
  frame[6] = request.unit;
  putRequest(request, frame, headerLength);
  return frame;
}

/** Takes one frame: its id and where unit and PDU stand. Returns a reason when the frame proves the stream to be nonsense. */
export type TakeFrame = (id: number, unit: number, buffer: Buffer, pduAt: number, pduLength: number) => string | undefined;

/** As far as the protocol id: enough of the next head to tell it from the middle of an answer. */
const provenBytes = 4;

const nothing = Buffer.alloc(0);

/** Cuts a byte stream into frames. There is no way back from nonsense: the caller closes the connection. */
export class MbapReader {
  readonly #take: TakeFrame;
  #rest: Buffer = nothing;

  constructor(take: TakeFrame) {
    this.#take = take;
  }

  /** Bytes of a frame that has begun and not ended. */
  get partial(): number {
    return this.#rest.length;
  }

  clear(): void {
    this.#rest = nothing;
  }

  /**
   * Returns the reason when the bytes are not Modbus TCP. A whole chunk is checked before its first frame is handed on:
   * a truncated answer filled up with the head of the next one shows only by the nonsense that follows it. Where more
   * answers are awaited (`more`), a frame that came in pieces waits for the head behind it, for the same reason.
   */
  feed(chunk: Buffer, more = false): string | undefined {
    const inPieces = this.#rest.length > 0;
    const buffer = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const wrong = this.#check(buffer);
    if (wrong !== undefined) return wrong;
    let at = 0;
    while (buffer.length - at >= 6) {
      const length = buffer.readUInt16BE(at + 4);
      if (buffer.length - at < 6 + length) break;
      if (more && inPieces && at === 0 && buffer.length - 6 - length < provenBytes) break;
      const refused = this.#take(buffer.readUInt16BE(at), buffer[at + 6] ?? 0, buffer, at + headerLength, length - 1);
      if (refused !== undefined) return refused;
      at += 6 + length;
    }
    this.#rest = at === buffer.length ? nothing : Buffer.from(buffer.subarray(at));
    return undefined;
  }

  #check(buffer: Buffer): string | undefined {
    let at = 0;
    while (buffer.length - at >= 4) {
      const protocol = buffer.readUInt16BE(at + 2);
      if (protocol !== 0) return `protocol id ${protocol} instead of 0`;
      if (buffer.length - at < 6) return undefined;
      const length = buffer.readUInt16BE(at + 4);
      if (length < shortest || length > longest) return `length ${length} is not ${shortest}…${longest}`;
      at += 6 + length;
    }
    return undefined;
  }
}
