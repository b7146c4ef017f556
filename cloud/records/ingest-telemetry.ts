import { type Kysely, sql } from 'kysely';
import { aboutAt } from '@yihu/device-profiles/vocabulary/about-at.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Of } from './ingest-accepted.ts';
import type { KnownDevice, KnownDevices } from './ingest-devices.ts';
import { storeReadings } from './readings.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

function keyOf(devices: KnownDevices, id: string): number {
  const device = devices.get(id);
  if (!device) throw new Error(`device ${id} was not registered before its records`);
  return device.key;
}

/** Telemetry rows and the latest value of each point, in three statements however many readings there are. */
export async function keepReadings(
  trx: Kysely<Tables>,
  devices: KnownDevices,
  accepted: readonly Of<'readings'>[],
): Promise<void> {
  if (accepted.length === 0) return;
  const columns = {
    device: [] as number[],
    log: [] as number[],
    seq: [] as number[],
    at: [] as number[],
    readings: [] as string[],
  };
  for (const { log, entry, record } of accepted) {
    for (const [at, readings] of byTime(record)) {
      for (const row of storeReadings(readings, at)) {
        columns.device.push(keyOf(devices, record.device));
        columns.log.push(log);
        columns.seq.push(entry.seq);
        columns.at.push(at);
        columns.readings.push(JSON.stringify(row));
      }
    }
  }
  await sql`insert into telemetry (device, log, seq, at, readings)
    select device, log, seq, at, readings::jsonb from unnest(${columns.device}::int[], ${columns.log}::int[], ${columns.seq}::bigint[],
      ${columns.at}::bigint[], ${columns.readings}::text[]) as r(device, log, seq, at, readings)`.execute(trx);
  await keepLatest(trx, devices, accepted);
  await heard(trx, devices, accepted);
}

/** The readings under the time they are about; what a device had kept has times of its own. */
function byTime({ at, readings }: Of<'readings'>['record']): Iterable<readonly [number, readonly Reading[]]> {
  if (!readings.some(({ historical }) => historical)) return [[at, readings]];
  const dated = readings.map((reading) => (reading.historical ? { ...reading, at: aboutAt(reading) } : reading));
  return Map.groupBy(dated, (reading) => (reading.historical ? reading.at : at));
}

/** A point's latest reading is the one read last, not the one that arrived last: backlog never overwrites the present. */
async function keepLatest(trx: Kysely<Tables>, devices: KnownDevices, accepted: readonly Of<'readings'>[]): Promise<void> {
  const latest = new Map<string, { device: number; reading: Reading }>();
  for (const { record } of accepted) {
    const device = keyOf(devices, record.device);
    for (const reading of record.readings) {
      if (reading.historical) continue;
      const key = `${device} ${reading.point}`;
      const known = latest.get(key);
      if (!known || reading.at >= known.reading.at) latest.set(key, { device, reading });
    }
  }
  // Rows are locked in one order, so that two commits for the same device wait instead of deadlocking.
  const rows = [...latest.values()].sort((a, b) => a.device - b.device || (a.reading.point < b.reading.point ? -1 : 1));
  await sql`insert into point_latest (device, point, value, quality, reason, at)
    select device, point, value::jsonb, quality, reason, at from unnest(${rows.map((row) => row.device)}::int[],
      ${rows.map((row) => row.reading.point)}::text[], ${rows.map((row) => JSON.stringify(row.reading.value))}::text[],
      ${rows.map((row) => row.reading.quality)}::text[], ${rows.map((row) => row.reading.reason ?? null)}::text[],
      ${rows.map((row) => row.reading.at)}::bigint[]) as r(device, point, value, quality, reason, at)
    on conflict (device, point) do update set value = excluded.value, quality = excluded.quality, reason = excluded.reason, at = excluded.at
    where excluded.at >= point_latest.at`.execute(trx);
}

/** When each device was last heard. */
async function heard(
  trx: Kysely<Tables>,
  devices: KnownDevices,
  accepted: readonly { record: { device: string; at: number } }[],
): Promise<void> {
  const last = new Map<number, number>();
  for (const { record } of accepted) {
    const key = keyOf(devices, record.device);
    last.set(key, Math.max(last.get(key) ?? 0, record.at));
  }
  const rows = [...last].map(([key, at]) => ({ key, at })).sort((a, b) => a.key - b.key);
  await sql`update device d set last_at = r.at from jsonb_to_recordset(${json(rows)}) as r(key integer, at bigint)
    where d.key = r.key and (d.last_at is null or d.last_at < r.at)`.execute(trx);
}

export async function keepEvents(
  trx: Kysely<Tables>,
  devices: KnownDevices,
  accepted: readonly Of<'alarm'>[],
  receivedAt: number,
): Promise<void> {
  if (accepted.length === 0) return;
  const rows = accepted.flatMap(({ log, entry, record }) =>
    record.events.map((event) => ({
      ...event,
      device: keyOf(devices, record.device),
      log,
      seq: entry.seq,
      data: event.data ?? {},
    })),
  );
  if (rows.length > 0) {
    await sql`insert into device_event (device, log, seq, type, code, serial, at, device_at, received_at, data)
      select device, log, seq, type, code, serial, at, "deviceAt", ${receivedAt}, data
      from jsonb_to_recordset(${json(rows)}) as r(device integer, log integer, seq bigint, type text, code text, serial text, at bigint,
        "deviceAt" bigint, data jsonb)`.execute(trx);
  }
  await heard(
    trx,
    devices,
    accepted.filter(({ record }) => record.availability !== 'offline' && record.availability !== 'late'),
  );
}

export async function keepGaps(
  trx: Kysely<Tables>,
  gateway: string,
  accepted: readonly Of<'gap'>[],
  receivedAt: number,
): Promise<void> {
  if (accepted.length === 0) return;
  const rows = accepted.map(({ epoch, lane, entry, record }) => ({
    ...record,
    epoch,
    lane,
    seq: entry.seq,
    through: entry.through,
  }));
  await sql`insert into gap (gateway, epoch, lane, seq, through, reason, count, from_at, to_at, received_at)
    select ${gateway}, epoch, lane, seq, through, reason, count, "from", "to", ${receivedAt}
    from jsonb_to_recordset(${json(rows)}) as r(epoch text, lane text, seq bigint, through bigint, reason text, count bigint,
      "from" bigint, "to" bigint)`.execute(trx);
}

/** The last word on each device's availability; returns the devices for which it is news. */
export async function keepAvailability(
  trx: Kysely<Tables>,
  devices: KnownDevices,
  accepted: readonly Of<'alarm'>[],
): Promise<KnownDevice[]> {
  const last = new Map<string, string>();
  for (const { record } of accepted) if (record.availability) last.set(record.device, record.availability);
  if (last.size === 0) return [];
  const rows = [...last].map(([id, availability]) => ({ key: keyOf(devices, id), availability }));
  const changed = await sql<{ id: string }>`update device d set availability = r.availability
    from jsonb_to_recordset(${json(rows)}) as r(key integer, availability text)
    where d.key = r.key and d.availability <> r.availability returning d.id`.execute(trx);
  return changed.rows.map((row) => devices.get(row.id)).filter((device) => device !== undefined);
}
