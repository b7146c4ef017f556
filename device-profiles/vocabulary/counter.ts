import type { Value } from './reading.ts';

/** What is known of a counter, all in the point's unit. */
export interface CounterRule {
  /** What it adds when it starts again from 0; undefined where nothing is known of that. */
  readonly span?: number | undefined;
  /** It never starts again from 0: a smaller value is another meter. */
  readonly never?: boolean | undefined;
  /** More than this in an hour is impossible. */
  readonly maxRate?: number | undefined;
  /** The last digit: a fall by no more is no fall. */
  readonly step?: number | undefined;
}

/**
 * 用量: what lies between two readings of a counter. `counted`; `wrapped`: it started again from 0 on its way; `reset`: it was
 * put back to 0, and what it counted since is the amount; `replaced`: another meter, the amount is not known; `implausible`:
 * it rose faster than it can. The amount is never negative, and null where nobody knows.
 */
export interface Consumption {
  readonly how: 'counted' | 'wrapped' | 'reset' | 'replaced' | 'implausible';
  readonly amount: number | null;
}

/** With nothing known of rates, a wrap is believed up to this part of the span, and a reset down to this part of what was. */
const [wrapPart, resetPart] = [0.1, 0.01];
/** 32-bit floats carry about seven digits: a fall by less than the last of them is rounding. */
const roundingPart = 1e-6;
/** Meters are read a little early and a little late. */
const slack = 1.1;

/**
 * The amount between two raw readings, `elapsedMs` apart (null where that is not known). Integers past 2^53 are decimal
 * text, and their difference is exact before it becomes a number.
 */
export function consumption(before: Value, after: Value, rule: CounterRule, elapsedMs: number | null): Consumption | null {
  const rise = differenceOf(before, after);
  if (rise === null) return null;
  const most = mostIn(rule, elapsedMs);
  if (rise >= 0) return rise > most ? { how: 'implausible', amount: null } : { how: 'counted', amount: rise };
  const [was, is] = [Math.abs(Number(before)), Number(after)];
  if (-rise <= Math.max((rule.step ?? 0) * 1.001, was * roundingPart)) return { how: 'counted', amount: 0 };
  if (rule.never || is < 0) return { how: 'replaced', amount: null };
  const wrapped = rule.span === undefined ? Number.NaN : rise + rule.span;
  const isWrap = wrapped >= 0 && wrapped <= (Number.isFinite(most) ? most : (rule.span ?? 0) * wrapPart);
  if (isWrap) return { how: 'wrapped', amount: wrapped };
  const isReset = is <= (Number.isFinite(most) ? most : was * resetPart);
  return isReset ? { how: 'reset', amount: is } : { how: 'replaced', amount: null };
}

/** How much it can have counted; without a rate, or without a time, anything. */
function mostIn({ maxRate, step = 0 }: CounterRule, elapsedMs: number | null): number {
  if (maxRate === undefined || elapsedMs === null) return Number.POSITIVE_INFINITY;
  return (maxRate * Math.max(0, elapsedMs) * slack) / 3_600_000 + step;
}

/** Null where one of them is no number. */
function differenceOf(before: Value, after: Value): number | null {
  const [one, other] = [wholeOf(before), wholeOf(after)];
  if (one !== null && other !== null) return Number(other - one);
  return typeof before === 'number' && typeof after === 'number' ? after - before : null;
}

function wholeOf(value: Value): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : null;
}
