import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { limits } from './limits.ts';

/** JSON of a device. Undefined: not JSON, nested too deep, or of too many values. Integers past 2^53 become their digits. */
export function parseJson(text: string): Json | undefined {
  if (isTooMuch(text)) return undefined;
  try {
    return JSON.parse(text, keepDigits) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{16,64}$/.test(source) ? source : value;
}

/** Looked at before it is parsed: a parser is not stopped half way. */
function isTooMuch(text: string): boolean {
  let depth = 0;
  let values = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isText) {
      if (code === 0x5c) i++;
      else if (code === 0x22) isText = false;
      continue;
    }
    if (code === 0x22) isText = true;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) values++;
    if (depth > limits.depth || values > limits.nodes) return true;
  }
  return false;
}

/**
 * The same without what is no text: a picture or a fingerprint in base64 is longer than anything a person reads, and is
 * left out wherever it stands. `shed` is told of each.
 */
export function withoutPictures(json: Json, shed: () => void): Json {
  if (typeof json === 'string') return json.length > limits.textChars ? (shed(), '') : json;
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map((each) => withoutPictures(each, shed));
  const fields = Object.entries(json).filter(([key, value]) => {
    const isLong = typeof value === 'string' && value.length > limits.textChars;
    if (isLong) shed();
    return !isLong && key.length <= 128;
  });
  return Object.fromEntries(fields.map(([key, value]) => [key, withoutPictures(value, shed)]));
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
