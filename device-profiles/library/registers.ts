import type { Table } from '../vocabulary/frame.ts';
import type { Order, Point, WireType } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { namesOf, parseExpression } from './expression.ts';

/** Where a point stands on the wire, all defaults of its profile applied. */
export interface RegisterPoint {
  readonly id: string;
  readonly point: Point;
  readonly table: Table;
  /** Zero-based, as on the wire, whatever the manual counts from. */
  readonly start: number;
  /** Registers, or bits in the bit tables. */
  readonly count: number;
  readonly type: WireType;
  readonly order: Order;
}

/** How many 16-bit registers a value of `type` takes; 24-bit types stand in the low three bytes of two. */
export function registerCount(type: WireType, length = 1): number {
  if (type === 'string') return length;
  const size = Number(/\d+$/.exec(type)?.[0] ?? 1);
  return Math.ceil(type.includes('time') ? size / 2 : size / 16);
}

/**
 * The register points of a Modbus profile, by table and address; the poll planner and the decoder read the same list.
 * Points without an address or (in a register table) without a type are left out; the loader has refused them.
 */
export function registerPoints(profile: Profile): RegisterPoint[] {
  const points = Object.entries(profile.points).flatMap(([id, point]) => {
    const found = registerPoint(profile, id, point);
    return found === undefined ? [] : [found];
  });
  return points.sort((a, b) => a.table.localeCompare(b.table) || a.start - b.start || a.count - b.count);
}

function registerPoint(profile: Profile, id: string, point: Point): RegisterPoint | undefined {
  const { defaults } = profile;
  const table = point.table ?? defaults.table;
  const isBitTable = table === 'coil' || table === 'discrete';
  const type = point.type ?? (isBitTable ? 'bit' : undefined);
  if (table === undefined || type === undefined || typeof point.at !== 'number') return undefined;
  // A profile's default order is that of its long values; makers who swap words rarely swap the bytes of single registers.
  const start = defaults.addressing === 'one-based' ? point.at - 1 : point.at;
  const count = registerCount(type, point.length);
  return {
    id,
    point,
    table,
    start,
    count,
    type,
    order: point.order ?? (count === 1 && type !== 'string' ? 'ABCD' : defaults.order),
  };
}

/**
 * What must come in one answer: with each point those that give its power of ten and its unit, and all that one calculation
 * needs. By the ids of points; those that stand alone are not in it.
 */
export function readTogether({ points, params }: Profile): Map<string, ReadonlySet<string>> {
  const together = new Map<string, Set<string>>();
  const join = (id: string, others: readonly string[]): void => {
    const known = together.get(id) ?? new Set<string>();
    for (const other of others) if (other !== id) known.add(other);
    if (known.size > 0) together.set(id, known);
  };
  for (const [id, { scaleExp, unitFrom, compute }] of Object.entries(points)) {
    join(id, [scaleExp ?? [], unitFrom ?? []].flat());
    const expression = compute === undefined ? undefined : parseExpression(compute);
    if (expression === undefined || 'wrong' in expression) continue;
    const inputs = [...namesOf(expression)].filter((name) => !Object.hasOwn(params, name));
    for (const input of inputs) join(input, inputs);
  }
  return together;
}
