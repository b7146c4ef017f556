import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../../gateway/collect/http-event/limits.ts';
import { hear, loadSerials, lost, type Serials, settled } from '../../../gateway/collect/http-event/serials.ts';

const heard = (serials: readonly number[], before: Serials | null = null) =>
  serials.reduce<Serials | null>((state, serial) => hear(state, serial, serial * 1_000), before);

test('in order nothing is missing; a jump leaves a gap; what comes late fills it', () => {
  expect(heard([5, 6, 7])).toEqual({ last: 7, newestAt: 7_000, missing: [] });
  expect(heard([5, 9])?.missing).toEqual([[6, 8]]);
  expect(heard([5, 9, 7])?.missing).toEqual([
    [6, 6],
    [8, 8],
  ]);
  expect(heard([5, 9, 7, 6, 8])).toEqual({ last: 9, newestAt: 9_000, missing: [] });
});

test('an old number with an old time is a repeat; with a new time the device counts again from the beginning', () => {
  const before = heard([98, 99, 100]);
  expect(hear(before, 98, 98_000)).toEqual(before);
  expect(hear(before, 98, null)).toEqual(before);
  expect(hear(before, 3, 200_000)).toEqual({ last: 3, newestAt: 200_000, missing: [[1, 2]] });
});

test('what the device has no more of is missing no longer', () => {
  const before = heard([1, 10, 20]) as Serials;
  expect(settled(before, [2, 9]).missing).toEqual([[11, 19]]);
  expect(settled(before, [5, 12]).missing).toEqual([
    [2, 4],
    [13, 19],
  ]);
});

test('a gap too large, or too many of them, is bounded; the newest are kept', () => {
  const far = heard([1, 1_000_000]) as Serials;
  expect(far.missing).toEqual([[1_000_000 - limits.missingSerials, 999_999]]);
  const many = heard(Array.from({ length: 100 }, (_, index) => index * 2 + 1)) as Serials;
  expect([many.missing.length, many.missing.at(-1)]).toEqual([limits.missingRanges, [198, 198]]);
});

test('whatever the order, what was not heard below the highest is what is missing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.nat(40), (serials, refused) => {
      // All of one moment, so that no number looks like a new beginning.
      let state = serials.reduce<Serials | null>((before, serial) => hear(before, serial, 0), null) as Serials;
      const first = serials[0] as number;
      const known = new Set(serials);
      if (known.delete(refused)) state = lost(state, refused);
      const wanted = Array.from({ length: state.last }, (_, index) => index + 1).filter(
        (serial) => !known.has(serial) && (serial > first || (serial === refused && serials.includes(refused))),
      );
      expect(state.missing.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))).toEqual(
        wanted,
      );
      expect(loadSerials(JSON.stringify(state))).toEqual(state);
    }),
  );
});

test('what was kept and cannot be read is nothing', () => {
  for (const text of [undefined, '', '{}', '{"last":-1,"newestAt":null,"missing":[]}']) expect(loadSerials(text)).toBeNull();
});
