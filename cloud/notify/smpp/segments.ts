/** How a text travels in short messages (3GPP TS 23.038, 23.040 §9.2.3.24). */
export interface Segment {
  /** SMPP 3.4 §5.2.19: 0 the network's own 7-bit letters, 8 UCS-2. */
  readonly dataCoding: 0 | 8;
  /** User data header of a part of several; undefined for a message of one. */
  readonly udh: Buffer | undefined;
  readonly bytes: Buffer;
}

/** Plain Latin letters, digits and signs that stand at the same place in ASCII and in the GSM alphabet. */
const latin = /^[A-Za-z0-9 \r\n!"#%&'()*+,\-./:;<=>?]*$/;
const whole = { 0: 160, 8: 70 } as const;
const part = { 0: 153, 8: 67 } as const;
const mostParts = 10;

/** The parts of `text`; `reference` (0…255) says which belong together. What does not fit into ten parts is cut with an ellipsis. */
export function segmentsOf(text: string, reference: number): Segment[] {
  const dataCoding = latin.test(text) ? 0 : 8;
  const parts = text.length <= whole[dataCoding] ? [text] : split(text, part[dataCoding]);
  return parts.map((piece, index) => ({
    dataCoding,
    udh: parts.length === 1 ? undefined : Buffer.from([5, 0, 3, reference & 0xff, parts.length, index + 1]),
    bytes: dataCoding === 0 ? Buffer.from(piece, 'ascii') : Buffer.from(piece, 'utf16le').swap16(),
  }));
}

/** Pieces of at most `size` UTF-16 units, none of them ending in half a character. */
function split(text: string, size: number): string[] {
  const most = size * mostParts;
  const kept = text.length <= most ? text : `${text.slice(0, most - mostParts - 1)}…`;
  const pieces: string[] = [];
  for (let at = 0; at < kept.length;) {
    const end = isHighSurrogate(kept.charCodeAt(at + size - 1)) ? at + size - 1 : at + size;
    pieces.push(kept.slice(at, end));
    at = end;
  }
  return pieces;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
