import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Kysely, sql } from 'kysely';
import type { WindowCover } from './rules.ts';
import type { Tables } from './tables.ts';

/** What holds for a gateway's devices before they say anything: windows that run, alarms out of service. */
export interface Standing {
  readonly windows: readonly WindowCover[];
  readonly outOfService: (device: string, alarm: string) => Alarm['outOfService'];
}

/** Of these devices, at `at`; the newest episode of an alarm says whether it is in service. */
export async function readStanding(
  trx: Kysely<Tables>,
  gateway: string,
  devices: readonly string[],
  at: number,
): Promise<Standing> {
  const windows = await sql<WindowCover>`select id, areas, devices, hazards from maintenance_window
    where state = 'running' and starts_at <= ${at} and ends_at > ${at}`.execute(trx);
  const out = await sql<{
    device: string;
    alarm: string;
    service: NonNullable<Alarm['outOfService']>;
  }>`select device, alarm, service
    from (select distinct on (a.device, a.alarm) a.device, a.alarm, a.out_of_service as service from alarm a
      where a.gateway = ${gateway} and a.device in (select o.device from alarm o
        where o.gateway = ${gateway} and o.device = any(${[...devices]}) and o.out_of_service is not null)
      order by a.device, a.alarm, a.raised_at desc, a.id) newest
    where (service ->> 'until')::bigint > ${at}`.execute(trx);
  const services = new Map(out.rows.map(({ device, alarm, service }) => [`${device}\n${alarm}`, service]));
  return { windows: windows.rows, outOfService: (device, alarm) => services.get(`${device}\n${alarm}`) ?? null };
}
