/** A frame that stands whole in what was heard, and the offset behind it. */
export interface Standing<F> {
  readonly frame: F;
  readonly end: number;
}

/**
 * The whole frames in what was heard, in their order. Noise, fill bytes and cut-off frames between them are slid over; a
 * whole frame, an echo or another slave's, is skipped as one, so that nothing inside it is taken for a frame of its own.
 */
export function* framesIn<F>(
  heard: Uint8Array,
  frameAt: (heard: Uint8Array, offset: number) => Standing<F> | undefined,
): Generator<Standing<F>> {
  for (let offset = 0; offset < heard.length;) {
    const standing = frameAt(heard, offset);
    if (standing !== undefined) yield standing;
    offset = standing?.end ?? offset + 1;
  }
}

/** Where the frames stand, each with the fill bytes in front of it. */
export function spansOf<F>(
  bytes: Uint8Array,
  frameAt: (bytes: Uint8Array, offset: number) => Standing<F> | undefined,
  fill?: number,
): { at: number; end: number }[] {
  const spans: { at: number; end: number }[] = [];
  let free = 0;
  for (let offset = 0; offset < bytes.length;) {
    const standing = frameAt(bytes, offset);
    if (standing === undefined) {
      offset += 1;
      continue;
    }
    const head = bytes.subarray(free, offset);
    const noise = fill === undefined ? head.length : head.findLastIndex((byte) => byte !== fill) + 1;
    spans.push({ at: free + noise, end: standing.end });
    free = offset = standing.end;
  }
  return spans;
}

/** 校验和 CS of the meter protocols: the sum of the bytes from `from` up to `to`, modulo 256. */
export function sum8(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

/** `68 0A FF`: bytes as people write them. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** `68`: one byte as people write it. */
export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** Bytes from low to high, as meters send numbers, in the digits people read: `78 56 34 12` → `12345678`. */
export function digitsOf(lowFirst: Uint8Array): string {
  return hexOf(lowFirst.toReversed()).replaceAll(' ', '');
}

/** The other way round; `digits` is hex of an even length. */
export function lowFirst(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)).toReversed();
}

/** Bytes of their own: what a line has heard stands in memory that the next answer is written to. */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(from, to));
}
