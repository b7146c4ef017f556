import { type Kysely, sql } from 'kysely';
import type { History } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Desk } from './commands.ts';
import type { DeviceKey, Scope } from './records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

const mostBuckets = 2000;

interface Bucket {
  readonly nth: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/**
 * Min, max and last of the good values of a point in equal buckets of [from, to). Numbers, digits kept as text (long
 * counters) and true/false as 1/0 are drawn; what is not good, or a word, is not.
 */
export async function history(
  desk: Desk,
  scope: Scope,
  key: DeviceKey,
  point: string,
  span: { from: number; to: number; buckets: number },
): Promise<History | null> {
  const { db } = desk.database;
  const found = await sql<{ key: number }>`select d.key from device d where d.gateway = ${key.gateway} and d.id = ${key.device}
    and ${within('d.area', scope)}`.execute(db);
  const device = found.rows[0];
  if (!device) return null;
  const count = Math.min(Math.max(Math.trunc(span.buckets), 1), mostBuckets);
  const bucketMs = Math.max(1, Math.ceil((span.to - span.from) / count));
  const { rows } = await sql<Bucket>`
    with raw as (
      select t.at, t.seq, t.readings -> ${point} as stored from telemetry t
      where t.device = ${device.key} and t.at >= ${span.from} and t.at < ${span.to} and t.readings ? ${point}
    ), plain as (
      select at, seq, case when jsonb_typeof(stored) <> 'array' then stored when stored ->> 1 = 'good' then stored -> 0 end as value from raw
    ), drawn as (
      select at, seq, case jsonb_typeof(value)
        when 'number' then (value #>> '{}')::float8
        when 'boolean' then (case when value = 'true' then 1 else 0 end)::float8
        when 'string' then case when value #>> '{}' ~ '^-?[0-9]{1,40}$' then (value #>> '{}')::float8 end
      end as number from plain
    )
    select ((at - ${span.from}) / ${bucketMs}::bigint)::int as nth, min(number) as min, max(number) as max,
      (array_agg(number order by at desc, seq desc))[1] as last
    from drawn where number is not null group by nth order by nth`.execute(db);
  return columns(key.device, point, { ...span, bucketMs }, rows);
}

function columns(
  device: string,
  point: string,
  span: { from: number; to: number; bucketMs: number },
  rows: readonly Bucket[],
): History {
  const count = Math.max(0, Math.ceil((span.to - span.from) / span.bucketMs));
  const at = Array.from({ length: count }, (_, nth) => span.from + nth * span.bucketMs);
  const empty = () => Array.from({ length: count }, (): number | null => null);
  const result = { min: empty(), max: empty(), last: empty() };
  for (const { nth, min, max, last } of rows) {
    result.min[nth] = min;
    result.max[nth] = max;
    result.last[nth] = last;
  }
  return { device, point, from: span.from, to: span.to, bucketMs: span.bucketMs, at, ...result };
}

/** Forgets telemetry older than `before`, at most `most` rows a call, so that no sweep holds the table for long. */
export async function dropOldTelemetry(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from telemetry where ctid in
    (select ctid from telemetry where at < ${before} limit ${most})`.execute(db);
  return Number(numAffectedRows ?? 0);
}
