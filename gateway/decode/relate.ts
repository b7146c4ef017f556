import { compileExpression, namesOf, parseExpression } from '@yihu/device-profiles/library/expression.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { bad, compileInterpret, type Interpret, type Meaning, type Relations } from './interpret.ts';
import type { Raw } from './wire.ts';

/** What stood where a point's value is looked for: its raw value, or why it is none. */
export interface Found {
  readonly point: string;
  readonly found: { readonly raw: Raw | undefined } | Meaning;
}

/**
 * What one frame (or one record) says: each raw value with what the points beside it say about it, then what is calculated
 * from them. `beside`: values of the same message that stand outside of the record.
 */
export type Settle = (found: readonly Found[], at: number, beside?: readonly Found[]) => Reading[];

/** Prepares the points of a profile whose values come as messages or items. */
export function compileSettle(profile: Profile): Settle {
  const interprets = new Map<string, Interpret>();
  const related = new Map<string, Point>();
  for (const [id, point] of Object.entries(profile.points)) {
    interprets.set(id, compileInterpret(point, profile.zone));
    if (point.scaleExp !== undefined || point.unitFrom !== undefined) related.set(id, point);
  }
  const calculate = compileComputed(profile);
  const mean = (each: Found, relations?: Relations): Meaning =>
    'raw' in each.found ? (interprets.get(each.point) as Interpret)(each.found.raw, relations) : each.found;
  return (found, at, beside = []) => {
    const meaningOf = (id: string): Meaning | undefined => {
      const other = found.find(({ point }) => point === id) ?? beside.find(({ point }) => point === id);
      return other === undefined ? undefined : mean(other);
    };
    const readings = found.map((each): Reading => {
      const point = related.get(each.point);
      const relations = point === undefined ? none : relationsOf(point, meaningOf);
      return { point: each.point, ...('wrong' in relations ? relations.wrong : mean(each, relations)), at };
    });
    return calculate === undefined ? readings : [...readings, ...calculate(readings, at)];
  };
}

const none: Relations = {};

/** What the points that this one names say; without them a value may be wrong by magnitudes, so it is none. */
export function relationsOf(
  { scaleExp, unitFrom }: Point,
  meaningOf: (id: string) => Meaning | undefined,
): Relations | { readonly wrong: Meaning } {
  if (scaleExp === undefined && unitFrom === undefined) return none;
  const exponent = scaleExp === undefined ? undefined : meaningOf(scaleExp);
  const unit = unitFrom === undefined ? undefined : meaningOf(unitFrom);
  if ((scaleExp !== undefined && exponent === undefined) || (unitFrom !== undefined && unit === undefined))
    return { wrong: bad('missing-input') };
  if (exponent !== undefined && !isExponent(exponent)) return { wrong: bad(exponent.reason ?? 'invalid-value') };
  if (unit !== undefined && (unit.quality !== 'good' || typeof unit.value !== 'string')) return { wrong: bad('wrong-unit') };
  return { exponent: exponent === undefined ? undefined : Number(exponent.value), unit: unit?.value as string | undefined };
}

function isExponent({ quality, value }: Meaning): boolean {
  return quality === 'good' && Number.isInteger(value) && Math.abs(Number(value)) <= 18;
}

type CalculateReadings = (readings: readonly Reading[], at: number) => Reading[];

/** Prepares the points that are calculated; `undefined` where there are none. */
export function compileComputed(profile: Profile): CalculateReadings | undefined {
  const computed = Object.entries(profile.points).flatMap(([id, point]) =>
    point.compute === undefined ? [] : [compileOne(profile, id, point, point.compute)],
  );
  return computed.length === 0 ? undefined : (readings, at) => computed.flatMap((one) => one(readings, at));
}

/** A frame without any of the inputs does not speak of the point; with some of them, or bad ones, there is no value. */
function compileOne(profile: Profile, id: string, point: Point, text: string): CalculateReadings {
  const expression = parseExpression(text);
  if ('wrong' in expression) throw new Error(`profile ${profile.id}: ${id} cannot be computed (the loader checks this)`);
  const calculate = compileExpression(expression);
  const inputs = [...namesOf(expression)].filter((name) => Object.hasOwn(profile.points, name));
  const params = new Map(Object.entries(profile.params).map(([name, param]) => [name, param.default]));
  const interpret = compileInterpret({ ...point, type: undefined, scale: undefined, offset: undefined }, profile.zone);
  return (readings, at) => {
    const known = inputs.flatMap((input) => readings.find((reading) => reading.point === input) ?? []);
    if (known.length === 0) return [];
    if (known.length < inputs.length) return [{ point: id, ...bad('missing-input'), at }];
    const worst = known.find(({ quality }) => quality === 'bad') ?? known.find(({ quality }) => quality === 'uncertain');
    if (worst?.quality === 'bad') return [{ point: id, ...bad(worst.reason ?? 'invalid-value'), at }];
    const value = (name: string): number | boolean => {
      const found = known.find((reading) => reading.point === name)?.value;
      return typeof found === 'boolean' ? found : Number(found ?? params.get(name) ?? Number.NaN);
    };
    const result = calculate(value);
    const meaning = result === undefined ? bad('not-a-number') : interpret(typeof result === 'number' ? tidy(result) : result);
    if (worst === undefined || meaning.quality !== 'good') return [{ point: id, ...meaning, at }];
    return [{ point: id, value: meaning.value, quality: 'uncertain', ...(worst.reason && { reason: worst.reason }), at }];
  };
}

/** Without the dust of binary fractions. */
function tidy(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}
