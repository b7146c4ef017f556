import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Kysely, sql } from 'kysely';
import { type Delivery, deliveryColumns, order } from './delivery-rows.ts';
import type { TellingRules } from './rules.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';
import { inTransaction } from './retry.ts';

/** What became of one attempt, as `notify/delivery.ts` decides it. */
export type Settlement =
  | { readonly id: string; readonly state: 'sent'; readonly providerId: string | null; readonly receiptDueAt: number | null }
  | {
      readonly id: string;
      readonly state: 'queued' | 'held';
      readonly dueAt: number;
      readonly code: string;
      readonly reason: Text;
    }
  | { readonly id: string; readonly state: 'failed'; readonly code: string; readonly reason: Text };

/** A worker that has said nothing for so long is taken for dead and its messages go again. */
const leaseMs = 30_000;

/**
 * 送达队列: messages on their way, for any number of workers. A row is leased and never locked while a provider thinks; a
 * worker that dies leaves a lease behind that runs out, so a message may be sent twice and is never forgotten.
 */
export interface Deliveries {
  /** Takes up to `most` that are due on this channel, the gravest first. */
  lease(channel: string, most: number, now: number): Promise<Delivery[]>;
  /** When people in the list were sent something within the last day, for the load limit; not counting life safety. */
  sentTo(who: readonly { kind: string; id: string }[], since: number): Promise<Map<string, number[]>>;
  /** Writes what came of attempts; a failed one makes room for the next step of its ladder in the same transaction. */
  settle(settlements: readonly Settlement[], now: number): Promise<void>;
  /** What a provider said later. Unknown ids are ignored: another installation's, or long forgotten. */
  receipt(
    channel: string,
    receipt: { providerId: string; state: 'delivered' | 'read' | 'failed'; code?: string | undefined },
    now: number,
  ): Promise<void>;
  /** Leases that ran out, promises of receipts that were not kept, messages that expired. Returns how many of each. */
  tidy(now: number): Promise<{ reclaimed: number; unanswered: number; expired: number }>;
}

export const whoKey = (kind: string, id: string): string => `${kind} ${id}`;

export function createDeliveries(db: Kysely<Tables>, rules: TellingRules): Deliveries {
  return {
    lease: (channel, most, now) => lease(db, channel, most, now),
    sentTo: (who, since) => sentTo(db, who, since),
    settle: (settlements, now) => inTransaction(db, (trx) => settle(trx, settlements, now)),
    receipt: (channel, receipt, now) =>
      inTransaction(db, async (trx) => {
        const { rows } = await sql<Delivery>`select ${deliveryColumns} from delivery d
          where d.channel = ${channel} and d.provider_id = ${receipt.providerId} for update`.execute(trx);
        for (const delivery of rows) await takeReceipt(trx, rules, delivery, receipt, now);
      }),
    tidy: (now) => inTransaction(db, (trx) => tidy(trx, rules, now)),
  };
}

async function lease(db: Kysely<Tables>, channel: string, most: number, now: number): Promise<Delivery[]> {
  const { rows } =
    await sql<Delivery>`update delivery d set state = 'sending', attempts = attempts + 1, leased_until = ${now + leaseMs}
    where d.id in (
      select id from delivery where channel = ${channel} and state in ('queued', 'held') and due_at <= ${now} and expires_at > ${now}
      order by life_safety desc, priority, due_at, id limit ${most} for update skip locked)
    returning ${deliveryColumns}`.execute(db);
  return rows.toSorted(
    (a, b) => Number(b.lifeSafety) - Number(a.lifeSafety) || a.priority - b.priority || a.createdAt - b.createdAt,
  );
}

async function sentTo(
  db: Kysely<Tables>,
  who: readonly { kind: string; id: string }[],
  since: number,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  if (who.length === 0) return found;
  const { rows } = await sql<{ kind: string; id: string; at: number }>`select d.who_kind as kind, d.who as id, d.sent_at as at
    from delivery d where (d.who_kind, d.who) in (select kind, id from jsonb_to_recordset(${json(who)}) as w(kind text, id text))
      and d.sent_at > ${since} and not d.life_safety`.execute(db);
  for (const { kind, id, at } of rows) found.set(whoKey(kind, id), [...(found.get(whoKey(kind, id)) ?? []), at]);
  return found;
}

async function settle(trx: Kysely<Tables>, settlements: readonly Settlement[], now: number): Promise<void> {
  await sql`update delivery d set state = r.state, leased_until = null, due_at = coalesce(r."dueAt", d.due_at),
      provider_id = coalesce(r."providerId", d.provider_id), receipt_due_at = r."receiptDueAt",
      sent_at = case when r.state = 'sent' then ${now} else d.sent_at end,
      failed_at = case when r.state = 'failed' then ${now} else d.failed_at end,
      -- Held before it was tried: that was no attempt.
      attempts = case when r.state = 'held' then d.attempts - 1 else d.attempts end,
      code = r.code, reason = r.reason
    from jsonb_to_recordset(${json(settlements)}) as r(id text, state text, "dueAt" bigint, "providerId" text, "receiptDueAt" bigint,
      code text, reason jsonb)
    where d.id = r.id and d.state = 'sending'`.execute(trx);
  await climb(
    trx,
    settlements.flatMap((each) => (each.state === 'failed' ? [each.id] : [])),
    now,
  );
}

async function takeReceipt(
  trx: Kysely<Tables>,
  rules: TellingRules,
  delivery: Delivery,
  receipt: { providerId: string; state: 'delivered' | 'read' | 'failed'; code?: string | undefined },
  now: number,
): Promise<void> {
  const next = rules.afterReceipt(delivery.state, receipt);
  if (next === null) return;
  await sql`update delivery set state = ${next}, receipt_due_at = null, leased_until = null,
      delivered_at = case when ${next} in ('delivered', 'read') then coalesce(delivered_at, ${now}) else delivered_at end,
      read_at = case when ${next} = 'read' then ${now} else read_at end,
      failed_at = case when ${next} = 'failed' then ${now} else failed_at end,
      code = ${receipt.code ?? null}
    where id = ${delivery.id}`.execute(trx);
  if (next === 'failed') await climb(trx, [delivery.id], now);
}

async function tidy(trx: Kysely<Tables>, rules: TellingRules, now: number) {
  const reclaimed = await sql`update delivery set state = 'queued', leased_until = null, due_at = ${now}
    where state = 'sending' and leased_until < ${now}`.execute(trx);
  const expired = await sql<{
    id: string;
  }>`update delivery set state = 'failed', failed_at = ${now}, code = coalesce(code, 'expired')
    where state in ('queued', 'held') and expires_at <= ${now} returning id`.execute(trx);
  const unanswered = await sql<{ id: string }>`update delivery set state = 'failed', failed_at = ${now}, receipt_due_at = null,
      code = ${rules.noReceipt.code}, reason = ${json(rules.noReceipt.reason)}
    where state = 'sent' and receipt_due_at <= ${now} returning id`.execute(trx);
  await climb(
    trx,
    [...expired.rows, ...unanswered.rows].map(({ id }) => id),
    now,
  );
  return {
    reclaimed: Number(reclaimed.numAffectedRows ?? 0),
    unanswered: unanswered.rows.length,
    expired: expired.rows.length,
  };
}

/**
 * The next step of a ladder, where nothing of the step before is under way or has arrived. What two workers fail at once is
 * decided by one after the other: they lock the person's occasion.
 */
async function climb(trx: Kysely<Tables>, failed: readonly string[], now: number): Promise<void> {
  if (failed.length === 0) return;
  const { rows } = await sql<Delivery>`select distinct on (d.source, d.subject, d.who_kind, d.who, d.occasion) ${deliveryColumns}
    from delivery d where d.id = any(${[...failed]}) and jsonb_array_length(d.rest) > 0
    order by d.source, d.subject, d.who_kind, d.who, d.occasion, jsonb_array_length(d.rest)`.execute(trx);
  for (const delivery of rows) {
    const { source, subject, who, occasion, area, rest, lifeSafety, priority, message, expiresAt } = delivery;
    await sql`select pg_advisory_xact_lock(hashtextextended(${[source, subject, who.kind, who.id, occasion].join('\n')}, 0))`.execute(
      trx,
    );
    const hopeful = await sql`select 1 from delivery where source = ${source} and subject = ${subject} and who_kind = ${who.kind}
      and who = ${who.id} and occasion = ${occasion} and state not in ('failed', 'cancelled') limit 1`.execute(trx);
    // A message that came too late by one way is too late by the next, except that somebody must still be told of a danger.
    const lives = lifeSafety ? Math.max(expiresAt, now + lifeSafetyLeastMs) : expiresAt;
    if (hopeful.rows.length > 0 || lives <= now) continue;
    await order(trx, [
      { source, subject, who, area, ladder: rest, occasion, lifeSafety, priority, message, at: now, expiresAt: lives },
    ]);
  }
}

const lifeSafetyLeastMs = 120_000;
