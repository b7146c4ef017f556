import { assertRequest, type Request, requestLength } from './pdu.ts';

/** The request that a PDU is, or nothing where it can be none: its length and counts must fit (Modbus Application Protocol 1.1b3, §6). */
export function requestIn(unit: number, pdu: Buffer): Request | undefined {
  const request = read(unit, pdu);
  if (request === undefined || requestLength(request) !== pdu.length) return undefined;
  try {
    assertRequest(request);
    return request;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(unit: number, pdu: Buffer): Request | undefined {
  const fn = pdu[0] ?? 0;
  if (fn === 43) return identify(unit, pdu);
  if (pdu.length < 5) return undefined;
  const [start, second] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
  switch (fn) {
    case 1:
    case 2:
    case 3:
    case 4:
      return { unit, fn, start, count: second };
    case 5:
      return second === 0 || second === 0xff00 ? { unit, fn, start, count: 1, values: [second === 0 ? 0 : 1] } : undefined;
    case 6:
      return { unit, fn, start, count: 1, values: [second] };
    case 15:
      return pdu[5] === pdu.length - 6 ? { unit, fn, start, count: second, values: bits(pdu, 6, second) } : undefined;
    case 16:
      return pdu[5] === pdu.length - 6 ? { unit, fn, start, count: second, values: words(pdu, 6) } : undefined;
    case 22:
      return pdu.length === 7 ? { unit, fn, start, and: second, or: pdu.readUInt16BE(5) } : undefined;
    case 23: {
      if (pdu.length < 12 || pdu[9] !== pdu.length - 10 || pdu.readUInt16BE(7) * 2 !== pdu[9]) return undefined;
      return { unit, fn, start, count: second, writeStart: pdu.readUInt16BE(5), values: words(pdu, 10) };
    }
    default:
      return undefined;
  }
}

function identify(unit: number, pdu: Buffer): Request | undefined {
  const [, mei, code, object = 0] = pdu;
  if (mei !== 14 || (code !== 1 && code !== 2 && code !== 3 && code !== 4)) return undefined;
  return { unit, fn: 43, code, object };
}

export function words(pdu: Buffer, from: number): number[] {
  return Array.from({ length: (pdu.length - from) >> 1 }, (_, i) => pdu.readUInt16BE(from + i * 2));
}

/** The lowest bit is the lowest address (§6.1). */
export function bits(pdu: Buffer, from: number, count: number): number[] {
  const most = Math.min(count, (pdu.length - from) * 8);
  return Array.from({ length: most }, (_, i) => ((pdu[from + (i >> 3)] ?? 0) >> (i & 7)) & 1);
}
