import { consumption } from '@yihu/device-profiles/vocabulary/counter.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestDevice, hour, minute } from './device.ts';

describe('the amount between two readings', () => {
  it.each([
    ['rises', 100, 103.5, {}, null, 'counted', 3.5],
    ['stays', 100, 100, {}, null, 'counted', 0],
    ['rises as fast as it can', 100, 120, { maxRate: 20 }, hour, 'counted', 20],
    ['rises faster than it can', 100, 130, { maxRate: 20 }, hour, 'implausible', null],
    ['rises, nobody knows how fast', 100, 130, { maxRate: 20 }, null, 'counted', 30],
    ['wraps at 16 bits', 65_530, 4, { span: 65_536 }, null, 'wrapped', 10],
    ['wraps at six digits with two decimals', 9_999.5, 0.25, { span: 10_000 }, null, 'wrapped', 0.75],
    ['falls too far for a wrap', 30_000, 20_000, { span: 65_536 }, null, 'replaced', null],
    ['would wrap, and faster than it can', 65_530, 40, { span: 65_536, maxRate: 10 }, hour, 'replaced', null],
    ['wraps as fast as it can', 65_530, 4, { span: 65_536, maxRate: 10 }, hour, 'wrapped', 10],
    ['begins again near 0', 5_000, 2, {}, null, 'reset', 2],
    ['begins again at 0', 5_000, 0, {}, hour, 'reset', 0],
    ['begins again, and counted what it can', 5_000, 15, { maxRate: 20 }, hour, 'reset', 15],
    ['falls to what it cannot have counted', 5_000, 300, { maxRate: 20 }, hour, 'replaced', null],
    ['falls half way', 5_000, 2_500, {}, null, 'replaced', null],
    ['never wraps and falls', 5_000, 0, { never: true }, null, 'replaced', null],
    ['falls by its last digit', 5_000.1, 5_000, { step: 0.1 }, null, 'counted', 0],
    ['falls by what a 32-bit float rounds away', 5_000, 4_999.999, {}, null, 'counted', 0],
    ['is below 0', 5, -5, {}, null, 'replaced', null],
    ['rises past 2^53 by one', '18446744073709551614', '18446744073709551615', {}, null, 'counted', 1],
    ['passes 2^53', 9_007_199_254_740_990, '9007199254740993', {}, null, 'counted', 3],
  ] as const)('%s: %s → %s', (_name, before, after, rule, elapsedMs, how, amount) => {
    const found = consumption(before, after, rule, elapsedMs);
    expect(found?.how).toBe(how);
    if (amount === null) expect(found?.amount).toBeNull();
    else expect(found?.amount).toBeCloseTo(amount, 9);
  });

  it.each([
    [null, 1],
    ['E', 1],
    [true, 1],
  ])('%s and %s have none', (before, after) => {
    expect(consumption(before, after, {}, null)).toBeNull();
  });

  it('is never negative, and a wrapped counter says the same as one that does not wrap', () => {
    const Rule = fc.record({
      span: fc.option(fc.constantFrom(65_536, 1_000_000), { nil: undefined }),
      maxRate: fc.option(fc.constant(50), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.integer({ min: 0, max: 65_535 }),
        Rule,
        fc.integer({ min: 1, max: 86_400_000 }),
        (a, b, rule, ms) => {
          const found = consumption(a, b, rule, ms);
          expect(found?.amount ?? 0).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 6_000 }), (from, amount) => {
        const wrapped = consumption(from % 65_536, (from + amount) % 65_536, { span: 65_536 }, null);
        expect(wrapped?.amount).toBe(amount);
      }),
    );
  });
});

describe('a counter of a device', () => {
  const meter = (point: object) =>
    new TestDevice({
      points: { energy: { kind: 'counter', unit: 'kW.h', ...point }, serial: { kind: 'text' } },
      alarms: { far: { point: 'energy', above: 100_000, clear: 99_999 } },
    });
  const told = (device: TestDevice) => device.events.map(({ type, data }) => [type, data?.['before'], data?.['after']]);

  it('keeps its raw values, and a wrap is told with what was and what is', () => {
    const device = meter({ wrap: { bits: 16 } });
    for (const energy of [65_530, 65_534, 3, 9]) {
      expect(device.say({ energy }).readings).toMatchObject([{ value: energy, quality: 'good' }]);
      device.wait(minute);
    }
    expect(told(device)).toEqual([['counter.wrapped', 65_534, 3]]);
  });

  it('that begins again at 0 is doubted once and told when another reading says the same', () => {
    const device = meter({ wrap: { digits: 8 } });
    device.say({ energy: 5_000 });
    expect(device.say({ energy: 1 }).readings).toMatchObject([{ value: 1, quality: 'uncertain', reason: 'implausible' }]);
    expect(told(device)).toEqual([]);
    expect(device.say({ energy: 1.5 }).readings).toMatchObject([{ quality: 'good' }]);
    expect(told(device)).toEqual([['counter.reset', 5_000, 1.5]]);
  });

  it('that was misread once goes on where it was, and nothing is told', () => {
    const device = meter({ maxRate: 20 });
    device.say({ energy: 5_000 });
    for (const energy of [0.3, 5_001, 900_000, 5_002]) device.wait(hour).say({ energy });
    expect([told(device), device.said]).toEqual([[], ['online']]);
    expect(device.last?.readings).toMatchObject([{ value: 5_002, quality: 'good' }]);
  });

  it('that is another one shows a value it cannot have counted, twice', () => {
    const device = meter({ maxRate: 20 });
    device.say({ energy: 5_000 });
    device.wait(hour);
    for (const energy of [80_000, 80_000.1]) {
      device.say({ energy });
      device.wait(minute);
    }
    expect(told(device)).toEqual([['counter.replaced', 5_000, 80_000.1]]);
  });

  it('whose serial number is another is another at once', () => {
    const device = meter({ serial: 'serial' });
    device.say({ energy: 5_000, serial: 'A1' });
    device.restart().say({ energy: 5_000.5, serial: 'B2' });
    expect(told(device)).toEqual([['counter.replaced', 5_000, 5_000.5]]);
    device.say({ energy: 5_001 });
    expect(told(device)).toHaveLength(1);
  });

  it('a wrap while the gateway was down is told all the same, and a rise then is not called impossible', () => {
    const device = meter({ wrap: { bits: 16 }, maxRate: 20 });
    device.say({ energy: 65_500 });
    device.restart().say({ energy: 50 });
    expect(told(device)).toEqual([['counter.wrapped', 65_500, 50]]);
    device.restart().say({ energy: 9_000 });
    expect(device.last?.readings).toMatchObject([{ quality: 'good' }]);
  });

  it('is written down now and then, and not with each reading', () => {
    const device = meter({});
    let writes = 0;
    for (let s = 0; s < 3_600; s += 10) {
      if (device.say({ energy: s / 100 }).moved) writes++;
      device.mono += 10_000;
    }
    expect(writes).toBeLessThanOrEqual(8);
  });

  it('may be watched by its events', () => {
    const device = new TestDevice({
      points: { energy: { kind: 'counter' } },
      events: { 'counter.replaced': { zh: '换表' } },
      alarms: { swapped: { event: 'counter.replaced' } },
    });
    for (const energy of [5_000, 300, 301]) device.say({ energy });
    expect(device.said.filter((line) => line.startsWith('swapped'))).toEqual([
      'swapped raised 1 event',
      'swapped cleared 1 auto-clear',
    ]);
  });

  it('kept values of earlier are not followed', () => {
    const device = meter({ wrap: { bits: 16 } });
    device.say({ energy: 500 });
    device.say({ energy: 3 }, { historical: true, deviceAt: 1 });
    device.say({ energy: 501 });
    expect(told(device)).toEqual([]);
  });
});
