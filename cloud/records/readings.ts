import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';

/** A reading as it lies in a telemetry row: the bare value where that says it all. */
export type StoredReading =
  | Value
  | [value: Value, quality: string, reason: string | null, afterMs: number, deviceAt: number | null];

export type StoredReadings = Record<string, StoredReading>;

/**
 * The readings of one frame as rows of point → reading. A point that was read twice in one frame opens another row, so that
 * nothing is lost to the key.
 */
export function storeReadings(readings: readonly Reading[], rowAt: number): StoredReadings[] {
  const rows: StoredReadings[] = [];
  for (const reading of readings) {
    let row = rows.find((one) => !Object.hasOwn(one, reading.point));
    if (!row) rows.push((row = Object.create(null) as StoredReadings));
    row[reading.point] = storeReading(reading, rowAt);
  }
  return rows.length > 0 ? rows : [{}];
}

function storeReading(reading: Reading, rowAt: number): StoredReading {
  const { value, quality, reason, at, deviceAt } = reading;
  if (quality === 'good' && at === rowAt && deviceAt === undefined && value !== null) return value;
  return [value, quality, reason ?? null, at - rowAt, deviceAt ?? null];
}
