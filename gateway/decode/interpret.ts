import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Quality, QualityReason, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { convert } from '@yihu/device-profiles/vocabulary/units.ts';
import { parseCalendar, usualZone, zonedMs } from './calendar.ts';
import { decimalOf, exactValue, plus, roundTo, shift, textOf, times } from './decimal.ts';
import type { Raw } from './wire.ts';

/** What a raw value means: the value people read and how far it can be trusted. */
export interface Meaning {
  readonly value: Value;
  readonly quality: Quality;
  readonly reason?: QualityReason;
}

/** What other points of the frame say about this one. */
export interface Relations {
  /** The power of ten it is multiplied by. */
  readonly exponent?: number | undefined;
  /** The unit it is sent in. */
  readonly unit?: string | undefined;
}

export type Interpret = (raw: Raw | undefined, relations?: Relations) => Meaning;

type Mean = (raw: Raw, relations?: Relations) => Meaning;

export function bad(reason: QualityReason): Meaning {
  return { value: null, quality: 'bad', reason };
}

/** Prepares everything that a point says about its raw value: sentinels, names, scale, unit, valid range. `zone`: of its times. */
export function compileInterpret(point: Point, zone = usualZone): Interpret {
  const isInvalid = compileSentinels(point, point.invalid);
  const isUnsupported = compileSentinels(point, point.unsupported);
  const meaning = compileMeaning(point, zone);
  return (raw, relations) => {
    if (raw === undefined) return bad('invalid-value');
    if (isInvalid !== undefined && isInvalid(raw)) return bad('invalid-value');
    if (isUnsupported !== undefined && isUnsupported(raw)) return bad('unsupported');
    if (typeof raw === 'number' && !Number.isFinite(raw)) return bad('not-a-number');
    return meaning(raw, relations);
  };
}

function compileMeaning(point: Point, zone: string): Mean {
  if (point.type?.includes('time') === true) return (raw) => meanTime(raw, zone);
  return point.enum !== undefined || point.oneHot === true ? compileNames(point) : compileNumber(point);
}

/** A time is kept as RFC 3339 in UTC, whatever zone the device counts in. */
function meanTime(raw: Raw, zone: string): Meaning {
  const time = typeof raw === 'string' ? parseCalendar(raw) : undefined;
  const ms = time === undefined ? undefined : zonedMs(time, zone);
  return ms === undefined ? bad('invalid-value') : { value: new Date(ms).toISOString().replace('.000Z', 'Z'), quality: 'good' };
}

/** Sentinels are written as the manual prints them: 0x8000 of an s16 is -32768. */
function compileSentinels(point: Point, sentinels: Point['invalid']): ((raw: Raw) => boolean) | undefined {
  if (sentinels === undefined) return undefined;
  const bits = point.type?.startsWith('s') ? Number(point.type.slice(1)) : NaN;
  const texts = new Set<string>();
  for (const sentinel of sentinels) {
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
  if (typeof raw === 'string' || (typeof raw === 'number' && !Number.isInteger(raw))) return undefined;
  const bits = BigInt.asUintN(64, BigInt(raw)).toString(2);
  return /^10*$/.test(bits) ? bits.length - 1 : undefined;
}

function plainValue(raw: Raw): Value {
  return typeof raw === 'bigint' ? exactValue(decimalOf(raw)) : raw;
}

function compileNumber(point: Point): Mean {
  const { valid, unit, unitFrom, round } = point;
  const scale = compileScale(unitFrom === undefined ? point : { ...point, round: undefined });
  const [low, high] = valid ?? [-Infinity, Infinity];
  return (raw, relations) => {
    if (typeof raw === 'boolean' || typeof raw === 'string') return { value: raw, quality: 'good' };
    const scaled = scale(raw, relations?.exponent);
    const value = unitFrom === undefined ? scaled : inUnit(scaled, relations?.unit ?? '', unit, round);
    if (value === undefined) return bad('wrong-unit');
    const size = Number(value);
    if (!Number.isFinite(size)) return bad('not-a-number');
    if (size < low || size > high) return { value, quality: 'bad', reason: 'out-of-range' };
    return { value, quality: 'good' };
  };
}

function inUnit(value: number | string, from: string, to: string, round: number | undefined): number | string | undefined {
  const converted = from === to ? value : convert(Number(value), from, to);
  if (converted === undefined || round === undefined || !Number.isFinite(Number(converted))) return converted;
  return Number(textOf(roundTo(decimalOf(converted), round)));
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
