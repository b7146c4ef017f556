import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** What a raise needs to know of the place it happened at. */
export interface Scene {
  readonly place: string;
  readonly childCount: number;
}

/** The same for an alarm that was kept quiet until now. */
export async function sceneOf(trx: Kysely<Tables>, alarm: Pick<Alarm, 'gateway' | 'device' | 'area'>): Promise<Scene> {
  const { rows } = await sql<{ place: string }>`select coalesce(
      (select nullif(d.place_text, '') from device d where d.gateway = ${alarm.gateway} and d.id = ${alarm.device}),
      (select name from area where path = ${alarm.area}), ${alarm.area}) as place`.execute(trx);
  return { place: rows[0]?.place ?? alarm.area, childCount: 0 };
}
