/** Sum of all bytes, modulo 256: the checksum of the meters' protocols. */
export function sumOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => (sum + byte) % 256, 0);
}

/** The bytes behind the FE that wake a meter. */
export function withoutFill(question: Uint8Array): number[] {
  const at = question.findIndex((byte) => byte !== 0xfe);
  return at < 0 ? [] : [...question.subarray(at)];
}

/** Hex digits as bytes, the last pair first. */
export function reversed(digits: string): number[] {
  return (digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16)).reverse();
}

/** Bytes as hex digits, the last byte first. */
export function printed(bytes: readonly number[]): string {
  return bytes
    .toReversed()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

/** Whether bytes, the last one first, are the digits asked for; `AA` is any two. */
export function isAsked(bytes: readonly number[], own: string): boolean {
  const asked = printed(bytes).match(/../g) ?? [];
  return asked.length * 2 === own.length && asked.every((pair, at) => pair === 'AA' || pair === own.slice(at * 2, at * 2 + 2));
}

/**
 * A meter's frame with another byte in it and a sum that fits. `from`: where the sum begins, behind the wake-up bytes; the
 * byte `at` is counted from there. The sum is the last byte but one.
 */
export function resummed(frame: Uint8Array, from: number, at: number): Uint8Array {
  const copy = Uint8Array.from(frame);
  const start = copy.findIndex((byte) => byte !== 0xfe) + from;
  copy[start + at] = ((copy[start + at] ?? 0) + 1) % 256;
  copy[copy.length - 2] = sumOf([...copy.subarray(start, -2)]);
  return copy;
}
