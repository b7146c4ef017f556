import { type Kysely, sql } from 'kysely';
import type { CallAnswer, CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Household } from './households.ts';
import type { Tables } from './tables.ts';

/** A call that asks this home, as one of its people would answer it. */
export interface HomeCall {
  /** The recipient whose answer page the home is shown. */
  readonly nth: number;
  readonly kind: CallKind;
  readonly title: string;
  readonly text: string;
  readonly at: number;
  /** People of the home who are still asked. */
  readonly silent: number;
  readonly answer: CallAnswer | 'none';
}

/** Calls that take answers now, the newest first. */
export async function callsOf(db: Kysely<Tables>, home: Household, now: number): Promise<HomeCall[]> {
  const { rows } =
    await sql<HomeCall>`select distinct on (c.begun_at, c.id) r.nth, c.kind, c.title, c.text, c.begun_at as at, r.answer,
      (select count(*)::int from call_recipient o where o.call = c.id and o.area = r.area and o.account = 'open') as silent
    from call_recipient r join call c on c.id = r.call
    where r.area = ${home.area} and c.state in ('sending', 'sent') and c.begun_at is not null and coalesce(c.answer_until, 0) > ${now}
    order by c.begun_at desc, c.id, r.account <> 'open', r.nth limit 5`.execute(db);
  return rows;
}
