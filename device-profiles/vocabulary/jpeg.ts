/** Segments looked at in one picture; more than that is no camera's. */
const mostSegments = 1_024;

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
  /** Pixels, as they lie in the file: before they are turned. */
  readonly width: number;
  readonly height: number;
  /** How a camera held on its side wants it turned: 1 (not at all) to 8 (Exif 2.32 §4.6.4, Orientation). */
  readonly turn: number;
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
  let turn = 1;
  let hasScan = false;
  let at = 2;
  for (let nth = 0; nth < mostSegments; nth++) {
    const segment = segmentAt(bytes, at);
    if (segment === undefined) return undefined;
    if (!isNote(segment.marker) || isWanted(segment.marker)) kept.push(bytes.subarray(at, segment.end));
    if (segment.marker === EOI) return hasScan && size !== undefined ? { bytes: Buffer.concat(kept), ...size, turn } : undefined;
    if (isFrame(segment.marker)) size = sizeIn(segment.body) ?? size;
    if (segment.marker === 0xe1) turn = turnIn(segment.body) ?? turn;
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

const exif = Buffer.from('Exif\0\0', 'latin1');
const orientationTag = 0x0112;

/** The Orientation of an Exif segment, in its first directory (TIFF 6.0 §2); undefined where there is none that makes sense. */
function turnIn(body: Buffer): number | undefined {
  if (!body.subarray(0, exif.length).equals(exif)) return undefined;
  const tiff = body.subarray(exif.length);
  if (tiff.length < 8) return undefined;
  const isLittle = tiff.readUInt16BE(0) === 0x4949;
  const short = (at: number) => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const entries = Math.min(short(long), 64);
  for (let nth = 0; nth < entries; nth++) {
    const at = long + 2 + nth * 12;
    if (short(at) !== orientationTag) continue;
    const turn = short(at + 8);
    return turn >= 1 && turn <= 8 ? turn : undefined;
  }
  return undefined;
}

/** The picture with its turn, and nothing else, said in front: a segment made here, not the camera's. */
export function turnedJpeg({ bytes, turn }: Jpeg): Buffer {
  if (turn === 1) return bytes;
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(turn, 18);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(2 + exif.length + tiff.length, 2);
  return Buffer.concat([bytes.subarray(0, 2), head, exif, tiff, bytes.subarray(2)]);
}
