import { byteCount } from '@yihu/device-profiles/library/byte-count.ts';
import { encodeWords } from '@yihu/device-profiles/library/encode.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { SimulatedDevice } from '../device.ts';
import { rawNow } from './raw.ts';

/** What stands under each key of a device whose values are items, in the order of the wire, the way its profile says. */
export function itemImage(device: SimulatedDevice, at: number): Map<string, Uint8Array> {
  const image = new Map<string, Uint8Array>();
  const { points, defaults } = device.profile;
  const parts = Object.entries(points).toSorted(([, a], [, b]) => widthOf(b) - widthOf(a));
  for (const [id, point] of parts) {
    if (typeof point.at !== 'string' || point.compute !== undefined) continue;
    const isLowFirst = (point.order ?? defaults.order) === 'DCBA' && point.type !== 'string';
    const asSent = (bytes: Uint8Array): Uint8Array => (isLowFirst ? bytes.toReversed() : bytes);
    const value = asSent(encoded(point, rawNow(device, id, at)));
    image.set(point.at, lay(image.get(point.at), point.skip ?? 0, value, asSent(maskOf(point))));
  }
  return image;
}

/** Whole values first: a few bits of one have the last word on these bits. */
function widthOf({ bits }: Point): number {
  return bits?.width ?? 64;
}

function lay(there: Uint8Array | undefined, skip: number, value: Uint8Array, mask: Uint8Array): Uint8Array {
  const item = new Uint8Array(Math.max(there?.length ?? 0, skip + value.length));
  item.set(there ?? []);
  value.forEach((byte, i) => {
    const own = mask[i] ?? 0;
    item[skip + i] = (byte & own) | ((item[skip + i] ?? 0) & ~own);
  });
  return item;
}

/** Most significant byte first. */
function encoded(point: Point, raw: Parameters<typeof encodeWords>[1]): Uint8Array {
  const type = point.type ?? 'u8';
  const bytes = byteCount({ type, length: point.length });
  const words = encodeWords({ ...point, type, order: 'ABCD', length: Math.ceil(bytes / 2) }, raw);
  const all = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  return type === 'string' ? all.slice(0, bytes) : all.slice(all.length - bytes);
}

function maskOf(point: Point): Uint8Array {
  const { bits, type = 'u8' } = point;
  if (bits === undefined) return new Uint8Array(byteCount({ type, length: point.length })).fill(0xff);
  const full = (1n << BigInt(bits.width)) - 1n;
  return encoded({ ...point, type: type === 'bit' ? 'u8' : type, signed: undefined }, full);
}
