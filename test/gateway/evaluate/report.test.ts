import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { describe, expect, it } from 'vitest';
import { type Reported, type ReportRule, compileReporting, isNews } from '../../../gateway/evaluate/report.ts';

const reading = (value: Value, more: Partial<Reading> = {}): Reading => ({ point: 'p', value, quality: 'good', at: 0, ...more });
const last = (value: Value, mono = 0): Reported => ({ value, quality: 'good', reason: undefined, mono });
const after = (rule: ReportRule, before: Value, value: Value, mono = 1) => isNews(rule, last(before), reading(value), mono);

describe('what is news', () => {
  it('the first reading is, whatever it is', () => {
    expect(isNews({ deadband: 100 }, undefined, reading(0), 0)).toBe(true);
    expect(isNews({ deadband: 100 }, undefined, reading(null, { quality: 'bad', reason: 'no-answer' }), 0)).toBe(true);
  });

  it.each([
    [0.5, 230, 230.4, false],
    [0.5, 230, 230.5, true],
    [0.5, 230, 229.5, true],
    [0.1, 0.6, 0.7, true],
    [0.1, 0.7, 0.6, true],
    [{ pct: 2, min: 5 }, 1000, 1019, false],
    [{ pct: 2, min: 5 }, 1000, 1020, true],
    [{ pct: 2, min: 5 }, -1000, -1020, true],
    [{ pct: 2, min: 5 }, 0, 4.9, false],
    [{ pct: 2, min: 5 }, 0, 5, true],
    [1, '18446744073709551614', '18446744073709551615', true],
    [2, '18446744073709551614', '18446744073709551615', false],
    [2, 9_007_199_254_740_991, '9007199254740993', true],
  ] as const)('a deadband of %j from %s to %s: %s', (deadband, before, value, expected) => {
    expect(after({ deadband }, before, value)).toBe(expected);
  });

  it('a state is news at every change, and so is text that replaces a number', () => {
    expect(after({ heartbeatMs: 60_000 }, true, false)).toBe(true);
    expect(after({ heartbeatMs: 60_000 }, true, true)).toBe(false);
    expect(after({ deadband: 5, heartbeatMs: 60_000 }, 1, 'E1')).toBe(true);
  });

  it('silence ends after the heartbeat', () => {
    expect(after({ deadband: 5, heartbeatMs: 60_000 }, 1, 1, 59_999)).toBe(false);
    expect(after({ deadband: 5, heartbeatMs: 60_000 }, 1, 1, 60_000)).toBe(true);
    expect(after({ deadband: 5 }, 1, 1, 1e12)).toBe(false);
  });

  it('a change of quality, or of its reason, always is', () => {
    const bad = reading(1, { quality: 'bad', reason: 'no-answer' });
    expect(isNews({ deadband: 5 }, last(1), bad, 1)).toBe(true);
    expect(isNews({ deadband: 5 }, { ...last(1), quality: 'bad', reason: 'exception' }, bad, 1)).toBe(true);
    expect(isNews({ deadband: 5 }, { ...last(1), quality: 'bad', reason: 'no-answer' }, bad, 1)).toBe(false);
  });
});

it('a point without deadband and heartbeat has no rule: it is recorded every time', () => {
  const points = { a: { deadband: 1, heartbeat: 600_000 }, b: { heartbeat: 600_000 }, c: {} } as unknown as Profile['points'];
  expect([...compileReporting(points)]).toEqual([
    ['a', { deadband: 1, heartbeatMs: 600_000 }],
    ['b', { heartbeatMs: 600_000 }],
  ]);
});
