import { type Kysely, sql } from 'kysely';
import type { CallPress, CallState, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { namedAreas } from '../call/audience.ts';
import { presses, whyNot } from '../call/life.ts';
import { areAllSeen } from './call-audience.ts';
import { factsOf } from './call-moves.ts';
import { mergedInto } from './incident-family.ts';
import { callLines } from './call-chain.ts';
import { callSeen, selectCalls, summaryOf } from './call-rows.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import type { Page, Scope } from './records.ts';
import { every } from './scope.ts';
import type { Tables } from './tables.ts';

export interface CallFilter {
  readonly states?: readonly CallState[] | undefined;
  readonly incident?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Calls that go to somebody in the scope, newest first. */
export async function listCalls(db: Kysely<Tables>, scope: Scope, filter: CallFilter): Promise<Page<CallSummary>> {
  const limit = pageSize(filter.limit);
  const condition = every([
    callSeen(scope),
    ...(filter.states === undefined ? [] : [sql`c.state = any(${[...filter.states]}::text[])`]),
    ...(filter.incident === undefined
      ? []
      : [sql`(c.incident = ${filter.incident} or c.incident in ${mergedInto(sql<string>`${filter.incident}`)})`]),
  ]);
  const rows = await selectCalls(
    db,
    sql`${condition} and ${olderThan('c.created_at', 'c.id', filter.after)}`,
    sql`order by c.created_at desc, c.id limit ${limit + 1}`,
  );
  const counted = await sql<{ n: number }>`select count(*)::int as n from call c where ${condition}`.execute(db);
  return pageOf(rows.map(summaryOf), limit, counted.rows[0]?.n ?? 0, (call) => `${call.createdAt}~${call.id}`);
}

/** One call with what `actor` may do to it now; null where it is not seen. */
export async function readCall(db: Kysely<Tables>, scope: Scope, id: string, actor: string): Promise<CallDetail | null> {
  const [call] = await selectCalls(db, sql`c.id = ${id} and ${callSeen(scope)}`);
  if (!call) return null;
  const facts = await factsOf(db, call);
  const isTheirs = await areAllSeen(db, scope, namedAreas(call.audience));
  const elsewhere = { zh: '这次呼叫超出您管的范围', en: 'This call goes beyond your area' };
  const moveOf = (move: CallPress) => {
    const why = isTheirs ? (whyNot(facts, move, actor)?.message ?? null) : elsewhere;
    return { move, allowed: why === null, why };
  };
  const { template, audience, waits, reason } = call;
  const moves = presses.map(moveOf);
  return { ...summaryOf(call), template, audience, waits, reason, moves, timeline: await callLines(db, id) };
}
