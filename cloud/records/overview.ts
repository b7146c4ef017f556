import { type Kysely, sql } from 'kysely';
import type { DeviceCounts, Overview, Snapshot } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Desk } from './commands.ts';
import { believed } from './device-rows.ts';
import { selectFloods } from './flood.ts';
import { selectGateways } from './gateway-rows.ts';
import { selectSummaries } from './incident-rows.ts';
import type { Scope } from './records.ts';
import { responders } from './responders.ts';
import { within } from './scope.ts';
import { latestStreamId } from './stream.ts';
import type { Tables } from './tables.ts';

const hourMs = 3_600_000;
const hoursShown = 24;

/** One moment of the database: what is counted here and the stream id it goes with cannot be from two times. */
export function atOneMoment<T>({ database: { db } }: Desk, read: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}

const counts = sql`count(*)::int as total, count(*) filter (where ${believed} = 'online')::int as online,
  count(*) filter (where ${believed} = 'late')::int as late, count(*) filter (where ${believed} = 'offline')::int as offline,
  count(*) filter (where ${believed} = 'unknown')::int as unknown`;

export async function deviceCounts(db: Kysely<Tables>, scope: Scope): Promise<DeviceCounts> {
  const { rows } = await sql<DeviceCounts>`select ${counts} from device d join gateway g on g.id = d.gateway
    where d.removed_at is null and ${within('d.area', scope)}`.execute(db);
  return rows[0] ?? { total: 0, online: 0, late: 0, offline: 0, unknown: 0 };
}

/** What the dispatcher's screen starts from; the stream goes on after `stream`. */
export function snapshot(desk: Desk, scope: Scope): Promise<Snapshot> {
  return atOneMoment(desk, async (trx) => {
    const stream = await latestStreamId(trx);
    const devices = await deviceCounts(trx, scope);
    const some = await sql<{ shelved: number; lastClosedAt: number | null }>`select
      (select count(*)::int from alarm a where a.open and a.shelf is not null and ${within('a.area', scope)}) as shelved,
      (select max(i.updated_at) from incident i where not i.open and ${within('i.area', scope)}) as "lastClosedAt"`.execute(trx);
    return {
      stream,
      at: desk.clock.now(),
      incidents: await selectSummaries(trx, sql`i.open and ${within('i.area', scope)}`),
      gateways: await selectGateways(trx, within('g.area', scope)),
      responders: await responders(trx, scope),
      devices,
      shelved: some.rows[0]?.shelved ?? 0,
      lastClosedAt: some.rows[0]?.lastClosedAt ?? null,
      floods: await selectFloods(trx, sql`f.ended_at is null and ${within('f.area', scope)}`),
    };
  });
}

/** The property manager's page: every area down to the stairwell with what stands and what is wrong in it. */
export function overview(desk: Desk, scope: Scope): Promise<Overview> {
  return atOneMoment(desk, async (trx) => {
    const at = desk.clock.now();
    return {
      at,
      areas: await areaCounts(trx, scope),
      incidents: await selectSummaries(trx, sql`i.open and ${within('i.area', scope)}`),
      gateways: await selectGateways(trx, within('g.area', scope)),
      alarmsPerHour: await alarmsPerHour(trx, scope, at),
    };
  });
}

type AreaRow = Omit<Overview['areas'][number], 'devices'> & DeviceCounts;

/** A path's ancestors are its prefixes, so one pass over devices, alarms and incidents counts for every area above them. */
const ancestors = (column: string) => sql`cross join lateral (
  select array_to_string((string_to_array(${sql.ref(column)}, '/'))[1:n], '/') as path
  from generate_series(1, array_length(string_to_array(${sql.ref(column)}, '/'), 1)) n) up`;

export async function areaCounts(trx: Kysely<Tables>, scope: Scope): Promise<Overview['areas']> {
  const { rows } = await sql<AreaRow>`with
    devices as (select up.path, ${counts} from device d join gateway g on g.id = d.gateway ${ancestors('d.area')}
      where d.removed_at is null and ${within('d.area', scope)} group by up.path),
    alarms as (select up.path, count(*)::int as active, (array_agg(a.severity order by a.level))[1] as worst
      from alarm a ${ancestors('a.area')} where a.open and a.active and ${within('a.area', scope)} group by up.path),
    incidents as (select up.path, count(*)::int as open from incident i ${ancestors('i.area')}
      where i.open and ${within('i.area', scope)} group by up.path)
    select area.path, area.parent, area.kind, area.name, coalesce(total, 0) as total, coalesce(online, 0) as online, coalesce(late, 0) as late,
      coalesce(offline, 0) as offline, coalesce(unknown, 0) as unknown, coalesce(alarms.active, 0) as "activeAlarms", alarms.worst,
      coalesce(incidents.open, 0) as "openIncidents"
    from area left join devices on devices.path = area.path left join alarms on alarms.path = area.path
      left join incidents on incidents.path = area.path
    where area.kind <> 'room' and ${within('area.path', scope)} order by area.path`.execute(trx);
  return rows.map(({ total, online, late, offline, unknown, ...area }) => ({
    ...area,
    devices: { total, online, late, offline, unknown },
  }));
}

export async function alarmsPerHour(trx: Kysely<Tables>, scope: Scope, at: number): Promise<number[]> {
  const from = at - hoursShown * hourMs;
  const { rows } = await sql<{
    nth: number;
    count: number;
  }>`select ((a.raised_at - ${from}) / ${hourMs})::int as nth, count(*)::int as count
    from alarm a where a.raised_at >= ${from} and a.raised_at < ${at} and ${within('a.area', scope)} group by nth`.execute(trx);
  const hours = Array.from({ length: hoursShown }, () => 0);
  for (const { nth, count } of rows) hours[nth] = count;
  return hours;
}
