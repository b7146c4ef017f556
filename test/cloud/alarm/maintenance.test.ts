import { describe, expect, it } from 'vitest';
import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { covers, refuseWindow } from '../../../cloud/alarm/maintenance.ts';

const day = 24 * 3_600_000;
const alarm = { area: 'xf/xfl/3/2', gateway: 'gw-1', device: 'leak-1', hazard: 'water' as Hazard };
const window = (more: { areas?: string[]; devices?: string[]; hazards?: Hazard[] }) => ({
  id: 'w',
  areas: ['xf/xfl'],
  devices: [],
  hazards: [],
  ...more,
});

describe('a maintenance window', () => {
  it.each([
    ['everything below its areas', {}, true],
    ['no neighbour that begins alike', { areas: ['xf/xf'] }, false],
    ['one of several areas', { areas: ['xf/dhy', 'xf/xfl/3'] }, true],
    ['the devices it names', { devices: ['gw-1/leak-1'] }, true],
    ['no device of the same name at another gateway', { devices: ['gw-2/leak-1'] }, false],
    ['the kinds it names', { hazards: ['water', 'equipment'] as Hazard[] }, true],
    ['no other kind', { hazards: ['equipment'] as Hazard[] }, false],
  ])('covers %s', (_name, more, expected) => expect(covers(window(more), alarm)).toBe(expected));

  it.each([
    ['ends in the past', { startsAt: 0, endsAt: 99 }, /passed/],
    ['ends before it begins', { startsAt: 300, endsAt: 200 }, /after it begins/],
    ['lasts for more than a week', { startsAt: 200, endsAt: 201 + 7 * day }, /7 days/],
    ['lies too far ahead', { startsAt: 101 + 90 * day, endsAt: 102 + 90 * day }, /90 days/],
  ])('is refused where it %s', (_name, times, why) => expect(refuseWindow(times, 100)?.en).toMatch(why));

  it('may be a week long, also where it began a while ago', () =>
    expect(refuseWindow({ startsAt: 0, endsAt: 100 + 7 * day }, 100)).toBeNull());
});
