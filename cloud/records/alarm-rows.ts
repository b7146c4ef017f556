import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Alarm, AlarmSnapshot } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { AlarmRules } from './rules.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** An alarm as it lies in its table, with the epoch of the gateway's log that raised it last. */
export interface AlarmRow {
  readonly alarm: Alarm;
  readonly epoch: string;
}

/** camelCase names by way of column aliases, so that a row is an alarm but for `isa`. */
const columns =
  sql.raw(`a.id, a.gateway, a.device, a.device_name as "deviceName", a.area, a.alarm, a.name, a.hazard, a.episode, a.active,
  a.severity, a.peak_severity as "peakSeverity", a.occurrences, a.raised_at as "raisedAt", a.last_at as "lastAt",
  a.cleared_at as "clearedAt", a.received_at as "receivedAt", a.reason, a.value, a.ack, a.latch, a.latched, a.shelf, a.shelved,
  a.suppressed_by as "suppressedBy", a.out_of_service as "outOfService", a.disposition, a.chatter, a.children, a.incident, a.version, a.epoch`);

/** Of an alarm that goes on and on, the newest pictures. */
const mostSnapshots = 8;

const snapshots = sql`(select jsonb_agg(jsonb_build_object('id', s.id, 'camera', s.camera, 'cameraName', s.camera_name, 'at', s.at,
    'state', case when s.here_at is not null then 'here' when s.missing is not null then 'missing' else 'coming' end,
    'missing', s.missing) order by s.at, s.id)
  from (select s.* from snapshot_alarm l join snapshot s on s.id = l.snapshot where l.alarm = a.id
    order by s.at desc, s.id limit ${sql.lit(mostSnapshots)}) s) as snapshots`;

type Row = Omit<Alarm, 'isa' | 'snapshots' | 'chatter' | 'shelved' | 'children'> & {
  readonly children: number | null;
  readonly chatter: Alarm['chatter'] | null;
  readonly shelved: Alarm['shelved'] | null;
  readonly epoch: string;
  readonly snapshots: AlarmSnapshot[] | null;
};

/** Alarms `a` for which `condition` holds; `tail` orders and limits. */
export async function selectAlarms(
  db: Kysely<Tables>,
  rules: Pick<AlarmRules, 'withIsa'>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by a.raised_at desc, a.id`,
): Promise<AlarmRow[]> {
  const { rows } = await sql<Row>`select ${columns}, ${snapshots} from alarm a where ${condition} ${tail}`.execute(db);
  return rows.map(({ epoch, value, chatter, shelved, children, snapshots: seen, ...axes }) => ({
    alarm: rules.withIsa({
      ...axes,
      ...(value === null || value === undefined ? {} : { value }),
      ...(chatter ? { chatter } : {}),
      ...(shelved ? { shelved } : {}),
      ...(children === null ? {} : { children }),
      ...(seen === null ? {} : { snapshots: seen }),
    }),
    epoch,
  }));
}

/** Writes alarms whole, new or known, in the order given: a finished episode before the one that follows it. */
export async function writeAlarms(db: Kysely<Tables>, rows: readonly AlarmRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ alarm, epoch }) => {
    const { isa: _derived, snapshots: _beside, ...axes } = alarm;
    return { ...axes, epoch, level: levelOf(alarm.severity) };
  });
  await sql`insert into alarm (id, gateway, device, alarm, epoch, area, device_name, name, hazard, episode, active, severity, peak_severity, level,
      occurrences, raised_at, last_at, cleared_at, received_at, reason, value, ack, latch, latched, shelf, shelved, suppressed_by, out_of_service,
      disposition, chatter, children, incident, version)
    select id, gateway, device, alarm, epoch, area, "deviceName", name, hazard, episode, active, severity, "peakSeverity", level,
      occurrences, "raisedAt", "lastAt", "clearedAt", "receivedAt", reason, value, ack, latch, latched, shelf, shelved, "suppressedBy", "outOfService",
      disposition, chatter, children, incident, version
    from jsonb_to_recordset(${json(values)}) as r(id text, gateway text, device text, alarm text, epoch text, area text, "deviceName" jsonb,
      name jsonb, hazard text, episode bigint, active boolean, severity text, "peakSeverity" text, level smallint, occurrences bigint,
      "raisedAt" bigint, "lastAt" bigint, "clearedAt" bigint, "receivedAt" bigint, reason jsonb, value jsonb, ack jsonb, latch text,
      latched boolean, shelf jsonb, shelved jsonb, "suppressedBy" text[], "outOfService" jsonb, disposition text, chatter jsonb, children integer, incident text, version bigint)
    on conflict (id) do update set epoch = excluded.epoch, episode = excluded.episode, active = excluded.active, severity = excluded.severity,
      peak_severity = excluded.peak_severity, level = excluded.level, occurrences = excluded.occurrences, last_at = excluded.last_at,
      cleared_at = excluded.cleared_at, received_at = excluded.received_at, reason = excluded.reason, value = excluded.value, ack = excluded.ack,
      latch = excluded.latch, latched = excluded.latched, shelf = excluded.shelf, shelved = excluded.shelved, suppressed_by = excluded.suppressed_by,
      out_of_service = excluded.out_of_service, disposition = excluded.disposition, chatter = excluded.chatter, children = excluded.children, incident = excluded.incident,
      version = excluded.version`.execute(db);
}
