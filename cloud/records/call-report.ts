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

export async function callFigures(
  db: Kysely<Tables>,
  call: { readonly id: string; readonly begunAt: number | null; readonly people: number },
): Promise<CallFigures> {
  const { id } = call;
  const ways = await sql<CallReport['ways'][number]>`select via, by_kind as by, count(*)::int as people from call_recipient
    where call = ${id} and via is not null and account not in ('open', 'unreachable') group by via, by_kind order by people desc, via, by`.execute(
    db,
  );
  const unreachable = await sql<CallReport['unreachable'][number]>`select coalesce(reason, '') as reason, count(*)::int as people
    from call_recipient where call = ${id} and account = 'unreachable' group by reason order by people desc, reason limit 50`.execute(
    db,
  );
  const steps = await sql<CallReport['steps']>`select count(*) filter (where step >= 1 and phone)::int as again,
      (select count(distinct d.who)::int from delivery d where d.source = 'call' and d.subject = ${id} and d.occasion like 'head-%') as head,
      count(*) filter (where step >= 3)::int as door from call_recipient where call = ${id}`.execute(db);
  const needs = await sql<CallReport['needs']>`select count(*)::int as all, count(*) filter (where state = 'done')::int as done
    from call_need where call = ${id}`.execute(db);
  return {
    halfMs: await untilShare(db, call, 0.5),
    ninetyMs: await untilShare(db, call, 0.9),
    ways: ways.rows,
    steps: steps.rows[0] ?? { again: 0, head: 0, door: 0 },
    needs: needs.rows[0] ?? { all: 0, done: 0 },
    unreachable: unreachable.rows,
  };
}

/** Milliseconds from the first message until this share of all people was accounted for. */
async function untilShare(
  db: Kysely<Tables>,
  { id, begunAt, people }: { id: string; begunAt: number | null; people: number },
  share: number,
): Promise<number | null> {
  if (begunAt === null || people === 0) return null;
  const { rows } = await sql<{ at: number }>`select answered_at as at from call_recipient
    where call = ${id} and account not in ('open', 'unreachable') and answered_at is not null
    order by answered_at offset ${Math.ceil(share * people) - 1} limit 1`.execute(db);
  return rows[0] ? rows[0].at - begunAt : null;
}
