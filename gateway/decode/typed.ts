import type { Point } from '@yihu/device-profiles/vocabulary/profile.ts';
import { bad, type Meaning } from './interpret.ts';
import { isSafeText } from './text.ts';
import type { Raw } from './wire.ts';

/** What kind of JSON value a point takes; `key` is anything that can be looked up in its enum. */
export type Expected = 'number' | 'long' | 'boolean' | 'text' | 'key';

export function expectationOf({ type, kind, enum: names }: Point): Expected {
  if (names !== undefined) return 'key';
  if (type === 'string' || (type === undefined && kind === 'text')) return 'text';
  if (type === 'bit' || (type === undefined && kind === 'state')) return 'boolean';
  return type === 'u64' || type === 's64' ? 'long' : 'number';
}

/** The raw value of what stood at a path, or why it is none. JSON null is a device's way to say "no value". */
export function fromJson(found: unknown, expected: Expected): { raw: Raw } | Meaning {
  if (found === null) return bad('invalid-value');
  if (typeof found === 'object') return bad('wrong-type');
  if (typeof found === 'string' && !isSafeText(found)) return bad('invalid-value');
  if (!fits(found, expected)) return expected === 'long' ? fromDigits(found) : bad('wrong-type');
  return { raw: found as Raw };
}

function fits(found: unknown, expected: Expected): boolean {
  switch (expected) {
    case 'number':
    case 'long':
      return typeof found === 'number' || typeof found === 'bigint';
    case 'boolean':
      return typeof found === 'boolean';
    case 'text':
      return typeof found === 'string';
    case 'key':
      return true;
  }
}

/** 64-bit counters are sent as decimal text by devices that know what a double does to them. */
function fromDigits(found: unknown): { raw: Raw } | Meaning {
  return typeof found === 'string' && /^-?\d{1,20}$/.test(found) ? { raw: BigInt(found) } : bad('wrong-type');
}

/** The same for a payload that is a bare word: `23.5`, `true`. */
export function fromText(word: string, expected: Expected): { raw: Raw } | Meaning {
  if (!isSafeText(word)) return bad('invalid-value');
  if (expected === 'text' || expected === 'key') return { raw: word };
  if (expected === 'boolean') return word === 'true' || word === 'false' ? { raw: word === 'true' } : bad('wrong-type');
  if (expected === 'long') return fromDigits(word);
  return /^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/.test(word) ? { raw: Number(word) } : bad('wrong-type');
}
