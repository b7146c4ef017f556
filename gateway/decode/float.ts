/** Floats as the device shows them: 230.2 and not 230.1999969482422. Views over one scratch buffer, used within a call. */
const scratch = new DataView(new ArrayBuffer(8));
const smallestNormal32 = 2 ** -126;

/** IEEE 754 binary32 from two 16-bit words, most significant first. */
export function float32(high: number, low: number): number {
  scratch.setUint16(0, high);
  scratch.setUint16(2, low);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary64 from four 16-bit words, most significant first. */
export function float64(a: number, b: number, c: number, d: number): number {
  scratch.setUint16(0, a);
  scratch.setUint16(2, b);
  scratch.setUint16(4, c);
  scratch.setUint16(6, d);
  return scratch.getFloat64(0);
}

/** IEEE 754 binary16 from one word. */
export function float16(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const exponent = (word >> 10) & 0x1f;
  const fraction = word & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The shortest decimal that gives the same binary32 `value` back. */
export function shortest32(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return value;
  // A normal binary32 that has a form of fewer than six digits shows it in six, the rest being zeros.
  for (let digits = Math.abs(value) < smallestNormal32 ? 1 : 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value;
}

/**
 * The shortest decimal within one unit in the last place of the binary32 `value`: what the device's own display shows
 * where its arithmetic was off by the last bit (0x43663334 is 230.20001, the meter shows 230.2). For people only.
 */
export function displayed32(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const reach = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -126) - 23);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.abs(candidate - value) < reach) return candidate;
  }
  return shortest32(value);
}

/** The shortest decimal that gives the same binary16 `value` back. */
export function shortest16(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  // Below a power of two the neighbours stand half as far, so a quarter of the step is safe on both sides.
  const reach = 2 ** (exponent - 10) / (Math.abs(value) === 2 ** exponent ? 4 : 2);
  for (let digits = 1; digits < 8; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.abs(candidate - value) < reach) return candidate;
  }
  return value;
}
