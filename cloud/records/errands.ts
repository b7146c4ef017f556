import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** One person's part in a task, as its link shows it. */
export interface Errand extends Pick<Leg, 'person' | 'personName' | 'state'> {
  readonly task: string;
  readonly title: Text;
  readonly place: string;
  /** Until when an answer counts; null where none is waited for. */
  readonly offeredUntil: number | null;
}

/** Null where there is no such errand, or its person may not come in any more. */
export async function readErrand(db: Kysely<Tables>, leg: string): Promise<Errand | null> {
  const { rows } = await sql<Errand>`select l.person, l.person_name as "personName", l.state, t.id as task, t.title, t.place,
      case when t.leg = l.id then t.offered_until end as "offeredUntil"
    from leg l join task t on t.id = l.task join app_user u on u.id = l.person
    where l.id = ${leg} and u.disabled_at is null and exists (select 1 from app_grant g where g.user_id = u.id)`.execute(db);
  return rows[0] ?? null;
}
