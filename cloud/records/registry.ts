import { type Kysely, sql } from 'kysely';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Conservation, GatewayEntry, Scope } from './records.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

export async function listAreas(db: Kysely<Tables>, scope: Scope): Promise<Area[]> {
  return (
    await sql<Area>`select path, parent, kind, name from area where ${within('area.path', scope)} order by path`.execute(db)
  ).rows;
}

export async function putArea(db: Kysely<Tables>, area: Area): Promise<void> {
  await sql`insert into area (path, parent, kind, name) values (${area.path}, ${area.parent}, ${area.kind}, ${area.name})
    on conflict (path) do update set kind = excluded.kind, name = excluded.name`.execute(db);
}

/** A gateway that is known keeps its state and its log's place; only name and area change. */
export async function putGateway(db: Kysely<Tables>, gateway: GatewayEntry): Promise<void> {
  await sql`insert into gateway (id, area, name) values (${gateway.id}, ${gateway.area}, ${json(gateway.name)})
    on conflict (id) do update set area = excluded.area, name = excluded.name`.execute(db);
}

export async function revokeGateway(db: Kysely<Tables>, id: string): Promise<void> {
  await sql`update gateway set state = 'revoked' where id = ${id}`.execute(db);
}

/** `accepted = delivered + buffered + gaps`, per log and lane, newest log last. */
export async function conservation(db: Kysely<Tables>, scope: Scope): Promise<Conservation[]> {
  const { rows } = await sql<Conservation>`select c.gateway, c.epoch, lane.lane, lane.accepted, lane.delivered,
      lane.accepted - lane.cursor as buffered, lane.gaps
    from ingest_cursor c join gateway g on g.id = c.gateway
    cross join lateral (values
      ('alarm', c.last_alarm, c.alarm, c.delivered_alarm, c.gaps_alarm),
      ('telemetry', c.last_telemetry, c.telemetry, c.delivered_telemetry, c.gaps_telemetry)
    ) as lane(lane, accepted, cursor, delivered, gaps)
    where ${within('g.area', scope)} order by c.gateway, c.log, lane.lane`.execute(db);
  return rows;
}
