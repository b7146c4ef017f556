import { type Kysely, sql } from 'kysely';
import type { CallDetail, CallReport } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { callPoints } from './call-people.ts';
import { areaCounts } from './call-tally.ts';
import type { Scope } from './records.ts';
import type { Tables } from './tables.ts';

/** What became of a call; its areas as far as the scope reaches. Of one whose people are forgotten, the figures kept then. */
export async function callReport(db: Kysely<Tables>, scope: Scope, call: CallDetail, at: number): Promise<CallReport> {
  const { id, begunAt, count } = call;
  const kept = await sql<{ figures: CallFigures }>`select figures from call_thinned where call = ${id}`.execute(db);
  const figures = kept.rows[0]?.figures ?? (await callFigures(db, { id, begunAt, people: count.people }));
  const areas = await areaCounts(db, id, scope);
  return { schema: 'yihu.call-report/1', at, call, areas, ...figures, points: await callPoints(db, id) };
}

/** What is counted from the people of a call. */
export type CallFigures = Pick<CallReport, 'halfMs' | 'ninetyMs' | 'ways' | 'steps' | 'needs' | 'unreachable'>;

/** One pass over the people of the call, who may be thirty thousand, whatever is counted from them. */
export async function callFigures(
  db: Kysely<Tables>,
  { id, begunAt, people }: { readonly id: string; readonly begunAt: number | null; readonly people: number },
): Promise<CallFigures> {
  const nth = (share: number): number => Math.max(0, Math.ceil(share * people) - 1);
  // Milliseconds since 1970 until so many people were accounted for; null where so many never were.
  const reached = (share: number) => sql`(select answered_at from counted where answered_at is not null
    order by answered_at offset ${nth(share)} limit 1)`;
  const { rows } = await sql<Omit<CallFigures, 'halfMs' | 'ninetyMs'> & { half: number | null; ninety: number | null }>`
    with people as materialized (select via, by_kind, account, reason, step, phone, answered_at from call_recipient where call = ${id}),
      counted as materialized (select * from people where account not in ('open', 'unreachable'))
    select ${reached(0.5)} as half, ${reached(0.9)} as ninety,
      (select coalesce(jsonb_agg(w order by w.people desc, w.via, w.by), '[]') from (
        select via, by_kind as by, count(*)::int as people from counted where via is not null group by via, by_kind) w) as ways,
      (select coalesce(jsonb_agg(u order by u.people desc, u.reason), '[]') from (
        select coalesce(reason, '') as reason, count(*)::int as people from people where account = 'unreachable' group by reason
        order by 2 desc, 1 limit 50) u) as unreachable,
      (select jsonb_build_object('again', count(*) filter (where step >= 1 and phone), 'door', count(*) filter (where step >= 3),
        'head', (select count(distinct d.who) from delivery d where d.source = 'call' and d.subject = ${id} and d.occasion like 'head-%'))
        from people) as steps,
      (select jsonb_build_object('all', count(*), 'done', count(*) filter (where state = 'done')) from call_need where call = ${id}) as needs`.execute(
    db,
  );
  const [found] = rows;
  if (!found) throw new Error('one row was asked for');
  const { half, ninety, ...figures } = found;
  const since = (at: number | null): number | null => (at === null || begunAt === null || people === 0 ? null : at - begunAt);
  return { halfMs: since(half), ninetyMs: since(ninety), ...figures };
}
