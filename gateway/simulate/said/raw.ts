import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { convert } from '@yihu/device-profiles/vocabulary/units.ts';
import { timeText } from './clock-text.ts';
import type { SimulatedDevice } from '../device.ts';
import type { RawValue } from '@yihu/device-profiles/library/encode.ts';

/** What the points that a point names say about it. */
export interface SaidOf {
  /** The power of ten it is multiplied by. */
  readonly exponent?: number;
  /** The unit it is sent in. */
  readonly unit?: string;
  /** The zone its times are in. */
  readonly zone?: string;
}

/**
 * What a device has to send so that `value` is read: names, unit, scale and offset taken back. Throws RangeError where no raw
 * value means `value`.
 */
export function rawOf(point: Point, value: NonNullable<Value>, { exponent = 0, unit = point.unit, zone }: SaidOf = {}): RawValue {
  if (point.enum) return enumRaw(point, value);
  if (point.type?.includes('time')) return timeText(Date.parse(String(value)), 'YYYY-MM-DD HH:mm:ss', zone);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return /^[us]64$/.test(point.type ?? '') ? BigInt(value) : value;
  const sent = convert(value, point.unit, unit);
  if (sent === undefined) throw new RangeError(`${point.unit} cannot be sent in ${unit}`);
  if (point.scale === undefined && point.offset === undefined && exponent === 0) return sent;
  const raw = (sent - (point.offset ?? 0)) / (point.scale ?? 1) / 10 ** exponent;
  // Division leaves dust such as 2.3000000000000003 that no device would send.
  return Number(raw.toPrecision(12));
}

/** The device's raw values now: with the units and exponents that its other values say. */
export function rawNow(device: SimulatedDevice, id: string, at: number): RawValue {
  const point = device.profile.points[id];
  if (point === undefined) throw new RangeError(`there is no point ${id}`);
  const { scaleExp, unitFrom } = point;
  const { zone } = device.profile;
  return rawOf(point, device.value(id, at), {
    ...(scaleExp !== undefined && { exponent: Number(device.value(scaleExp, at)) }),
    ...(unitFrom !== undefined && { unit: String(device.value(unitFrom, at)) }),
    ...(zone !== undefined && { zone }),
  });
}

function enumRaw(point: Point, value: NonNullable<Value>): RawValue {
  const entry = Object.entries(point.enum ?? {}).find(([key, named]) => named.value === value || Number(key) === value);
  if (!entry) throw new RangeError(`${String(value)} is none of ${enumValues(point).join(', ')}`);
  const [key] = entry;
  if (point.oneHot) return 1n << BigInt(key);
  return /^-?\d+$/.test(key) ? Number(key) : key;
}

/** The names a point's value may have. */
function enumValues(point: Point): string[] {
  return Object.values(point.enum ?? {}).map(({ value }) => value);
}
