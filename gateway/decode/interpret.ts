import type { Point } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Quality, QualityReason, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { decimalOf, exactValue, plus, roundTo, shift, textOf, times } from './decimal.ts';
import type { Raw } from './wire.ts';

/** What a raw value means: the value people read and how far it can be trusted. */
export interface Meaning {
  readonly value: Value;
  readonly quality: Quality;
  readonly reason?: QualityReason;
}

/** `exponent`: the power of ten another point gives for this frame. */
export type Interpret = (raw: Raw | undefined, exponent?: number) => Meaning;

type Mean = (raw: Raw, exponent?: number) => Meaning;

export function bad(reason: QualityReason): Meaning {
  return { value: null, quality: 'bad', reason };
}

/** Prepares everything that a point says about its raw value: sentinels, names, scale, valid range. */
export function compileInterpret(point: Point): Interpret {
  const isInvalid = compileInvalid(point);
  const meaning: Mean = point.enum !== undefined || point.oneHot === true ? compileNames(point) : compileNumber(point);
  return (raw, exponent) => {
    if (raw === undefined) return bad('invalid-value');
    if (isInvalid !== undefined && isInvalid(raw)) return bad('invalid-value');
    if (typeof raw === 'number' && !Number.isFinite(raw)) return bad('not-a-number');
    return meaning(raw, exponent);
  };
}

/** Sentinels are written as the manual prints them: 0x8000 of an s16 is -32768. */
function compileInvalid(point: Point): ((raw: Raw) => boolean) | undefined {
  if (point.invalid === undefined) return undefined;
  const bits = point.type?.startsWith('s') ? Number(point.type.slice(1)) : NaN;
  const texts = new Set<string>();
  for (const sentinel of point.invalid) {
    texts.add(String(sentinel));
    if (/^\d+$/.test(String(sentinel)) && bits > 0) texts.add(BigInt.asIntN(bits, BigInt(sentinel)).toString());
  }
  return (raw) => texts.has(String(raw));
}

function compileNames(point: Point): Mean {
  const names = new Map(Object.entries(point.enum ?? {}).map(([key, entry]) => [key, entry.value]));
  const nameOf = (raw: Raw): Value | undefined => {
    // A register bit is named by 0 and 1, a JSON boolean by false and true; both spellings are heard.
    if (typeof raw === 'boolean') return names.get(String(raw)) ?? names.get(raw ? '1' : '0');
    return names.get(String(raw));
  };
  const positionName = (raw: Raw): Value | undefined => {
    const position = positionOf(raw);
    if (position === undefined || point.enum === undefined) return position;
    return names.get(String(position));
  };
  const find = point.oneHot === true ? positionName : nameOf;
  return (raw) => {
    const value = find(raw);
    if (value !== undefined) return { value, quality: 'good' };
    return { value: plainValue(raw), quality: 'uncertain', reason: 'unknown-enum' };
  };
}

/** Position of the only bit that is set. */
function positionOf(raw: Raw): number | undefined {
  if (typeof raw === 'string') return undefined;
  const bits = BigInt.asUintN(64, BigInt(raw)).toString(2);
  return /^10*$/.test(bits) ? bits.length - 1 : undefined;
}

function plainValue(raw: Raw): Value {
  return typeof raw === 'bigint' ? exactValue(decimalOf(raw)) : raw;
}

function compileNumber(point: Point): Mean {
  const scale = compileScale(point);
  const [low, high] = point.valid ?? [-Infinity, Infinity];
  return (raw, exponent) => {
    if (typeof raw === 'boolean' || typeof raw === 'string') return { value: raw, quality: 'good' };
    const value = scale(raw, exponent);
    const size = Number(value);
    if (!Number.isFinite(size)) return bad('not-a-number');
    if (size < low || size > high) return { value, quality: 'bad', reason: 'out-of-range' };
    return { value, quality: 'good' };
  };
}

type Scale = (raw: number | bigint, exponent?: number) => number | string;

/** raw × scale × 10^exponent + offset, rounded; exact in decimal. */
function compileScale(point: Point): Scale {
  const exact = exactScale(point);
  const { scale, offset, round } = point;
  if (scale === undefined && offset === undefined && round === undefined) {
    return (raw, exponent) => (typeof raw === 'number' && exponent === undefined ? raw + 0 : exact(raw, exponent));
  }
  const quick = quickScale(scale ?? 1, offset ?? 0, round);
  return (raw, exponent) => {
    const value = exponent === undefined && typeof raw === 'number' ? quick(raw) : undefined;
    return value ?? exact(raw, exponent);
  };
}

function exactScale({ scale = 1, offset = 0, round }: Point): Scale {
  const factor = decimalOf(scale);
  const summand = decimalOf(offset);
  return (raw, exponent = 0) => {
    const sum = plus(shift(times(decimalOf(raw), factor), exponent), summand);
    const result = round === undefined ? sum : roundTo(sum, round);
    return typeof raw === 'bigint' ? exactValue(result) : Number(textOf(result));
  };
}

/**
 * The same without big integers: while all products are safe integers, one division by a power of ten (exact up to
 * 10^22) gives the double nearest to the true decimal. `undefined` where that does not hold.
 */
function quickScale(scale: number, offset: number, round = Infinity): (raw: number) => number | undefined {
  const factor = decimalOf(scale);
  const summand = decimalOf(offset);
  const places = Math.max(factor.places, summand.places);
  const multiplier = Number(factor.digits) * 10 ** (places - factor.places);
  const addend = Number(summand.digits) * 10 ** (places - summand.places);
  return (raw) => {
    const behind = placesOf(raw);
    const total = behind + places;
    if (total > 22) return undefined;
    const product = digitsOf(raw, behind) * multiplier;
    const shifted = addend * 10 ** behind;
    const sum = product + shifted;
    if (!Number.isSafeInteger(product) || !Number.isSafeInteger(shifted) || !Number.isSafeInteger(sum)) return undefined;
    if (round >= total) return sum / 10 ** total + 0;
    // Below 2^53 a quotient that is not exactly a half is never rounded to one.
    return (Math.sign(sum) * Math.round(Math.abs(sum) / 10 ** (total - round))) / 10 ** round + 0;
  };
}

/** Places behind the point of the shortest decimal of `raw`; Infinity where it is written with an exponent. */
function placesOf(raw: number): number {
  if (Number.isInteger(raw)) return 0;
  const text = String(raw);
  return text.includes('e') ? Infinity : text.length - text.indexOf('.') - 1;
}

/** 230.25 → 23025 */
function digitsOf(raw: number, places: number): number {
  return places === 0 ? raw : Number(String(raw).replace('.', ''));
}
