import { capLimits } from './limits.ts';
import type { CapArea, CapMessage, Ring } from './message.ts';

/** An area of ours as a message may mean it. */
export interface Candidate {
  readonly path: string;
  /** In degrees; null where its outline is not known. */
  readonly ring: Ring | null;
  readonly codes: readonly { readonly scheme: string; readonly code: string }[];
}

/** The scheme of our own paths, which is in every message of ours. */
export const ownScheme = 'yihu:area';

/**
 * The areas a message is for, none inside another, at most `capLimits.targets`: those whose code it names (or a code above
 * it), and those its outlines touch. An area that is only touched gives way to what is touched inside of it.
 */
export function targetsOf(message: CapMessage, candidates: readonly Candidate[]): string[] {
  const areas = message.info.flatMap(({ area }) => area);
  const named = candidates.filter((candidate) => areas.some((area) => isNamed(candidate, area)));
  const rings = areas.flatMap(({ polygon, circle }) => [...polygon, ...circle.map(ringOf)]);
  const touched = candidates.filter(({ ring }) => ring !== null && rings.some((other) => meet(ring, other)));
  const whole = touched.filter(({ path, ring }) => {
    const isCovered = ring !== null && rings.some((other) => ring.every((point) => contains(other, point)));
    return isCovered || !touched.some((other) => isInside(other.path, path));
  });
  return fewer(topmost([...named, ...whole].map(({ path }) => path)));
}

function isInside(path: string, above: string): boolean {
  return path.startsWith(`${above}/`);
}

function topmost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)].sort();
  return all.filter((path) => !all.some((other) => isInside(path, other)));
}

/** Brings them together one level higher, the deepest first, until they are few. */
function fewer(paths: string[]): string[] {
  let few = paths;
  while (few.length > capLimits.targets) {
    const deepest = Math.max(...few.map((path) => path.split('/').length));
    if (deepest === 1) return few.slice(0, capLimits.targets);
    few = topmost(few.map((path) => (path.split('/').length === deepest ? path.slice(0, path.lastIndexOf('/')) : path)));
  }
  return few;
}

function isNamed(candidate: Candidate, { geocode }: CapArea): boolean {
  return geocode.some(({ valueName, value }) =>
    valueName === ownScheme
      ? value === candidate.path
      : candidate.codes.some(({ scheme, code }) => scheme === valueName && holds(value.trim(), code)),
  );
}

/** 行政区划代码 of 6 to 12 digits (GB/T 2260, GB/T 10114): a code whose lower levels are zeros holds all below it. */
function holds(value: string, code: string): boolean {
  if (value === code) return true;
  if (!/^\d{6,12}$/.test(value) || !/^\d{6,12}$/.test(code)) return false;
  const [above, below] = [value.padEnd(12, '0'), code.padEnd(12, '0')];
  const level = [2, 4, 6, 9, 12].find((end) => /^0*$/.test(above.slice(end))) ?? 12;
  return below.slice(0, level) === above.slice(0, level);
}

const girthKm = 111.32;

/** A circle as a ring of 32 points. */
function ringOf({ lat, lon, km }: CapArea['circle'][number]): Ring {
  const narrow = Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  // A point without a size still lies somewhere.
  const radius = Math.max(km, 0.001) / girthKm;
  return Array.from({ length: 32 }, (_, nth): [number, number] => {
    const turn = (nth * Math.PI) / 16;
    return [lon + (radius * Math.cos(turn)) / narrow, lat + radius * Math.sin(turn)];
  });
}

type Point = Ring[number];

function meet(a: Ring, b: Ring): boolean {
  if (!boxesMeet(a, b)) return false;
  if (a.some((point) => contains(b, point)) || b.some((point) => contains(a, point))) return true;
  return a.some((from, i) => b.some((start, j) => cross(from, next(a, i), start, next(b, j))));
}

function next(ring: Ring, index: number): Point {
  return ring[(index + 1) % ring.length] ?? [0, 0];
}

function boxesMeet(a: Ring, b: Ring): boolean {
  return ([0, 1] as const).every((axis) => {
    const [as, bs] = [a.map((point) => point[axis]), b.map((point) => point[axis])];
    return Math.max(...as) >= Math.min(...bs) && Math.max(...bs) >= Math.min(...as);
  });
}

/** Counts how often a ray to the east leaves the ring. */
function contains(ring: Ring, [x, y]: Point): boolean {
  let inside = false;
  ring.forEach(([ax, ay], index) => {
    const [bx, by] = next(ring, index);
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

function side([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): number {
  return Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));
}
