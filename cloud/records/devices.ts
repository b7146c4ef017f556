import type { RuleSetting } from '@yihu/device-profiles/vocabulary/site-rule.ts';
import { type RawBuilder, sql } from 'kysely';
import type { DeviceDetail, DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import { selectAlarms } from './alarm-rows.ts';
import type { Desk } from './commands.ts';
import { believed, type Latest, selectDevices } from './device-rows.ts';
import { pageOf, pageSize } from './paging.ts';
import { pointViews } from './point-view.ts';
import type { DeviceFilter, DeviceKey, Page, Scope } from './records.ts';
import { every, within } from './scope.ts';
import { shownProfile } from './site-profiles.ts';

/** How much of a device's past its page shows. */
const recentAlarms = 50;
const recentEvents = 50;

function conditions(scope: Scope, filter: DeviceFilter): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [within('d.area', scope), sql`d.removed_at is null`];
  for (const word of (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8))
    found.push(sql`strpos(d.search, ${word}) > 0`);
  if (filter.area !== undefined) found.push(within('d.area', { areas: [filter.area] }));
  if (filter.gateway !== undefined) found.push(sql`d.gateway = ${filter.gateway}`);
  if (filter.category !== undefined) found.push(sql`d.category = ${filter.category}`);
  if (filter.availability !== undefined) found.push(sql`${believed} = ${filter.availability}`);
  if (filter.alarming) found.push(sql`exists (select 1 from alarm a where a.open and a.gateway = d.gateway and a.device = d.id)`);
  return found;
}

/** In order of registration, so that a page stays a page while devices come and go. */
export async function listDevices(desk: Desk, scope: Scope, filter: DeviceFilter): Promise<Page<DeviceSummary>> {
  const { db } = desk.database;
  const limit = pageSize(filter.limit);
  const where = every(conditions(scope, filter));
  const after = /^\d{1,15}$/.test(filter.after ?? '') ? Number(filter.after) : 0;
  const keys = await sql<{ key: number }>`select d.key from device d join gateway g on g.id = d.gateway
    where ${where} and d.key > ${after} order by d.key limit ${limit + 1}`.execute(db);
  const counted = await sql<{ total: number }>`select count(*)::int as total from device d join gateway g on g.id = d.gateway
    where ${where}`.execute(db);
  const page = pageOf(keys.rows, limit, counted.rows[0]?.total ?? 0, (row) => String(row.key));
  const items = await selectDevices(db, desk.rules.profiles, sql`d.key = any(${page.items.map((row) => row.key)})`);
  return { ...page, items };
}

/** Everything about one device; null where it is unknown or outside of the scope. */
export async function deviceDetail(desk: Desk, scope: Scope, key: DeviceKey): Promise<DeviceDetail | null> {
  const { db } = desk.database;
  const { profiles } = desk.rules;
  const mine = sql`d.gateway = ${key.gateway} and d.id = ${key.device} and ${within('d.area', scope)}`;
  const [summary] = await selectDevices(db, profiles, mine);
  if (!summary) return null;
  const profile = await shownProfile(db, profiles, summary.gateway, summary.profile);
  const { rows: set } = await sql<{
    rules: Record<string, RuleSetting> | null;
  }>`select d.rules from device d where ${mine}`.execute(db);
  const latest =
    await sql<Latest>`select p.point, p.value, p.quality, p.reason, p.at from point_latest p join device d on d.key = p.device
    where ${mine} order by p.point`.execute(db);
  const alarms = await selectAlarms(
    db,
    desk.rules.alarm,
    sql`a.gateway = ${key.gateway} and a.device = ${key.device}`,
    sql`order by a.open desc, a.raised_at desc, a.id limit ${recentAlarms}`,
  );
  const events = await sql<Omit<DeviceDetail['events'][number], 'name'>>`select e.type, e.code, e.at, e.data from device_event e
    join device d on d.key = e.device where ${mine} order by e.at desc, e.id desc limit ${recentEvents}`.execute(db);
  return {
    ...summary,
    profileName: profile?.name ?? { zh: summary.profile },
    maker: profile?.maker ?? { zh: '未知', en: 'unknown' },
    model: profile?.model ?? '',
    points: pointViews(profile, latest.rows, set[0]?.rules ?? {}),
    alarms: alarms.map((row) => row.alarm),
    events: events.rows.map((event) => ({ ...event, name: profile?.events[event.type] ?? null })),
  };
}
