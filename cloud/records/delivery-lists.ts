import { type Kysely, sql } from 'kysely';
import { type Delivery, deliveryColumns, type DeliveryState } from './delivery-rows.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import type { Page, Scope } from './records.ts';
import { every, within } from './scope.ts';
import type { Tables } from './tables.ts';

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly channel?: string | undefined;
  readonly source?: string | undefined;
  readonly subject?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Deliveries of a scope, newest first. Tests of channels belong to nobody's area and are shown to who sees everything. */
export async function listDeliveries(db: Kysely<Tables>, scope: Scope, filter: DeliveryFilter): Promise<Page<Delivery>> {
  const limit = pageSize(filter.limit);
  const conditions = [
    within('d.area', scope),
    ...(filter.state === undefined ? [] : [sql<boolean>`d.state = ${filter.state}`]),
    ...(filter.channel === undefined ? [] : [sql<boolean>`d.channel = ${filter.channel}`]),
    ...(filter.source === undefined ? [] : [sql<boolean>`d.source = ${filter.source}`]),
    ...(filter.subject === undefined ? [] : [sql<boolean>`d.subject = ${filter.subject}`]),
  ];
  const { rows } = await sql<Delivery>`select ${deliveryColumns} from delivery d
    where ${every(conditions)} and ${olderThan('d.created_at', 'd.id', filter.after)}
    order by d.created_at desc, d.id limit ${limit + 1}`.execute(db);
  const counted = await sql<{ n: number }>`select count(*)::int as n from delivery d where ${every(conditions)}`.execute(db);
  return pageOf(rows, limit, counted.rows[0]?.n ?? 0, (delivery) => `${delivery.createdAt}~${delivery.id}`);
}

const againMs = 4 * 3_600_000;

/**
 * A failed one goes again at once, by the same way; pressed twice it is one attempt. Null where it is not seen; `over` where it
 * asks for answers to a call that was recalled, superseded or stood down: nothing of that call leaves any more.
 */
export async function retryDelivery(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
  now: number,
): Promise<Delivery | 'over' | null> {
  const asking = await sql`select 1 from delivery d join call c on c.id = d.subject where d.id = ${id} and d.source = 'call'
    and d.state = 'failed' and split_part(d.occasion, '-', 1) in ('call', 'again', 'head', 'door') and c.state not in ('sending', 'sent')
    and ${within('d.area', scope)}`.execute(db);
  if (asking.rows.length > 0) return 'over';
  await sql`update delivery d set state = 'queued', due_at = ${now}, attempts = 0, expires_at = greatest(expires_at, ${now + againMs}),
      code = null, reason = null, failed_at = null
    where d.id = ${id} and d.state = 'failed' and ${within('d.area', scope)}`.execute(db);
  const { rows } =
    await sql<Delivery>`select ${deliveryColumns} from delivery d where d.id = ${id} and ${within('d.area', scope)}`.execute(db);
  return rows[0] ?? null;
}

/** A person's word that came back by a channel, kept once. Returns false where it was there already. */
export async function keepReply(
  db: Kysely<Tables>,
  reply: {
    channel: string;
    providerId: string;
    delivery: string | null;
    who: { kind: string; id: string } | null;
    text: string;
    at: number;
  },
): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into channel_reply (channel, provider_id, delivery, who_kind, who, text, at)
    values (${reply.channel}, ${reply.providerId}, ${reply.delivery}, ${reply.who?.kind ?? null}, ${reply.who?.id ?? null}, ${reply.text}, ${reply.at})
    on conflict do nothing`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}
