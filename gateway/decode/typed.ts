import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import { bad, type Meaning } from './interpret.ts';
import { isSafeText } from './text.ts';
import type { Raw } from './wire.ts';

/** What kind of value a point takes; `key` is anything that can be looked up in its enum, `bits` an integer to take bits of. */
export type Expected = 'number' | 'long' | 'boolean' | 'text' | 'key' | 'bits';

export type Typed = { readonly raw: Raw } | Meaning;

export function expectationOf({ type, kind, enum: names, bits, oneHot }: Point): Expected {
  if (bits !== undefined || oneHot === true) return 'bits';
  if (names !== undefined) return 'key';
  if (type === 'string' || type?.includes('time') === true || (type === undefined && kind === 'text')) return 'text';
  if (type === 'bit' || (type === undefined && kind === 'state')) return 'boolean';
  return type === 'u64' || type === 's64' ? 'long' : 'number';
}

/** The raw value of a point from what stood at its path. `isText`: numbers and booleans are spelled there, as in XML. */
export function compileTyped(point: Point, isText: boolean, base?: number): (found: unknown) => Typed {
  const expected = expectationOf(point);
  const isSpelled = isText || base !== undefined;
  const read = (found: unknown): Typed =>
    isSpelled && typeof found === 'string' ? fromText(found.trim(), expected, base) : fromJson(found, expected);
  if (expected !== 'bits') return read;
  const isState = point.kind === 'state' && point.enum === undefined && point.oneHot !== true;
  const { bits } = point;
  return (found) => {
    const whole = read(found);
    if (!('raw' in whole) || bits === undefined) return whole;
    const part = BigInt.asUintN(bits.width, BigInt(whole.raw) >> BigInt(bits.shift));
    if (isState) return { raw: part !== 0n };
    return { raw: part <= Number.MAX_SAFE_INTEGER ? Number(part) : part };
  };
}

/** The raw value of what stood at a path, or why it is none. JSON null is a device's way to say "no value". */
function fromJson(found: unknown, expected: Expected): Typed {
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
    case 'bits':
      return typeof found === 'bigint' || (typeof found === 'number' && Number.isSafeInteger(found));
    case 'boolean':
      return typeof found === 'boolean';
    case 'text':
      return typeof found === 'string';
    case 'key':
      return true;
  }
}

/** 64-bit counters are sent as decimal text by devices that know what a double does to them. */
function fromDigits(found: unknown): Typed {
  return typeof found === 'string' && /^-?\d{1,20}$/.test(found) ? { raw: BigInt(found) } : bad('wrong-type');
}

/** The same for a word: `23.5`, `true`; in base 2 or 16 an integer. */
export function fromText(word: string, expected: Expected, base = 10): Typed {
  if (!isSafeText(word)) return bad('invalid-value');
  if (expected === 'text') return { raw: word };
  if (base !== 10) return fromDigitsOf(word, base);
  if (expected === 'key') return { raw: word };
  if (expected === 'boolean') return word === 'true' || word === 'false' ? { raw: word === 'true' } : bad('wrong-type');
  if (expected === 'long') return fromDigits(word);
  if (expected === 'bits') return /^\d{1,20}$/.test(word) ? { raw: BigInt(word) } : bad('wrong-type');
  return /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/.test(word) ? { raw: Number(word) } : bad('wrong-type');
}

function fromDigitsOf(word: string, base: number): Typed {
  const digits = base === 16 ? /^(?:0x)?([0-9a-f]{1,16})$/i.exec(word)?.[1] : /^(?:0b)?([01]{1,64})$/i.exec(word)?.[1];
  if (digits === undefined) return bad('wrong-type');
  const value = BigInt(`${base === 16 ? '0x' : '0b'}${digits}`);
  return { raw: value <= Number.MAX_SAFE_INTEGER ? Number(value) : value };
}
