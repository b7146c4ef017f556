import type { Point } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { RawValue } from '@yihu/device-profiles/library/encode.ts';

/**
 * What a device has to send so that `value` is read: names, scale and offset taken back. `exponent` is the value of
 * the point's `scaleExp`. Throws RangeError where no raw value means `value`.
 */
export function rawOf(point: Point, value: NonNullable<Value>, exponent = 0): RawValue {
  if (point.enum) return enumRaw(point, value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return /^[us]64$/.test(point.type ?? '') ? BigInt(value) : value;
  if (point.scale === undefined && point.offset === undefined && exponent === 0) return value;
  const raw = (value - (point.offset ?? 0)) / (point.scale ?? 1) / 10 ** exponent;
  // Division leaves dust such as 2.3000000000000003 that no device would send.
  return Number(raw.toPrecision(12));
}

function enumRaw(point: Point, value: NonNullable<Value>): RawValue {
  const entry = Object.entries(point.enum ?? {}).find(([key, named]) => named.value === value || Number(key) === value);
  if (!entry) throw new RangeError(`${String(value)} is none of ${enumValues(point).join(', ')}`);
  const [key] = entry;
  if (point.oneHot) return 1n << BigInt(key);
  return /^-?\d+$/.test(key) ? Number(key) : key;
}

/** The names a point's value may have. */
export function enumValues(point: Point): string[] {
  return Object.values(point.enum ?? {}).map(({ value }) => value);
}
