import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Kysely, sql } from 'kysely';
import { derivedId } from './derived-id.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

export type DeliveryState = 'queued' | 'held' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'cancelled';

/** Whom a message is for. `user`: staff; `person`: of the registry; `post`: whoever holds it; `target`: the channel's own (a room, a system, a test). */
export interface Who {
  readonly kind: 'user' | 'person' | 'post' | 'target';
  readonly id: string;
  readonly name: string;
}

/** What is to be said; rendered when it is ordered, so that it says what was true then. */
export interface DeliveryMessage {
  readonly language: 'zh' | 'en';
  readonly title: string;
  readonly text: string;
  readonly link?: string | undefined;
  /** In place of `link` for the one it is for: it opens what is theirs alone, so no room of people hears it. */
  readonly ownLink?: string | undefined;
  readonly data?: unknown;
}

/** One person to be told at one occasion, by a ladder of channels. */
export interface DeliveryOrder {
  readonly source: 'incident' | 'call' | 'task' | 'roster' | 'channel-test' | 'webhook';
  readonly subject: string;
  readonly who: Who;
  readonly area: string;
  /** Steps in order; the channels of one step at once. */
  readonly ladder: readonly (readonly string[])[];
  /** The same occasion is told once, however often it is ordered. */
  readonly occasion: string;
  readonly lifeSafety: boolean;
  /** Lower goes first among its kind. */
  readonly priority: number;
  readonly message: DeliveryMessage;
  readonly at: number;
  readonly expiresAt: number;
}

/** A delivery as a worker or a screen sees it. */
export interface Delivery {
  readonly id: string;
  readonly source: DeliveryOrder['source'];
  readonly subject: string;
  readonly who: Who;
  readonly area: string;
  readonly channel: string;
  readonly rest: readonly (readonly string[])[];
  readonly occasion: string;
  readonly state: DeliveryState;
  readonly lifeSafety: boolean;
  readonly priority: number;
  readonly message: DeliveryMessage;
  readonly attempts: number;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly expiresAt: number;
  readonly providerId: string | null;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
  readonly failedAt: number | null;
  readonly code: string | null;
  readonly reason: Text | null;
}

export const deliveryColumns = sql.raw(`d.id, d.source, d.subject,
  jsonb_build_object('kind', d.who_kind, 'id', d.who, 'name', d.who_name) as who, d.area, d.channel, d.rest, d.occasion, d.state,
  d.life_safety as "lifeSafety", d.priority, d.message, d.attempts, d.created_at as "createdAt", d.due_at as "dueAt",
  d.expires_at as "expiresAt", d.provider_id as "providerId", d.sent_at as "sentAt", d.delivered_at as "deliveredAt",
  d.read_at as "readAt", d.failed_at as "failedAt", d.code, d.reason`);

/** Puts the first step of each ladder into the queue, in the caller's transaction. Returns how many were new. */
export async function order(trx: Kysely<Tables>, orders: readonly DeliveryOrder[]): Promise<number> {
  const rows = orders.flatMap(rowsOf);
  if (rows.length === 0) return 0;
  const { numAffectedRows } =
    await sql`insert into delivery (id, source, subject, who_kind, who, who_name, area, channel, rest, occasion,
      state, life_safety, priority, message, created_at, due_at, expires_at)
    select id, source, subject, who_kind, who, who_name, area, channel, rest, occasion, 'queued', life_safety, priority, message, at, at,
      expires_at
    from jsonb_to_recordset(${json(rows)}) as r(id text, source text, subject text, who_kind text, who text, who_name text, area text,
      channel text, rest jsonb, occasion text, life_safety boolean, priority smallint, message jsonb, at bigint, expires_at bigint)
    on conflict on constraint delivery_once do nothing`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** A ladder without a step is a person nobody can reach: said by whoever orders, and no row. */
function rowsOf({ who, ladder, message, lifeSafety, expiresAt, ...rest }: DeliveryOrder) {
  const [first = [], ...others] = ladder;
  return first.map((channel) => ({
    ...rest,
    id: derivedId('dl', rest.source, rest.subject, who.kind, who.id, rest.occasion, channel),
    who_kind: who.kind,
    who: who.id,
    who_name: who.name,
    channel,
    rest: others,
    life_safety: lifeSafety,
    message,
    expires_at: expiresAt,
  }));
}

/** Forgets what is over and older than `before`. */
export async function dropOldDeliveries(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const told = await sql`delete from delivery where id in (select id from delivery
    where created_at < ${before} and state not in ('queued', 'held', 'sending') order by created_at limit ${most})`.execute(db);
  const replies =
    await sql`delete from channel_reply where ctid in (select ctid from channel_reply where at < ${before} limit ${most})`.execute(
      db,
    );
  return Number(told.numAffectedRows ?? 0) + Number(replies.numAffectedRows ?? 0);
}
