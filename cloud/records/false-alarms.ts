import type { FalseAlarms } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { sql } from 'kysely';
import type { Desk } from './commands.ts';
import { pageSize } from './paging.ts';
import type { FalseAlarmFilter, Scope } from './records.ts';
import { within } from './scope.ts';

/** 误报率: of each device with an alarm in the span, counted by verdict; the most false ones first. */
export async function falseAlarms({ database: { db } }: Desk, scope: Scope, filter: FalseAlarmFilter): Promise<FalseAlarms[]> {
  const area = filter.area === undefined ? sql`true` : within('a.area', { areas: [filter.area] });
  const { rows } =
    await sql<FalseAlarms>`select gateway, device, "deviceName", area, alarms, "real", "false", "setAside", unjudged,
      case when "real" + "false" = 0 then null else "false"::float8 / ("real" + "false") end as rate
    from (select a.gateway, a.device, (array_agg(a.device_name order by a.raised_at desc))[1] as "deviceName",
        (array_agg(a.area order by a.raised_at desc))[1] as area, count(*)::int as alarms,
        count(*) filter (where a.disposition = 'real')::int as "real", count(*) filter (where a.disposition = 'false')::int as "false",
        count(*) filter (where a.disposition in ('test', 'drill', 'duplicate'))::int as "setAside",
        count(*) filter (where a.disposition = 'unknown')::int as unjudged
      from alarm a where a.raised_at >= ${filter.from} and a.raised_at < ${filter.to} and ${within('a.area', scope)} and ${area}
      group by a.gateway, a.device) counted
    order by "false" desc, rate desc nulls last, alarms desc, gateway, device limit ${pageSize(filter.limit)}`.execute(db);
  return rows;
}
