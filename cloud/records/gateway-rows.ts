import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { GatewayView } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Tables } from './tables.ts';

type Row = Omit<GatewayView, 'backlog'> & { readonly backlogAlarm: number; readonly backlogTelemetry: number };

/** Gateways as the screens show them; the backlog is what the gateway's present epoch has written and we have not. */
export async function selectGateways(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<GatewayView[]> {
  const { rows } = await sql<Row>`select g.id, g.name, g.area, g.state, g.last_seen as "lastSeenAt", g.skew_ms as "clockSkewMs",
      (select count(*)::int from device d where d.gateway = g.id and d.removed_at is null) as "deviceCount",
      coalesce(c.last_alarm - c.alarm, 0) as "backlogAlarm", coalesce(c.last_telemetry - c.telemetry, 0) as "backlogTelemetry"
    from gateway g left join ingest_cursor c on c.gateway = g.id and c.epoch = g.epoch
    where ${condition} order by g.id`.execute(db);
  return rows.map(({ backlogAlarm, backlogTelemetry, ...view }) => ({
    ...view,
    backlog: { alarm: backlogAlarm, telemetry: backlogTelemetry },
  }));
}
