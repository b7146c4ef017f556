import type { Ask } from '../line/dialect.ts';
import { crc16 } from './crc.ts';
import { exceptionName } from './exceptions.ts';
import { type Answer, answerLength, exceptionLength, isWrite, lengthAt, putRequest, requestLength, takeAnswer } from './pdu.ts';
import type { Request } from './pdu.ts';
import { narrow, shapeOf, widen } from './widen.ts';

/** RTU framing (MODBUS over serial line 1.02, §2.5.1): unit, PDU, CRC. */
export function encodeRtu(request: Request): Buffer {
  const frame = Buffer.allocUnsafe(requestLength(request) + 3);
  frame[0] = request.unit;
  const end = putRequest(request, frame, 1);
  frame.writeUInt16LE(crc16(frame, 0, end), end);
  return frame;
}

/**
 * The one answer that fits the request in whatever the line carries: unit, function, byte count, length and CRC must all
 * fit, at any offset. Noise and other slaves' frames are slid over.
 */
export function findRtu(request: Request, heard: Uint8Array): { answer: Answer; end: number } | undefined {
  const buffer = Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength);
  for (let at = 0; buffer.length - at >= exceptionLength + 3; at += 1) {
    if (buffer[at] !== request.unit) continue;
    const length = lengthAt(request, buffer, at + 1, buffer.length - 2);
    if (length === undefined) continue;
    const crcAt = at + 1 + length;
    if (crcAt + 2 > buffer.length) continue;
    const answer = takeAnswer(request, buffer, at + 1, length);
    if (answer && crc16(buffer, at, crcAt) === buffer.readUInt16LE(crcAt)) return { answer, end: crcAt + 2 };
  }
  return undefined;
}

/** A request as an RS-485 line is asked it. */
export function rtuAsk(request: Request): Ask<Answer> {
  return framed(request, { encode: encodeRtu, find: findRtu, length: (pdu) => pdu + 3 });
}

export interface Framing {
  readonly encode: (request: Request) => Buffer;
  readonly find: (request: Request, heard: Uint8Array) => { answer: Answer; end: number } | undefined;
  /** Characters on the line of a PDU of so many bytes. */
  readonly length: (pduBytes: number) => number;
}

/** The same request in any framing. */
export function framed(request: Request, framing: Framing): Ask<Answer> {
  const longest = framing.length(answerLength(request));
  return {
    send: framing.encode(request),
    slave: `modbus:${request.unit}`,
    longestAnswer: longest,
    ...(request.fn === 43 && { usualAnswer: framing.length(60) }),
    isBroadcast: request.unit === 0 && isWrite(request),
    mayRepeatItself: request.fn === 5 || request.fn === 6 || request.fn === 22,
    shape: shapeOf(request),
    match: (heard) => told(framing.find(request, heard)),
    vary: (step) => varied(request, step, framing),
  };
}

function told(found: { answer: Answer; end: number } | undefined): ReturnType<Ask<Answer>['match']> {
  if (found?.answer.kind !== 'exception') return found;
  const { code } = found.answer;
  return { ...found, isRefusal: true, says: `exception ${code} (${exceptionName(code)})` };
}

/** A wider read, whose answer has another length; the wanted part of its answer is handed on. */
function varied(request: Request, step: number, framing: Framing): Ask<Answer> | undefined {
  const wide = widen(request, step);
  if (wide === undefined) return undefined;
  const ask = framed(wide.request, framing);
  return {
    ...ask,
    match: (heard) => {
      const found = ask.match(heard);
      return found && { ...found, answer: narrow(found.answer, wide.skip, wide.count) };
    },
  };
}
