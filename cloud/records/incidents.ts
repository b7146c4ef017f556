import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Photo } from '@yihu/device-profiles/vocabulary/photo.ts';
import { selectAlarms } from './alarm-rows.ts';
import type { Desk } from './commands.ts';
import { selectIncidents, selectLines, selectSteps, selectSummaries } from './incident-rows.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import { photosJson } from './photo-rows.ts';
import type { IncidentFilter, Page, Scope } from './records.ts';
import { sealOf } from './timeline-seal.ts';
import { every, within } from './scope.ts';
import type { Tables } from './tables.ts';

function conditions(scope: Scope, filter: IncidentFilter): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [within('i.area', scope)];
  if (filter.open !== undefined) found.push(sql`i.open = ${filter.open}`);
  if (filter.state) found.push(sql`i.state = any(${[...filter.state]})`);
  if (filter.severity) found.push(sql`i.severity = any(${[...filter.severity]})`);
  if (filter.area !== undefined) found.push(within('i.area', { areas: [filter.area] }));
  return found;
}

export async function listIncidents(
  { database: { db } }: Desk,
  scope: Scope,
  filter: IncidentFilter,
): Promise<Page<IncidentSummary>> {
  const limit = pageSize(filter.limit);
  const where = every(conditions(scope, filter));
  const paged = every([where, olderThan('i.opened_at', 'i.id', filter.after)]);
  const found = await selectSummaries(db, paged, sql`order by i.opened_at desc, i.id limit ${limit + 1}`);
  const counted = await sql<{ total: number }>`select count(*)::int as total from incident i where ${where}`.execute(db);
  return pageOf(found, limit, counted.rows[0]?.total ?? 0, (incident) => `${incident.openedAt}~${incident.id}`);
}

/** The whole story of one incident; null where there is none or the scope may not see it. */
export async function readIncident(desk: Desk, db: Kysely<Tables>, scope: Scope, id: string): Promise<IncidentDetail | null> {
  const mine = sql`i.id = ${id} and ${within('i.area', scope)}`;
  const [summary] = await selectSummaries(db, mine);
  const [stored] = await selectIncidents(db, mine);
  if (!summary || !stored) return null;
  const members = sql`a.id in (select alarm from incident_alarm where incident = ${id})`;
  const alarms = (await selectAlarms(db, desk.rules.alarm, members)).map((row) => row.alarm);
  const steps = (await selectSteps(db, id)).map(({ position: _position, ...step }) => step);
  const timeline = await selectLines(db, id);
  const moves = desk.rules.incident.movesOf(stored, { alarms, legs: summary.legs });
  const sealed = timeline.length === 0 ? await sealOf(db, id) : null;
  const photos = await incidentPhotos(db, id);
  return { ...summary, alarms, steps, timeline, moves, ...(sealed && { sealed }), ...(photos && { photos }) };
}

/** Of the tasks of an incident; null where there are none. */
async function incidentPhotos(db: Kysely<Tables>, id: string): Promise<Photo[] | null> {
  const mine = sql`p.about_kind = 'task' and p.about in (select t.id from task t where t.incident = ${id})`;
  const { rows } = await sql<{ photos: Photo[] | null }>`select ${photosJson(mine)} as photos`.execute(db);
  return rows[0]?.photos ?? null;
}
