import type { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';

type Point = readonly [number, number];

/** True where the point lies inside the ring (even-odd rule); on the edge counts for one of two neighbours at most. */
export function insideRing([x, y]: Point, ring: readonly Point[]): boolean {
  let inside = false;
  ring.forEach(([ax, ay], nth) => {
    const [bx, by] = ring[(nth + 1) % ring.length] ?? [ax, ay];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

/** The middle of an outline's corners: inside it for any building worth drawing. */
export function middleOf(ring: readonly Point[]): Point {
  const sum = ring.reduce(([x, y]: Point, [px, py]): Point => [x + px, y + py], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}

/** Whether an outline of a building is drawn on the same map and lies with its middle in the drawn one. */
export function liesIn(building: Shape, drawn: Shape): boolean {
  const sameMap = building.kind === 'lonlat' ? drawn.kind === 'lonlat' : drawn.kind === 'plan' && drawn.plan === building.plan;
  return sameMap && insideRing(middleOf(building.ring), drawn.ring);
}

/** The longest path that holds all of them, '' where there is none. */
export function commonArea(paths: readonly string[]): string {
  const [first = '', ...rest] = paths;
  const steps = rest.reduce((common, path) => {
    const other = path.split('/');
    const until = common.findIndex((step, nth) => step !== other[nth]);
    return until < 0 ? common : common.slice(0, until);
  }, first.split('/'));
  return steps.join('/');
}

/** Every area an audience names to call somebody there: all of them must be its author's. */
export function namedAreas({ areas, outline }: CallAudience): string[] {
  return [...areas, ...(outline === null ? [] : [outline.within])];
}
