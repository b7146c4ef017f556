import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** What a raise needs to know of the place it happened at. */
export interface Scene {
  readonly place: string;
  readonly childCount: number;
}

/** The same for an alarm that was kept quiet until now, or for a whole community in a flood. */
export async function sceneOf(
  trx: Kysely<Tables>,
  alarm: Pick<Alarm, 'gateway' | 'device' | 'area'>,
  community: string | null,
): Promise<Scene> {
  const area = community ?? alarm.area;
  const device =
    community === null
      ? sql`(select nullif(d.place_text, '') from device d where d.gateway = ${alarm.gateway} and d.id = ${alarm.device})`
      : sql`null::text`;
  const { rows } = await sql<{
    place: string;
  }>`select coalesce(${device}, (select name from area where path = ${area}), ${area}) as place`.execute(trx);
  const place = rows[0]?.place ?? area;
  return { place: community === null ? place : `${place}（告警洪峰）`, childCount: 0 };
}
