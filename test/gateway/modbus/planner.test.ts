import { pollGroups } from '@yihu/device-profiles/library/poll-groups.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialLine } from '../../../gateway/collect/line/line-time.ts';
import { type PlannedRead, planReads, split } from '../../../gateway/collect/modbus/planner.ts';
import { profileOf } from './profiles.ts';

const groupOf = (profile: ReturnType<typeof profileOf>, group: string) =>
  planReads(profile, pollGroups(profile).find(({ id }) => id === group)?.points ?? []);
const readsOf = (...args: Parameters<typeof profileOf>): PlannedRead[] => groupOf(profileOf(...args), 'fast');
const short = (reads: readonly { start: number; count: number }[]) => reads.map(({ start, count }) => [start, count]);

describe('planner', () => {
  it('merges over gaps up to maxGap and no further', () => {
    const points = { a: { at: 0 }, b: { at: 11 }, c: { at: 23, type: 'f32' }, d: { at: 25 } };
    expect(short(readsOf(points))).toEqual([
      [0, 12],
      [23, 3],
    ]);
  });

  it('stays within maxRegisters and never reads a value in two', () => {
    const points = { a: { at: 0, type: 'f64' }, b: { at: 4, type: 'f64' }, c: { at: 8, type: 'f64' } };
    const reads = readsOf(points, { transport: { limits: { maxRegisters: 10 } } });
    expect(short(reads)).toEqual([
      [0, 8],
      [8, 4],
    ]);
  });

  it('keeps tables and groups apart, and counts from one where the profile does', () => {
    const points = {
      a: { at: 1 },
      b: { at: 2, table: 'input' },
      c: { at: 3, table: 'coil', type: 'bit' },
      d: { at: 4, group: 'slow' },
    };
    const profile = profileOf(points, {
      groups: { fast: { every: '1s' }, slow: { every: '1m' } },
      defaults: { addressing: 'one-based' },
    });
    expect(groupOf(profile, 'fast').map(({ table, start, count }) => [table, start, count])).toEqual([
      ['coil', 2, 1],
      ['holding', 0, 1],
      ['input', 1, 1],
    ]);
    expect(short(groupOf(profile, 'slow'))).toEqual([[3, 1]]);
  });

  it('knows how wide each type is', () => {
    const types = { u16: 1, bit: 1, s16: 1, u24: 2, f32: 2, u64: 4, bcd48: 3, f16: 1, bcd24: 2, u8: 1 };
    for (const [type, width] of Object.entries(types)) expect(short(readsOf({ a: { at: 7, type } }))).toEqual([[7, width]]);
    expect(short(readsOf({ a: { at: 7, type: 'string', length: 16 } }))).toEqual([[7, 16]]);
  });

  it('reads 100 points with gaps of up to ten in three requests', () => {
    // The gaps run through 0…10, most of them small, as registers of meters do.
    const gaps = [0, 0, 1, 0, 2, 10, 0, 3, 1, 0];
    let at = 100;
    const points: Record<string, { at: number }> = {};
    for (let i = 0; i < 100; i += 1) {
      points[`p${i}`] = { at };
      at += 1 + (gaps[i % gaps.length] ?? 0);
    }
    expect(readsOf(points).length).toBeLessThanOrEqual(3);
  });

  it('reads a value and its power of ten at once, however slow the line', () => {
    const points = { a: { at: 0, scaleExp: 'n' }, n: { at: 60 }, b: { at: 30 } };
    const line = serialLine({ baud: 300, parity: 'none', stopBits: 1 });
    const limits = { transport: { limits: { maxGap: 100 } } };
    expect(short(planReads(profileOf(points, limits), ['a', 'n', 'b'], line))).toEqual([[0, 61]]);
    // Without the exponent they are too far apart for such a line.
    expect(planReads(profileOf({ a: { at: 0 }, n: { at: 60 }, b: { at: 30 } }, limits), ['a', 'n', 'b'], line).length).toBe(3);
  });

  it('reads no gap that takes the line longer than another request, and holds it for half a second at most', () => {
    const line = serialLine({ baud: 2_400, parity: 'even', stopBits: 1 });
    const wide = { transport: { limits: { maxGap: 100 } } };
    const reads = (points: Parameters<typeof profileOf>[0]) =>
      short(planReads(profileOf(points, wide), Object.keys(points), line));
    // 20 characters of overhead and 20 ms of thinking are the time of 12 registers of 2 × 4.58 ms.
    expect(reads({ a: { at: 0 }, b: { at: 13 } })).toEqual([[0, 14]]);
    expect(reads({ a: { at: 0 }, b: { at: 14 } })).toEqual([
      [0, 1],
      [14, 1],
    ]);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, { at: i }]));
    for (const [, count = 0] of reads(many)) expect(line.bytesMs(13 + 2 * count) + 2 * line.gapMs).toBeLessThanOrEqual(500);
    expect(reads(many).reduce((sum, [, count = 0]) => sum + count, 0)).toBe(100);
  });

  it('covers every point, within the limits, whatever the profile', () => {
    const types = ['u16', 'f32', 'u64', 'bcd48'] as const;
    const point = fc.record({ at: fc.integer({ min: 0, max: 3_000 }), type: fc.constantFrom(...types) });
    const limits = fc.record({ maxRegisters: fc.integer({ min: 4, max: 125 }), maxGap: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), limits, (list, limit) => {
        const points = Object.fromEntries(list.map((one, i) => [`p${i}`, one]));
        const reads = readsOf(points, { transport: { limits: limit } });
        const widths = { u16: 1, f32: 2, u64: 4, bcd48: 3 };
        for (const { at, type } of list) {
          const covering = reads.filter(({ start, count }) => start <= at && at + widths[type] <= start + count);
          expect(covering.length).toBeGreaterThan(0);
        }
        for (const { count } of reads) expect(count).toBeLessThanOrEqual(Math.min(124, limit.maxRegisters));
      }),
      { numRuns: 300 },
    );
  });
});

describe('taking a refused read apart', () => {
  it('cuts at the gaps first, then in halves, and never through a value', () => {
    const [read] = readsOf({ a: { at: 0, type: 'f32' }, b: { at: 2, type: 'f32' }, c: { at: 6 }, d: { at: 7 } });
    const runs = read && split(read);
    expect(short(runs ?? [])).toEqual([
      [0, 4],
      [6, 2],
    ]);
    expect(short((runs?.[0] && split(runs[0])) ?? [])).toEqual([
      [0, 2],
      [2, 2],
    ]);
  });

  it('ends at one value, and leaves overlapping ones together', () => {
    expect(split({ table: 'holding', start: 0, count: 2, spans: [{ start: 0, count: 2 }] })).toBeUndefined();
    const overlapping = [
      { start: 0, count: 2 },
      { start: 1, count: 1 },
    ];
    expect(split({ table: 'holding', start: 0, count: 2, spans: overlapping })).toBeUndefined();
  });
});
