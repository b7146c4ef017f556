import { describe, expect, it } from 'vitest';
import { above, below, isRoot } from '../../../cloud/alarm/parent.ts';

const member = (id: string, parent: string | null = null) => [id, { id, parent }] as const;
const family = new Map([
  member('feed'),
  member('recorder', 'feed'),
  member('camera-1', 'recorder'),
  member('camera-2', 'recorder'),
]);

describe('rule 5: what goes with its parent is unknown, and one alarm says how many', () => {
  it('goes through however many, the nearest first', () => {
    expect(above(family, 'camera-1')).toEqual(['recorder', 'feed']);
    expect(below(family, 'feed')).toEqual(['recorder', 'camera-1', 'camera-2']);
    expect(below(family, 'camera-1')).toEqual([]);
  });
  it('walks a ring once, and a parent that nobody knows is the end', () => {
    const ring = new Map([member('a', 'b'), member('b', 'a'), member('c', 'gone')]);
    expect(above(ring, 'a')).toEqual(['b']);
    expect(above(ring, 'c')).toEqual(['gone']);
  });
  it('is a device that is silent or has no power; not a test, and not any other fault', () => {
    const alarm = { alarm: 'offline', hazard: 'communication', active: true, suppressedBy: [] as string[] } as const;
    expect(isRoot(alarm)).toBe(true);
    expect(isRoot({ ...alarm, alarm: 'mains_lost', hazard: 'equipment' })).toBe(true);
    expect(isRoot({ ...alarm, alarm: 'pump', hazard: 'equipment' })).toBe(false);
    expect(isRoot({ ...alarm, active: false })).toBe(false);
    expect(isRoot({ ...alarm, suppressedBy: ['test'] })).toBe(false);
  });
});
