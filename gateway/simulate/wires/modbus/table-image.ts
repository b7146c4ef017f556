import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import type { Order, Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { SimulatedDevice } from '../../device.ts';
import { encodeWords, type WireShape } from '@yihu/device-profiles/library/encode.ts';
import { rawNow } from '../../said/raw.ts';

/** The addresses of one table of a device, with a 16-bit word or a bit (0, 1) at each that exists. */
export type TableImage = ReadonlyMap<number, number>;

interface Placed {
  readonly id: string;
  readonly point: Point;
  readonly start: number;
  readonly shape: WireShape;
}

/** What stands in a table of the device at a time, the way its profile says it is written there. */
export function tableImage(device: SimulatedDevice, table: Table, at: number): TableImage {
  const image = new Map<number, number>();
  const placed = placedPoints(device, table);
  const isBits = table === 'coil' || table === 'discrete';
  // Whole registers first: a point that is a few bits of one of them has the last word on these bits.
  const parts = (each: Placed) => (each.shape.bits !== undefined || each.shape.type === 'bit' ? 1 : 0);
  for (const each of placed.toSorted((a, b) => parts(a) - parts(b))) {
    const raw = rawNow(device, each.id, at);
    if (isBits) image.set(each.start, Number(raw) === 0 ? 0 : 1);
    else lay(image, each, encodeWords(each.shape, raw));
  }
  return image;
}

function lay(image: Map<number, number>, { start, shape }: Placed, words: readonly number[]): void {
  const mask = maskOf(shape, words.length);
  words.forEach((word, offset) => {
    const there = image.get(start + offset) ?? 0;
    const own = mask[offset] as number;
    image.set(start + offset, (there & ~own & 0xffff) | (word & own));
  });
}

/** Which bits of its registers a point owns. */
function maskOf(shape: WireShape, count: number): number[] {
  const whole = Array.from({ length: count }, () => 0xffff);
  if (shape.type === 'bit') return [1 << (shape.bits?.shift ?? 0)];
  if (shape.bits) {
    const { width } = shape.bits;
    return encodeWords({ ...shape, signed: false }, (1n << BigInt(width)) - 1n);
  }
  if (shape.type === 'u8' || shape.type === 's8') return [shape.byte === 'high' ? 0xff00 : 0x00ff];
  return whole;
}

function placedPoints({ profile }: SimulatedDevice, table: Table): Placed[] {
  const { defaults } = profile;
  return Object.entries(profile.points).flatMap(([id, point]) => {
    if (typeof point.at !== 'number' || (point.table ?? defaults.table) !== table) return [];
    const start = defaults.addressing === 'one-based' ? point.at - 1 : point.at;
    const shape = { ...point, type: point.type ?? 'bit', order: orderOf(point, defaults.order) } as const;
    return [{ id, point, start, shape }];
  });
}

/** As in a profile: the default order is that of values of several registers; a single one is swapped only where it says so. */
function orderOf(point: Point, usual: Order): Order {
  const single = point.type !== 'string' && registerCount(point.type ?? 'bit') === 1;
  return point.order ?? (single ? 'ABCD' : usual);
}
