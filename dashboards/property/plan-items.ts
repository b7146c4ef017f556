import type { PlanItem, Spot } from '@yihu/device-profiles/vocabulary/floor-plan.ts';

/** What is worked on. */
export interface Picked {
  readonly item: number;
  /** A corner of its ring; null where the whole item is meant. */
  readonly corner: number | null;
}

/** What an editor does to the items of a plan, each as a pure step. Places are parts of width and height, 0 to 1. */

const least = 3;
const tenThousand = 10_000;

function inside(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * tenThousand) / tenThousand;
}

export function shifted([x, y]: Spot, dx: number, dy: number): Spot {
  return [inside(x + dx), inside(y + dy)];
}

/** A whole ring moves as far as all of it stays on the sheet. */
function shiftRing(ring: readonly Spot[], dx: number, dy: number): Spot[] {
  const room = (axis: 0 | 1, by: number) => {
    const parts = ring.map((spot) => spot[axis]);
    return Math.min(1 - Math.max(...parts), Math.max(-Math.min(...parts), by));
  };
  const [right, down] = [room(0, dx), room(1, dy)];
  return ring.map((spot) => shifted(spot, right, down));
}

/** The item moved; with `corner`, only that corner of its ring. */
export function moveItem(item: PlanItem, dx: number, dy: number, corner: number | null): PlanItem {
  if ('at' in item) return { ...item, at: shifted(item.at, dx, dy) };
  if (corner === null) return { ...item, ring: shiftRing(item.ring, dx, dy) };
  return { ...item, ring: item.ring.map((spot, nth) => (nth === corner ? shifted(spot, dx, dy) : spot)) };
}

/** Half way to the next corner stands a new one. */
export function addCorner(item: PlanItem, after: number): PlanItem {
  if (!('ring' in item)) return item;
  const [from, to] = [item.ring[after], item.ring[(after + 1) % item.ring.length]];
  if (from === undefined || to === undefined) return item;
  const between: Spot = [inside((from[0] + to[0]) / 2), inside((from[1] + to[1]) / 2)];
  return { ...item, ring: item.ring.toSpliced(after + 1, 0, between) };
}

export function removeCorner(item: PlanItem, corner: number): PlanItem {
  if (!('ring' in item) || item.ring.length <= least) return item;
  return { ...item, ring: item.ring.toSpliced(corner, 1) };
}

/** A rectangle in the middle, a little aside for each one that is there already, so that none hides another. */
export function newRing(already: number): Spot[] {
  const aside = (already % 8) * 0.02;
  const [left, top] = [0.4 + aside, 0.38 + aside];
  return [
    [left, top],
    [left + 0.16, top],
    [left + 0.16, top + 0.18],
    [left, top + 0.18],
  ].map(([x = 0, y = 0]): Spot => [inside(x), inside(y)]);
}

export function newSpot(already: number): Spot {
  const aside = (already % 8) * 0.025;
  return [inside(0.5 + aside), inside(0.5 + aside)];
}
