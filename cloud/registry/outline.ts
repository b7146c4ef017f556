import type { Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';

type Point = readonly [number, number];

export type OutlineProblem = 'outside-of-the-earth' | 'point-twice' | 'crosses-itself' | 'no-surface';

/** What is wrong with an outline, or null: points on the earth, no side across another, a surface inside. */
export function outlineProblem(shape: Shape): OutlineProblem | null {
  const { ring } = shape;
  if (shape.kind === 'lonlat' && ring.some(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90))
    return 'outside-of-the-earth';
  if (new Set(ring.map(String)).size < ring.length) return 'point-twice';
  if (crossesItself(ring)) return 'crosses-itself';
  return surfaceOf(ring) === 0 ? 'no-surface' : null;
}

/** Shoelace formula, in squared units of the coordinates. */
export function surfaceOf(ring: readonly Point[]): number {
  const twice = ring.reduce((sum, point, nth) => {
    const next = ring[(nth + 1) % ring.length] ?? point;
    return sum + point[0] * next[1] - next[0] * point[1];
  }, 0);
  return Math.abs(twice) / 2;
}

function crossesItself(ring: readonly Point[]): boolean {
  if (ring.some((point, nth) => turnsBack(ring.at(nth - 1) ?? point, point, ring[(nth + 1) % ring.length] ?? point))) return true;
  const sides = ring.map((point, nth): [Point, Point] => [point, ring[(nth + 1) % ring.length] ?? point]);
  return sides.some(([a, b], i) => {
    return sides.some(([c, d], j) => {
      const neighbours = Math.abs(i - j) === 1 || Math.abs(i - j) === sides.length - 1;
      return j > i && !neighbours && cross(a, b, c, d);
    });
  });
}

/** True where the way from a to b goes back over itself to c. */
function turnsBack(a: Point, b: Point, c: Point): boolean {
  return side(a, b, c) === 0 && (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0;
}

/** True where the segments ab and cd share a point. */
function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  const [abc, abd, cda, cdb] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && between(a, b, c)) ||
    (abd === 0 && between(a, b, d)) ||
    (cda === 0 && between(c, d, a)) ||
    (cdb === 0 && between(c, d, b))
  );
}

function side([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): number {
  return Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));
}

function between([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): boolean {
  return px >= Math.min(ax, bx) && px <= Math.max(ax, bx) && py >= Math.min(ay, by) && py <= Math.max(ay, by);
}
