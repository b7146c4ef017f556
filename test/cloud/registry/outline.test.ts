import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineProblem, surfaceOf } from '../../../cloud/registry/outline.ts';

const plan = (ring: [number, number][]) => outlineProblem({ kind: 'plan', plan: 'ground', ring });
const square: [number, number][] = [[0, 0], [4, 0], [4, 4], [0, 4]]; // prettier-ignore

describe('an outline', () => {
  it('is one ring with a surface that does not cross itself', () => {
    expect(plan(square)).toBeNull();
    expect(surfaceOf(square)).toBe(16);
    expect(plan([[0, 0], [4, 4], [4, 0], [0, 4]])).toBe('crosses-itself'); // prettier-ignore
    expect(plan([[0, 0], [4, 0], [2, 0]])).toBe('crosses-itself'); // prettier-ignore
    expect(plan([[0, 0], [2, 0], [1, 0], [1, 1]])).toBe('crosses-itself'); // prettier-ignore
    expect(plan([[0, 0], [4, 0], [0, 0], [0, 4]])).toBe('point-twice'); // prettier-ignore
    // A bow that touches one of its own sides with a corner.
    expect(plan([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]])).toBe('crosses-itself'); // prettier-ignore
  });

  it('lies on the earth where it is given in degrees', () => {
    const lonlat = (ring: [number, number][]) => outlineProblem({ kind: 'lonlat', ring });
    expect(lonlat([[121.47, 31.23], [121.48, 31.23], [121.48, 31.24]])).toBeNull(); // prettier-ignore
    expect(lonlat([[31.23, 121.47], [31.24, 121.47], [31.24, 121.48]])).toBe('outside-of-the-earth'); // prettier-ignore
  });

  const around = (radii: readonly number[]) =>
    radii.map((r, nth): [number, number] => {
      const angle = (2 * Math.PI * nth) / radii.length;
      return [Math.cos(angle) * r, Math.sin(angle) * r];
    });

  it('is good for any star around a point, and for no circle that two neighbours left in the wrong order', () => {
    const radius = fc.integer({ min: 100, max: 150 });
    fc.assert(
      fc.property(fc.array(radius, { minLength: 5, maxLength: 40 }), (radii) => {
        expect(plan(around(radii))).toBeNull();
        const [first, second, ...rest] = around(radii.map(() => 100));
        if (first && second) expect(plan([second, first, ...rest])).toBe('crosses-itself');
      }),
      { numRuns: 100 },
    );
  });
});
