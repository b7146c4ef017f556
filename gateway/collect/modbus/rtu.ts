import { crc16 } from './crc.ts';
import { answerLength, exceptionLength, putRequest, requestLength, takeAnswer } from './pdu.ts';
import type { Answer, Request } from './pdu.ts';

/** RTU framing (MODBUS over serial line 1.02, §2.5.1): unit, PDU, CRC. */
export function encodeRtu(request: Request): Buffer {
  const frame = Buffer.allocUnsafe(requestLength(request) + 3);
  frame[0] = request.unit;
  const end = putRequest(request, frame, 1);
  frame.writeUInt16LE(crc16(frame, 0, end), end);
  return frame;
}

/** Twice the longest frame (256 bytes) and an echo of ours: what is older cannot belong to the answer. */
const kept = 1024;

/**
 * Finds the one answer that fits the request in whatever the line carries: unit, function, byte count, length and CRC
 * must all fit, at any offset. Echo, noise and other slaves' frames are slid over.
 */
export class RtuReader {
  readonly #buffer = Buffer.alloc(kept);
  #end = 0;

  get held(): number {
    return this.#end;
  }

  clear(): void {
    this.#end = 0;
  }

  push(chunk: Uint8Array): void {
    const fresh = chunk.length > kept ? chunk.subarray(chunk.length - kept) : chunk;
    const overflow = this.#end + fresh.length - kept;
    if (overflow > 0) {
      this.#buffer.copyWithin(0, overflow, this.#end);
      this.#end -= overflow;
    }
    this.#buffer.set(fresh, this.#end);
    this.#end += fresh.length;
  }

  /** The answer to `request`, if it is there; `echo`: our own bytes, which are never an answer to themselves. */
  match(request: Request, echo?: Uint8Array): Answer | undefined {
    for (let at = 0; this.#end - at >= exceptionLength + 3; at += 1) {
      if (this.#buffer[at] !== request.unit) continue;
      if (echo && this.#isAt(at, echo)) continue;
      const answer = this.#answerAt(at, request);
      if (answer) {
        this.#buffer.copyWithin(0, at, this.#end);
        this.#end -= at;
        return answer;
      }
    }
    return undefined;
  }

  #isAt(at: number, bytes: Uint8Array): boolean {
    return this.#end - at >= bytes.length && this.#buffer.subarray(at, at + bytes.length).equals(bytes);
  }

  /** Do our own bytes stand at the front? An adapter without echo suppression hears itself. */
  startsWith(bytes: Uint8Array): boolean {
    return this.#isAt(0, bytes);
  }

  #answerAt(at: number, request: Request): Answer | undefined {
    const isException = this.#buffer[at + 1] === (request.fn | 0x80);
    const length = isException ? exceptionLength : answerLength(request);
    const crcAt = at + 1 + length;
    if (crcAt + 2 > this.#end) return undefined;
    const answer = takeAnswer(request, this.#buffer, at + 1, length);
    if (!answer) return undefined;
    return crc16(this.#buffer, at, crcAt) === this.#buffer.readUInt16LE(crcAt) ? answer : undefined;
  }
}
