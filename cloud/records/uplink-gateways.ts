import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Every gateway that may speak, with where its newest log is committed to; null where it never said hello. */
export async function uplinkGateways(db: Kysely<Tables>): Promise<Map<string, Cursor | null>> {
  const { rows } = await sql<{ id: string; epoch: string | null; alarm: number | null; telemetry: number | null }>`
    select g.id, c.epoch, c.alarm, c.telemetry from gateway g
    left join ingest_cursor c on c.gateway = g.id and c.epoch = g.epoch where g.state <> 'revoked'`.execute(db);
  return new Map(
    rows.map(({ id, epoch, alarm, telemetry }) => [
      id,
      epoch === null ? null : { epoch, alarm: alarm ?? 0, telemetry: telemetry ?? 0 },
    ]),
  );
}
