import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { IncidentSummary, Leg, PlanStep, TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { PlanForce, StoredIncident } from './rules.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

const columns = sql.raw(`i.id, i.number, i.group_key as "group", i.title, i.hazard, i.severity, i.state, i.area, i.place,
  i.opened_at as "openedAt", i.edge_at as "edgeAt", i.updated_at as "updatedAt", i.last_alarm_at as "lastAlarmAt", i.acked_at as "ackedAt",
  i.dispatched_at as "dispatchedAt", i.child_count as "childCount", i.commander, i.disposition, i.plan, i.plan_version as "planVersion", i.version`);

export async function selectIncidents(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<StoredIncident[]> {
  return (await sql<StoredIncident>`select ${columns} from incident i where ${condition}`.execute(db)).rows;
}

type SummaryRow = StoredIncident & Pick<IncidentSummary, 'areaName' | 'alarmCount' | 'activeCount' | 'unackedCount' | 'legs'>;

/** Incidents as the screens show them: with what is counted from their alarms, and who is sent. */
export async function selectSummaries(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by i.opened_at desc, i.id`,
): Promise<IncidentSummary[]> {
  const { rows } = await sql<SummaryRow>`select ${columns}, coalesce(area.name, i.area) as "areaName",
      counted.all as "alarmCount", counted.active as "activeCount", counted.unacked as "unackedCount", coalesce(sent.legs, '[]') as legs
    from incident i
    left join area on area.path = i.area
    cross join lateral (
      select count(*)::int as all, count(*) filter (where a.active)::int as active, count(*) filter (where a.ack is null)::int as unacked
      from incident_alarm m join alarm a on a.id = m.alarm where m.incident = i.id
    ) counted
    cross join lateral (
      select jsonb_agg(jsonb_build_object('id', l.id, 'person', l.person, 'personName', l.person_name, 'state', l.state, 'at', l.at)
        order by l.at, l.id) as legs
      from leg l where l.incident = i.id
    ) sent
    where ${condition} ${tail}`.execute(db);
  return rows.map(({ group: _group, lastAlarmAt: _last, plan: _plan, planVersion: _version, ...summary }) => summary);
}

export async function writeIncidents(db: Kysely<Tables>, incidents: readonly StoredIncident[]): Promise<void> {
  if (incidents.length === 0) return;
  await sql`insert into incident (id, number, group_key, title, hazard, severity, state, area, place, opened_at, edge_at, updated_at, last_alarm_at,
      acked_at, dispatched_at, child_count, commander, disposition, plan, plan_version, version)
    select id, number, "group", title, hazard, severity, state, area, place, "openedAt", "edgeAt", "updatedAt", "lastAlarmAt",
      "ackedAt", "dispatchedAt", "childCount", commander, disposition, plan, "planVersion", version
    from jsonb_to_recordset(${json(incidents)}) as r(id text, number text, "group" text, title jsonb, hazard text, severity text, state text,
      area text, place text, "openedAt" bigint, "edgeAt" bigint, "updatedAt" bigint, "lastAlarmAt" bigint, "ackedAt" bigint,
      "dispatchedAt" bigint, "childCount" integer, commander text, disposition text, plan text, "planVersion" integer, version bigint)
    on conflict (id) do update set title = excluded.title, hazard = excluded.hazard, severity = excluded.severity, state = excluded.state, updated_at = excluded.updated_at,
      last_alarm_at = excluded.last_alarm_at, acked_at = excluded.acked_at, dispatched_at = excluded.dispatched_at,
      child_count = excluded.child_count, commander = excluded.commander, disposition = excluded.disposition,
      version = excluded.version`.execute(db);
}

export async function linkAlarms(
  db: Kysely<Tables>,
  links: readonly { incident: string; alarm: string }[],
  at: number,
): Promise<void> {
  if (links.length === 0) return;
  await sql`insert into incident_alarm (incident, alarm, joined_at)
    select incident, alarm, ${at} from jsonb_to_recordset(${json(links)}) as r(incident text, alarm text)
    on conflict do nothing`.execute(db);
}

export async function writeSteps(
  db: Kysely<Tables>,
  steps: readonly (PlanStep & { incident: string; position: number })[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql`insert into plan_step (incident, id, position, text, role, state, due_at, done_at, by, reason)
    select incident, id, position, text, role, state, "dueAt", "doneAt", by, reason
    from jsonb_to_recordset(${json(steps)}) as r(incident text, id text, position integer, text jsonb, role text, state text,
      "dueAt" bigint, "doneAt" bigint, by text, reason text)
    on conflict (incident, id) do update set state = excluded.state, done_at = excluded.done_at, by = excluded.by,
      reason = excluded.reason`.execute(db);
}

/** Whom the plan asks for, written once when the incident begins. */
export async function writeForces(db: Kysely<Tables>, forces: ReadonlyMap<string, PlanForce>): Promise<void> {
  for (const [incident, force] of forces)
    await sql`update incident set force = ${json(force)} where id = ${incident}`.execute(db);
}

/** What was written then; null where the incident began before it was kept. */
export async function selectForce(db: Kysely<Tables>, incident: string): Promise<PlanForce | null> {
  const { rows } = await sql<{ force: PlanForce | null }>`select force from incident where id = ${incident}`.execute(db);
  return rows[0]?.force ?? null;
}

export async function selectSteps(db: Kysely<Tables>, incident: string): Promise<(PlanStep & { position: number })[]> {
  const { rows } = await sql<
    PlanStep & { position: number }
  >`select id, text, role, state, due_at as "dueAt", done_at as "doneAt", by, reason, position
    from plan_step where incident = ${incident} order by position`.execute(db);
  return rows;
}

export async function selectLegs(db: Kysely<Tables>, incident: string): Promise<Leg[]> {
  const { rows } = await sql<Leg>`select id, person, person_name as "personName", state, at from leg where incident = ${incident}
    order by at, id`.execute(db);
  return rows;
}

/** `data` is kept as text, so that the bytes the hash was made over come back as they were. */
export async function writeLines(db: Kysely<Tables>, lines: readonly (TimelineLine & { incident: string })[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map((line) => ({ ...line, data: JSON.stringify(line.data) }));
  await sql`insert into timeline (incident, seq, at, edge_at, kind, actor, actor_name, text, data, hash)
    select incident, seq, at, "edgeAt", kind, actor, "actorName", text, data, hash
    from jsonb_to_recordset(${json(rows)}) as r(incident text, seq integer, at bigint, "edgeAt" bigint, kind text, actor text,
      "actorName" text, text jsonb, data text, hash text)`.execute(db);
}

export async function selectLines(db: Kysely<Tables>, incident: string): Promise<TimelineLine[]> {
  const { rows } = await sql<Omit<TimelineLine, 'data'> & { data: string }>`select seq, at, edge_at as "edgeAt", kind, actor,
    actor_name as "actorName", text, data, hash from timeline where incident = ${incident} order by seq`.execute(db);
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as TimelineLine['data'] }));
}

/** The last line's number and hash of each incident that has one: one look at the index each, however long the story is. */
export async function selectHeads(
  db: Kysely<Tables>,
  incidents: readonly string[],
): Promise<Map<string, { seq: number; hash: string }>> {
  const { rows } = await sql<{ incident: string; seq: number; hash: string }>`select head.incident, head.seq, head.hash
    from unnest(${[...incidents]}::text[]) as touched (id) cross join lateral (
      select l.incident, l.seq, l.hash from timeline l where l.incident = touched.id order by l.seq desc limit 1) head`.execute(
    db,
  );
  return new Map(rows.map(({ incident, seq, hash }) => [incident, { seq, hash }]));
}
