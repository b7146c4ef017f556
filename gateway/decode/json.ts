/** Deeper JSON is refused before it is parsed. */
export const maxPayloadDepth = 32;

/** The value of a JSON text, `undefined` where it is none. Integers past 2^53 are big integers. Not for text that is nested too deep. */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: /\d{16}/.test(text) ? (JSON.parse(text, keepDigits) as unknown) : (JSON.parse(text) as unknown) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Integers past 2^53 become big integers from their own digits (JSON.parse source text access), not the nearest double. */
function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  const isLarge = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{1,64}$/.test(source);
  return isLarge ? BigInt(source) : value;
}

/** True where brackets outside of strings nest deeper than `most`. */
export function isJsonDeeper(text: string, most: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > most) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
