import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Desk } from './commands.ts';
import { falseAlarms } from './false-alarms.ts';
import { meterUse, sumsOf } from './meters.ts';
import { deviceCounts } from './overview.ts';
import type { Scope } from './records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

/** The devices a report names: those worth a visit. */
const worstShown = 20;
const ends = ['resolved', 'closed', 'false-alarm', 'cancelled'];

interface Span {
  /** One path, or the whole of the scope. */
  readonly area?: string;
  readonly from: number;
  readonly to: number;
}

/** 月报: counted by the moment something began, `from` ≤ began < `to`. `scope` is already narrowed to the area. */
export async function areaReport(desk: Desk, scope: Scope, { area, from, to }: Span): Promise<AreaReport> {
  const { db } = desk.database;
  const alarm = sql<boolean>`a.raised_at >= ${from} and a.raised_at < ${to} and ${within('a.area', scope)}`;
  const incident = sql<boolean>`i.opened_at >= ${from} and i.opened_at < ${to} and i.state <> 'merged' and ${within('i.area', scope)}`;
  const meters = await meterUse(desk, scope, { from, to: Math.min(to, desk.clock.now()) });
  const wolves = await falseAlarms(desk, scope, { from, to, limit: worstShown });
  return {
    area: area ?? '',
    areaName: await nameOf(db, area ?? scope.areas[0] ?? ''),
    from,
    to,
    madeAt: desk.clock.now(),
    alarms: await alarmsOf(db, alarm),
    byHazard: await hazardsOf(db, alarm, incident),
    incidents: await incidentsOf(db, incident),
    ...(await quicknessOf(db, incident)),
    windows: await windowsOf(db, scope, from, to),
    devices: await deviceCounts(db, scope),
    falseAlarms: wolves.filter((one) => one.false > 0),
    consumption: sumsOf(meters),
    meters,
  };
}

async function nameOf(db: Kysely<Tables>, path: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`select name from area where path = ${path}`.execute(db);
  return rows[0]?.name ?? path;
}

async function alarmsOf(db: Kysely<Tables>, where: RawBuilder<boolean>): Promise<AreaReport['alarms']> {
  const { rows } = await sql<AreaReport['alarms'][number]>`select a.peak_severity as severity, count(*)::int as total,
      count(*) filter (where a.disposition = 'real')::int as "real", count(*) filter (where a.disposition = 'false')::int as "false",
      count(*) filter (where a.disposition in ('test', 'drill', 'duplicate'))::int as "setAside",
      count(*) filter (where a.disposition = 'unknown')::int as unjudged
    from alarm a where ${where} group by a.peak_severity
    order by array_position(array['critical', 'major', 'minor', 'warning'], a.peak_severity)`.execute(db);
  return rows;
}

async function hazardsOf(
  db: Kysely<Tables>,
  alarm: RawBuilder<boolean>,
  incident: RawBuilder<boolean>,
): Promise<AreaReport['byHazard']> {
  const { rows } = await sql<
    AreaReport['byHazard'][number]
  >`select hazard, sum(alarms)::int as alarms, sum(incidents)::int as incidents from (
      select a.hazard, count(*) as alarms, 0 as incidents from alarm a where ${alarm} group by a.hazard
      union all select i.hazard, 0, count(*) from incident i where ${incident} group by i.hazard) counted
    group by hazard order by incidents desc, alarms desc, hazard`.execute(db);
  return rows;
}

async function incidentsOf(db: Kysely<Tables>, where: RawBuilder<boolean>): Promise<AreaReport['incidents']> {
  const { rows } = await sql<AreaReport['incidents'][number]>`select i.severity, count(*)::int as total,
      count(*) filter (where i.open)::int as open, count(*) filter (where i.state = 'false-alarm')::int as "false"
    from incident i where ${where} group by i.severity
    order by array_position(array['critical', 'major', 'minor', 'warning'], i.severity)`.execute(db);
  return rows;
}

type Quick = Pick<AreaReport, 'toAck' | 'toDispatch' | 'toEnd'>;

/** Percentiles of what came to it; an incident that nobody answered is missing from them and not nought. */
async function quicknessOf(db: Kysely<Tables>, where: RawBuilder<boolean>): Promise<Quick> {
  const of = (column: string) => sql`jsonb_build_object('count', count(${sql.ref(column)})::int,
    'median', percentile_cont(0.5) within group (order by ${sql.ref(column)}),
    'ninth', percentile_cont(0.9) within group (order by ${sql.ref(column)}))`;
  const { rows } = await sql<Quick>`select ${of('acked')} as "toAck", ${of('sent')} as "toDispatch", ${of('ended')} as "toEnd"
    from (select i.acked_at - i.opened_at as acked, i.dispatched_at - i.opened_at as sent,
        (select min(t.at) - i.opened_at from timeline t where t.incident = i.id and t.kind = 'state'
          and t.data::jsonb ->> 'to' = any(${ends}::text[])) as ended
      from incident i where ${where}) spans`.execute(db);
  const none = { count: 0, median: null, ninth: null };
  return rows[0] ?? { toAck: none, toDispatch: none, toEnd: none };
}

async function windowsOf(db: Kysely<Tables>, scope: Scope, from: number, to: number): Promise<number> {
  const { rows } = await sql<{ total: number }>`select count(*)::int as total from maintenance_window w
    where w.starts_at < ${to} and coalesce(w.ended_at, w.ends_at) >= ${from}
      and exists (select 1 from unnest(w.areas) as mine(path) where ${within('mine.path', scope)})`.execute(db);
  return rows[0]?.total ?? 0;
}
