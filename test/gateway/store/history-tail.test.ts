import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HistoryTail } from '../../../gateway/store/history-tail.ts';
import type { HistoryRow } from '../../../gateway/store/history.ts';

const value = fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.boolean(), fc.constant(null));
const row: fc.Arbitrary<HistoryRow> = fc.record({
  at: fc.integer({ min: 0, max: 2 ** 44 }),
  value,
  quality: fc.constantFrom('good', 'uncertain', 'bad'),
});

describe('the tail of the history', () => {
  it('gives back what it was given, by series and in order, also when it is used again', () => {
    const tail = new HistoryTail();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), row)), (rows) => {
        tail.clear();
        for (const [series, each] of rows) tail.add(series, each);
        const bySeries = Map.groupBy(rows, ([series]) => series);
        expect(new Set(tail.series())).toEqual(new Set(bySeries.keys()));
        for (const [series, own] of bySeries) expect(tail.rowsOf(series)).toEqual(own.map(([, each]) => each));
        expect(tail.length).toBe(rows.length);
        expect(tail.rowsOf(6)).toEqual([]);
      }),
    );
  });

  it('grows past the room it begins with', () => {
    const tail = new HistoryTail();
    for (let n = 0; n < 20_000; n++) tail.add(n % 3, { at: n, value: n % 7 === 0 ? `text ${n}` : n / 4, quality: 'good' });
    expect(tail.length).toBe(20_000);
    expect(tail.rowsOf(2).at(-1)).toEqual({ at: 19_997, value: 19_997 / 4, quality: 'good' });
    expect(tail.rowsOf(0)[7]).toEqual({ at: 21, value: 'text 21', quality: 'good' });
  });
});
