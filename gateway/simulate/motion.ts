import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileExpression, parseExpression } from '@yihu/device-profiles/library/expression.ts';
import { valueKind } from '@yihu/device-profiles/library/value-kind.ts';
import { registerRange } from './register-range.ts';

const gaugePeriodMs = 10 * 60_000;
const counterPeriodMs = 365 * 86_400_000;

type Known = NonNullable<Value>;

/** A point's value at a time (milliseconds since 1970 UTC). */
export type Motion = (at: number) => NonNullable<Value>;

/**
 * How a point moves by itself: gauges wander smoothly through their `simulate` range, counters rise (from the wall
 * clock, so that a restart is no meter exchange), states rest where no alarm of the profile is.
 */
export function motionOf(profile: Profile, id: string, point: Point, random: () => number): Motion {
  if (isTime(point)) return (at) => new Date(Math.floor(at / 60_000) * 60_000).toISOString().replace('.000Z', 'Z');
  const isNumber = valueKind(point) === 'number';
  if (!isNumber || !point.simulate) return resting(profile, id, point);
  const { from, to } = point.simulate;
  const places = point.round ?? placesOf(point.scale);
  if (point.kind === 'counter') return counter(from, to, point.simulate.period ?? counterPeriodMs, places);
  return gauge(from, to, point.simulate.period ?? gaugePeriodMs, places, random);
}

/** What is calculated from other points of the device moves with them. */
export function computedMotion(
  profile: Profile,
  point: Point,
  text: string,
  valueOf: (id: string, at: number) => NonNullable<Value>,
): Motion {
  const expression = parseExpression(text);
  if ('wrong' in expression) throw new Error(`${text} is no expression (the loader checks this)`);
  const calculate = compileExpression(expression);
  return (at) => {
    const result = calculate((name) => {
      const param = Object.hasOwn(profile.params, name) ? profile.params[name] : undefined;
      const value = param === undefined ? valueOf(name, at) : param.default;
      return typeof value === 'string' ? Number(value) : value;
    });
    return typeof result === 'number' ? rounded(result, point.round ?? 6) : (result ?? 0);
  };
}

function gauge(from: number, to: number, periodMs: number, places: number, random: () => number): Motion {
  const phase = random();
  const second = random();
  const middle = (from + to) / 2;
  const reach = (to - from) / 2;
  return (at) => {
    const turn = at / periodMs;
    const wave = 0.75 * Math.sin(2 * Math.PI * (turn + phase)) + 0.25 * Math.sin(2 * Math.PI * (turn * 3.7 + second));
    return rounded(middle + reach * wave, places);
  };
}

function counter(from: number, to: number, periodMs: number, places: number): Motion {
  return (at) => rounded(from + ((to - from) * (at % periodMs)) / periodMs, places);
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places)) + 0;
}

/** Decimal places a device of this scale can show; two where it says nothing. */
function placesOf(scale: number | undefined): number {
  if (scale === undefined) return 2;
  return Math.min(Math.max(0, Math.ceil(-Math.log10(Math.abs(scale)) - 1e-9)), 6);
}

/** Where a state stays: what its `simulate` says, else where no alarm of the profile is. The same for a number without a range. */
function resting(profile: Profile, id: string, point: Point): Motion {
  const written = writtenState(point);
  if (written !== undefined) return () => written;
  const alarmed = new Set(
    Object.values(profile.alarms).flatMap((rule) => ('is' in rule && rule.point === id ? [rule.is].flat() : [])),
  );
  const choices = restingChoices(point);
  const calm = choices.find((choice) => !alarmed.has(choice)) ?? choices[0];
  return () => calm;
}

/** For a state, `simulate.from` is 0 or 1, the raw value of a name, or the place of the name in the list. */
function writtenState(point: Point): Known | undefined {
  if (!point.simulate) return undefined;
  const { from } = point.simulate;
  if (isTwoState(point)) return from !== 0;
  const named = point.enum?.[String(from)] ?? Object.values(point.enum ?? {})[from];
  return named?.value;
}

function restingChoices(point: Point): [Known, ...Known[]] {
  const [first, ...others] = Object.values(point.enum ?? {}).map(({ value }) => value);
  if (first !== undefined) return [first, ...others];
  if (isTwoState(point)) return [false, true];
  if (isText(point)) return ['SIM'];
  const [low, high] = point.valid ?? registerRange(point);
  const zero = Math.min(Math.max(0, low), high);
  return [zero, ...(point.kind === 'state' ? [zero + 1] : [])];
}

/** A bit, or a JSON state without names. */
export function isTwoState(point: Point): boolean {
  return valueKind(point) === 'boolean';
}

/** A time by the calendar. */
export function isTime(point: Point): boolean {
  return point.type?.includes('time') === true;
}

export function isText(point: Point): boolean {
  return valueKind(point) === 'text' && !isTime(point);
}
