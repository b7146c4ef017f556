import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import { decide } from '../../../cloud/accept/decide.ts';
import { entriesOf, gapEntry, headerOf } from './entries.ts';

const nothing: Cursor = { epoch: 'e1', alarm: 0, telemetry: 0 };

describe('decide', () => {
  it('applies what continues the log and moves only its own lane', () => {
    const entries = entriesOf('telemetry', 1, 3);
    expect(decide({ ...nothing, alarm: 9 }, headerOf('telemetry', 1, 3), entries)).toEqual({
      apply: entries,
      next: { epoch: 'e1', alarm: 9, telemetry: 3 },
    });
  });

  it('ignores what it has, applies the rest of an overlap, sends back over a hole', () => {
    const cursor = { ...nothing, telemetry: 5 };
    expect(decide(cursor, headerOf('telemetry', 1, 5), entriesOf('telemetry', 1, 5))).toEqual({ ignore: 'duplicate' });
    expect(decide(cursor, headerOf('telemetry', 4, 7), entriesOf('telemetry', 4, 7))).toEqual({
      apply: entriesOf('telemetry', 6, 7),
      next: { ...cursor, telemetry: 7 },
    });
    expect(decide(cursor, headerOf('telemetry', 7, 8), entriesOf('telemetry', 7, 8))).toEqual({ rewind: cursor });
  });

  it('cuts a gap where the cursor stands inside it, so that nothing it has is called lost', () => {
    const decision = decide({ ...nothing, telemetry: 5 }, headerOf('telemetry', 3, 8), [gapEntry(3, 8)]);
    expect(decision).toMatchObject({
      apply: [{ seq: 6, through: 8, record: { kind: 'gap', count: 3 } }],
      next: { telemetry: 8 },
    });
  });

  it('begins a new epoch at 1 and does not begin it in the middle', () => {
    const cursor = { epoch: 'old', alarm: 7, telemetry: 900 };
    expect(decide(cursor, headerOf('telemetry', 1, 2), entriesOf('telemetry', 1, 2))).toMatchObject({
      next: { epoch: 'e1', alarm: 0, telemetry: 2 },
    });
    expect(decide(cursor, headerOf('telemetry', 901, 902), entriesOf('telemetry', 901, 902))).toEqual({ rewind: nothing });
  });

  it('does not hand a rewind flag on into the cursor', () => {
    const decision = decide({ ...nothing, rewind: true }, headerOf('alarm', 1, 1), entriesOf('alarm', 1, 1));
    expect(decision).toMatchObject({ next: nothing.alarm === 0 ? { epoch: 'e1', alarm: 1, telemetry: 0 } : {} });
    expect('next' in decision && 'rewind' in decision.next).toBe(false);
  });

  it.each<[string, Entry[]]>([
    ['a hole inside', [...entriesOf('telemetry', 1, 2), ...entriesOf('telemetry', 4, 5)]],
    ['another order', [...entriesOf('telemetry', 2, 5), ...entriesOf('telemetry', 1, 1)]],
    ['an end before the header’s', entriesOf('telemetry', 1, 4)],
    ['an end behind the header’s', entriesOf('telemetry', 1, 6)],
    ['no records', []],
    ['a record of the other lane', entriesOf('alarm', 1, 5)],
    ['a reading that covers a range', [{ ...entriesOf('telemetry', 1, 1)[0]!, through: 5 }]],
    ['a gap that ends before it begins', [{ ...gapEntry(1, 5), through: 0 }, ...entriesOf('telemetry', 1, 5)]],
  ])('refuses %s', (_name, entries) => {
    expect(decide(nothing, headerOf('telemetry', 1, 5), entries)).toHaveProperty('refuse');
  });

  it('applies each record exactly once and in order, whatever is repeated, overlapped or reordered', () => {
    fc.assert(
      fc.property(logArbitrary, fc.array(fc.tuple(fc.nat(), fc.nat(8)), { maxLength: 60 }), (log, picks) => {
        const applied: Entry[] = [];
        let cursor = nothing;
        const deliver = (from: number, count: number): void => {
          const entries = log.slice(from, from + count);
          const [first, last] = [entries[0], entries.at(-1)];
          if (first === undefined || last === undefined) return;
          const decision = decide(cursor, headerOf('telemetry', first.seq, last.through), entries);
          expect(decision).not.toHaveProperty('refuse');
          if (!('apply' in decision)) return;
          applied.push(...decision.apply);
          cursor = decision.next;
        };
        for (const [at, count] of picks) deliver(at % log.length, count + 1);
        expect(applied).toEqual(log.slice(0, applied.length));
        for (let at = 0; at < log.length; at += 3) deliver(Math.max(0, at - 1), 4);
        expect(applied).toEqual(log);
      }),
      { seed: 20_261_123, numRuns: 500 },
    );
  });
});

/** A log of single records and gaps, as a gateway may hold it. */
const logArbitrary = fc
  .array(fc.option(fc.integer({ min: 2, max: 9 }), { freq: 4 }), { minLength: 1, maxLength: 30 })
  .map((shape) => {
    const log: Entry[] = [];
    for (const gap of shape) {
      const seq = (log.at(-1)?.through ?? 0) + 1;
      log.push(...(gap === null ? entriesOf('telemetry', seq, seq) : [gapEntry(seq, seq + gap - 1)]));
    }
    return log;
  });
