import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { communityOf, type FloodCount, floodGroups, floodLimits, isFlood, isGrouped } from '../../../cloud/alarm/flood.ts';
import { hazards, severities } from '@yihu/device-profiles/vocabulary/severity.ts';

describe('rule 7: nothing is dropped in a flood', () => {
  it.each([
    ['ten alarms in ten minutes are none', false, { inSpan: 10, inBurst: 2, operators: 1 }, false],
    ['eleven are', false, { inSpan: 11, inBurst: 2, operators: 1 }, true],
    ['eleven are none for two', false, { inSpan: 11, inBurst: 2, operators: 2 }, false],
    ['nobody on duty counts as one', false, { inSpan: 11, inBurst: 2, operators: 0 }, true],
    ['it lasts while there are five', true, { inSpan: 5, inBurst: 0, operators: 1 }, true],
    ['it is over below five', true, { inSpan: 4, inBurst: 0, operators: 1 }, false],
  ])('%s', (_name, was, load, expected) => expect(isFlood(was, load)).toBe(expected));

  it('what threatens a life comes in full', () =>
    expect(hazards.filter((hazard) => !isGrouped(hazard))).toEqual(['fire', 'gas', 'person']));

  it('belongs to one community', () => expect(communityOf('xf/xfl/3/2/502')).toBe('xf/xfl'));

  const count: fc.Arbitrary<FloodCount> = fc.record({
    hazard: fc.constantFrom(...hazards),
    area: fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 101, max: 120 }))
      .map((path) => `xf/xfl/${path.join('/')}`),
    alarms: fc.integer({ min: 1, max: 500 }),
    active: fc.integer({ min: 0, max: 500 }),
    unacked: fc.integer({ min: 0, max: 500 }),
    worst: fc.constantFrom(...severities),
  });

  it('groups are never more than a screen holds, and add up to all there is', () =>
    fc.assert(
      fc.property(fc.array(count, { maxLength: 300 }), (counts) => {
        const groups = floodGroups(counts);
        const sum = (list: readonly { alarms: number; active: number; unacked: number }[]) =>
          (['alarms', 'active', 'unacked'] as const).map((what) => list.reduce((total, each) => total + each[what], 0));
        expect(groups.length).toBeLessThanOrEqual(floodLimits.groups);
        expect(sum(groups)).toEqual(sum(counts));
      }),
    ));

  it('a few stay as fine as they are', () => {
    const leak = { hazard: 'water' as const, alarms: 1, active: 1, unacked: 1, worst: 'major' as const };
    const counts = [101, 102].map((room) => ({ ...leak, area: `xf/xfl/1/1/${room}` }));
    expect(floodGroups(counts).map(({ area }) => area)).toEqual(['xf/xfl/1/1/101', 'xf/xfl/1/1/102']);
  });
});
