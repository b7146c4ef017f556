import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CallDelivery } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Clock } from '../clock.ts';
import { noDelivery } from './call-rows.ts';
import { streamOf } from './call-stream.ts';
import type { Database } from './database.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';

/** Everybody is counted anew so often, whatever the turns between said: a person erased, a hand in the database. */
const wholeEveryMs = 10 * 60_000;

/**
 * 送达: the best that is known of the messages to each person of the live calls; written, and told, only where it changed. A turn
 * looks at those whose messages changed since the last one, which the database itself has noted.
 */
export async function tallyDeliveries({ database: { db }, clock }: { database: Database; clock: Clock }): Promise<void> {
  const now = clock.now();
  const { rows } = await sql<{ id: string }>`select c.id from call c where c.state in ('sending', 'sent')
    and (coalesce(c.told_at, 0) <= ${now - wholeEveryMs} or exists (select 1 from call_news n where n.call = c.id))`.execute(db);
  for (const { id } of rows) await inTransaction(db, (trx) => tally(trx, id, now));
  // Of a call that is over nothing is counted any more.
  await sql`delete from call_news n where not exists (
    select 1 from call c where c.id = n.call and c.state in ('sending', 'sent'))`.execute(db);
}

async function tally(trx: Kysely<Tables>, call: string, now: number): Promise<void> {
  // Whoever waited here reads everything that was committed meanwhile: no older count is written over a newer one.
  const { rows } = await sql<{ delivery: CallDelivery; told_at: number | null }>`select delivery, told_at from call
    where id = ${call} for update`.execute(trx);
  const [held] = rows;
  if (!held) return;
  const { rows: news } = await sql<{ person: string }>`delete from call_news where call = ${call} returning person`.execute(trx);
  const whole = (held.told_at ?? 0) <= now - wholeEveryMs;
  if (!whole && news.length === 0) return;
  const people = [...new Set(news.map(({ person }) => person))];
  const delivery = whole
    ? await countWhole(trx, call, now)
    : changedBy(held.delivery, await moves(trx, call, some(call, people)));
  const changed =
    await sql`update call set delivery = ${json(delivery)} where id = ${call} and delivery is distinct from ${json(delivery)}
    returning id`.execute(trx);
  if (changed.rows.length > 0) await emit(trx, await streamOf(trx, call, now));
}

/** SQL: the best of the messages `d` to one person. */
const bestOf = sql.raw(`case when bool_or(d.state = 'read') then 'read' when bool_or(d.state = 'delivered') then 'delivered'
  when bool_or(d.state = 'sent') then 'sent' when bool_or(d.state in ('queued', 'held', 'sending')) then 'queued'
  when bool_or(d.state = 'failed') then 'failed' else 'unsent' end`);

const messages = sql.raw(`d.source = 'call' and d.subject = r.call and d.who_kind = 'person' and d.who = r.person
  and d.occasion in ('call', 'again')`);

/** SQL: everybody of a call with the best that is known of the messages to each; in one pass over both. */
const everybody = (call: string) => sql`select r.nth, case when r.phone then ${bestOf} else 'nobody' end as best,
    case when r.phone then 'unsent' else 'nobody' end as before
  from call_recipient r left join delivery d on ${messages} where r.call = ${call} group by r.nth, r.phone`;

/** SQL: the same of some, whose messages are looked up one by one. */
const some = (
  call: string,
  people: readonly string[],
) => sql`select r.nth, case when r.phone then m.best else 'nobody' end as best,
    case when r.phone then 'unsent' else 'nobody' end as before
  from call_recipient r cross join lateral (select ${bestOf} as best from delivery d where ${messages}) m
  where r.call = ${call} and r.person = any(${[...people]})`;

interface Move {
  readonly was: keyof CallDelivery;
  readonly best: keyof CallDelivery;
  readonly n: number;
}

/** Keeps what is known now of those in `now`, and answers with how many went from where to where. */
async function moves(trx: Kysely<Tables>, call: string, now: RawBuilder<unknown>): Promise<Move[]> {
  const { rows } = await sql<Move>`with now as (${now}),
    moved as (select n.nth, n.best, coalesce(t.best, n.before) as was from now n left join call_told t on t.nth = n.nth
      where n.best <> coalesce(t.best, n.before)),
    written as (insert into call_told (nth, call, best) select nth, ${call}, best from moved
      on conflict (nth) do update set best = excluded.best)
    select was, best, count(*)::int as n from moved group by was, best`.execute(trx);
  return rows;
}

function changedBy(delivery: CallDelivery, moved: readonly Move[]): CallDelivery {
  const next = { ...delivery };
  for (const { was, best: is, n } of moved) {
    next[was] -= n;
    next[is] += n;
  }
  return next;
}

async function countWhole(trx: Kysely<Tables>, call: string, now: number): Promise<CallDelivery> {
  await moves(trx, call, everybody(call));
  await sql`update call set told_at = ${now} where id = ${call}`.execute(trx);
  // Of what was just kept and not of the messages again: one that changed in between is news of the next turn.
  const { rows } =
    await sql<Counted>`select coalesce(t.best, case when r.phone then 'unsent' else 'nobody' end) as best, count(*)::int as n
    from call_recipient r left join call_told t on t.nth = r.nth where r.call = ${call} group by 1`.execute(trx);
  return summed(rows);
}

interface Counted {
  readonly best: keyof CallDelivery;
  readonly n: number;
}

function summed(counted: readonly Counted[]): CallDelivery {
  return counted.reduce((all, { best, n }) => ({ ...all, [best]: n }), noDelivery);
}

/** Everybody of a call, counted from the messages themselves. */
export async function deliveryOf(db: Kysely<Tables>, call: string): Promise<CallDelivery> {
  const { rows } = await sql<Counted>`select best, count(*)::int as n
    from (${everybody(call)}) people group by best`.execute(db);
  return summed(rows);
}
