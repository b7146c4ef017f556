import { encodeWords } from '@yihu/device-profiles/library/encode.ts';
import { itemBytes } from '@yihu/device-profiles/library/items.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SimulatedDevice } from './device.ts';
import { rawOf } from './raw.ts';

/** What stands under each key of a device whose values are items, in the order of the wire, the way its profile says. */
export function itemImage(device: SimulatedDevice, at: number): Map<string, Uint8Array> {
  const image = new Map<string, Uint8Array>();
  const { points, defaults } = device.profile;
  const parts = Object.entries(points).toSorted(([, a], [, b]) => widthOf(b) - widthOf(a));
  for (const [id, point] of parts) {
    if (typeof point.at !== 'string') continue;
    const value = encoded(point, rawOf(point, device.value(id, at)));
    const mask = maskOf(point);
    const there = image.get(point.at) ?? new Uint8Array(value.length);
    const own = (point.order ?? defaults.order) === 'DCBA' && point.type !== 'string' ? value.toReversed() : value;
    const ours = (point.order ?? defaults.order) === 'DCBA' && point.type !== 'string' ? mask.toReversed() : mask;
    image.set(
      point.at,
      own.map((byte, i) => (byte & (ours[i] ?? 0)) | ((there[i] ?? 0) & ~(ours[i] ?? 0))),
    );
  }
  return image;
}

/** Whole values first: a few bits of one have the last word on these bits. */
function widthOf({ bits }: Point): number {
  return bits?.width ?? 64;
}

/** Most significant byte first. */
function encoded(point: Point, raw: Parameters<typeof encodeWords>[1]): Uint8Array {
  const type = point.type ?? 'u8';
  const bytes = itemBytes(point);
  const words = encodeWords({ ...point, type, order: 'ABCD', length: Math.ceil(bytes / 2) }, raw);
  const all = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  return type === 'string' ? all.slice(0, bytes) : all.slice(all.length - bytes);
}

function maskOf(point: Point): Uint8Array {
  const { bits } = point;
  if (bits === undefined) return new Uint8Array(itemBytes(point)).fill(0xff);
  const full = (1n << BigInt(bits.width)) - 1n;
  return encoded({ ...point, type: point.type === 'bit' ? 'u8' : point.type, signed: undefined }, full);
}
