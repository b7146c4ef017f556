import { planLimits } from '@yihu/device-profiles/vocabulary/floor-plan.ts';

/** What a picture says of itself, read from its bytes and never from its name. */
export interface PictureFacts {
  readonly type: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
}

export type PictureProblem = 'not-a-picture' | 'too-many-pixels';

/**
 * Takes a PNG or a JPEG apart to its end: begun, built and ended as one, with nothing behind it, and of a size a browser can
 * draw. SVG is refused with everything else that is no picture of pixels: it may hold script (decision 124).
 */
export function pictureFacts(bytes: Buffer): PictureFacts | PictureProblem {
  const facts = pngFacts(bytes) ?? jpegFacts(bytes);
  if (facts === null || facts.width === 0 || facts.height === 0) return 'not-a-picture';
  const { width, height } = facts;
  const tooLarge = Math.max(width, height) > planLimits.pictureSide || width * height > planLimits.picturePixels;
  return tooLarge ? 'too-many-pixels' : facts;
}

const pngBegin = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Length, type and checksum around a chunk's own bytes (PNG §5.3). */
const chunkFrame = 12;

function pngFacts(bytes: Buffer): PictureFacts | null {
  if (!bytes.subarray(0, pngBegin.length).equals(pngBegin) || bytes.length < 57) return null;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  let at = pngBegin.length;
  let hasPixels = false;
  while (at + chunkFrame <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    at += chunkFrame + bytes.readUInt32BE(at);
    if (type === 'IDAT') hasPixels = true;
    if (type === 'IEND') {
      const whole = at === bytes.length && hasPixels;
      return whole ? { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : null;
    }
  }
  return null;
}

/** Frames that hold the size (ITU-T T.81 table B.1): SOF0 to SOF15 without DHT, JPG and DAC between them. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const startOfScan = 0xda;

function jpegFacts(bytes: Buffer): PictureFacts | null {
  if (bytes.length < 100 || bytes.readUInt16BE(0) !== 0xff_d8) return null;
  if (bytes.readUInt16BE(bytes.length - 2) !== 0xff_d9) return null;
  let size: { width: number; height: number } | null = null;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === startOfScan) return size === null ? null : { type: 'image/jpeg', ...size };
    if (isFrame(marker) && at + 9 <= bytes.length)
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
