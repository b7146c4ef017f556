import { limits } from './limits.ts';

const [SOI, EOI, SOS] = [0xd8, 0xd9, 0xda];
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;
/** Markers without a body (ITU-T T.81 table B.1). */
const isAlone = (marker: number) => marker === 0x01 || marker === EOI || isRestart(marker);
/** SOF0–SOF15 without DHT, JPG and DAC: the frame header, which says how large the picture is. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** JFIF, and Adobe's word on colours, without which some pictures turn green. All other notes are left out. */
const isWanted = (marker: number) => marker === 0xe0 || marker === 0xee;
const isNote = (marker: number) => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

export interface Jpeg {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/**
 * The picture without what cameras write beside it: places, owners' names, recognised faces and plates stand in
 * application and comment segments (ITU-T T.81 §B.2.4), or behind the end. Undefined where it is no JPEG, or breaks off.
 * Pure; no bytes make it throw.
 */
export function plainJpeg(given: Uint8Array): Jpeg | undefined {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xff00 + SOI) return undefined;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  let size: { width: number; height: number } | undefined;
  let hasScan = false;
  let at = 2;
  for (let nth = 0; nth < limits.segments; nth++) {
    const segment = segmentAt(bytes, at);
    if (segment === undefined) return undefined;
    if (!isNote(segment.marker) || isWanted(segment.marker)) kept.push(bytes.subarray(at, segment.end));
    if (segment.marker === EOI) return hasScan && size !== undefined ? { bytes: Buffer.concat(kept), ...size } : undefined;
    if (isFrame(segment.marker)) size = sizeIn(segment.body) ?? size;
    hasScan ||= segment.marker === SOS;
    at = segment.end;
  }
  return undefined;
}

interface Segment {
  readonly marker: number;
  readonly body: Buffer;
  /** Behind it, and behind the picture's own data where it begins a scan. */
  readonly end: number;
}

function segmentAt(bytes: Buffer, start: number): Segment | undefined {
  let at = start;
  if (bytes[at] !== 0xff) return undefined;
  // Any number of fill bytes may stand in front of a marker (§B.1.1.2).
  while (bytes[at + 1] === 0xff) at++;
  const marker = bytes[at + 1];
  if (marker === undefined || marker === 0 || marker === SOI) return undefined;
  if (isAlone(marker)) return { marker, body: bytes.subarray(at + 2, at + 2), end: at + 2 };
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  const end = at + 2 + length;
  if (length < 2 || end > bytes.length) return undefined;
  return { marker, body: bytes.subarray(at + 4, end), end: marker === SOS ? scanEnd(bytes, end) : end };
}

/** In a scan every 0xff of the data is followed by a zero; what else follows one is the next marker (§B.1.1.5). */
function scanEnd(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 2)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && !isRestart(next)) return at;
  }
  return bytes.length;
}

function sizeIn(body: Buffer): { width: number; height: number } | undefined {
  if (body.length < 5) return undefined;
  const [height, width] = [body.readUInt16BE(1), body.readUInt16BE(3)];
  return height === 0 || width === 0 ? undefined : { width, height };
}
