import { type Kysely, sql, type Transaction } from 'kysely';
import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { reaches } from '../registry/rights.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';
import { eventLifeMs } from './webhooks.ts';

/** What one event of the stream says happened; `notify/happened.ts` decides. */
export type SeenIn = (
  event: StreamEvent,
  before: (object: string) => string | undefined,
) => {
  readonly object: string;
  readonly state: string;
  readonly happened: readonly { readonly kind: string; readonly data: object }[];
} | null;

/** Events of the stream looked at in one transaction, and how many may wait for one receiver. */
const batch = 500;
const mostQueued = 50_000;

interface Subscriber {
  readonly id: string;
  readonly area: string;
  readonly kinds: readonly string[];
  readonly queued: number;
}

/** What goes out of one event, to one receiver. */
interface Outgoing {
  readonly webhook: string;
  readonly event: string;
  readonly kind: string;
  readonly at: number;
  readonly body: object;
}

/**
 * Moves what happened since the cursor into the queues of its subscribers; queue, states and cursor are one commit, so that a
 * crash loses nothing and doubles nothing. Returns true where there is more. One process at a time; another finds it busy.
 */
export function fanOut(db: Kysely<Tables>, seenIn: SeenIn, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const cursor = await sql<{
      last: number;
      running: boolean;
    }>`select last, running from webhook_cursor for update skip locked`.execute(trx);
    const [at] = cursor.rows;
    if (!at?.running) return false;
    const subscribers = await readSubscribers(trx);
    if (subscribers.length === 0) {
      await sql`update webhook_cursor set running = false`.execute(trx);
      return false;
    }
    const { rows } = await sql<{ id: number; area: string; event: StreamEvent }>`
      select id, area, event from stream_event where id > ${at.last} order by id limit ${batch}`.execute(trx);
    const [first] = rows;
    if (first === undefined) return false;
    const missed = first.id > at.last + 1 ? gapFor(subscribers, at.last, first.id, now) : [];
    const found = await compareAll(trx, rows, seenIn, now);
    const going = found.flatMap(({ id, area, happened }) =>
      happened.flatMap(({ kind, data }, nth) => outgoing(subscribers, { id, nth, kind, area, ...data })),
    );
    await queue(trx, subscribers, [...missed, ...going], now);
    await sql`update webhook_cursor set last = ${rows.at(-1)?.id ?? at.last}`.execute(trx);
    return rows.length === batch;
  });
}

async function readSubscribers(trx: Transaction<Tables>): Promise<Subscriber[]> {
  const { rows } = await sql<Subscriber>`select w.id, w.area, w.kinds,
      (select count(*)::int from webhook_event e where e.webhook = w.id and e.state = 'queued') as queued
    from webhook w`.execute(trx);
  return rows;
}

interface Found {
  readonly id: number;
  readonly area: string;
  readonly happened: readonly { readonly kind: string; readonly data: { readonly at: number; readonly data: object } }[];
}

async function compareAll(
  trx: Transaction<Tables>,
  rows: readonly { id: number; area: string; event: StreamEvent }[],
  seenIn: SeenIn,
  now: number,
): Promise<Found[]> {
  const asked = new Set<string>();
  for (const { event } of rows) seenIn(event, (object) => void asked.add(object));
  const known = await sql<{ object: string; state: string }>`
    select object, state from webhook_seen where object = any(${[...asked]}::text[])`.execute(trx);
  const states = new Map(known.rows.map(({ object, state }) => [object, state]));
  const found = rows.flatMap(({ id, area, event }): Found[] => {
    const seen = seenIn(event, (object) => states.get(object));
    if (seen === null) return [];
    states.set(seen.object, seen.state);
    return [{ id, area, happened: seen.happened.map(({ kind, data }) => ({ kind, data: { at: event.at, data } })) }];
  });
  const written = [...asked].map((object) => ({ object, state: states.get(object) ?? '' }));
  await sql`insert into webhook_seen (object, state, at)
    select object, state, ${now} from jsonb_to_recordset(${json(written)}) as r(object text, state text)
    on conflict (object) do update set state = excluded.state, at = excluded.at`.execute(trx);
  return found;
}

interface Happening {
  readonly id: number;
  readonly nth: number;
  readonly kind: string;
  readonly area: string;
  readonly at: number;
  readonly data: object;
}

/** An event has one id wherever it goes, so that a receiver of two subscriptions can tell. */
function outgoing(subscribers: readonly Subscriber[], { id, nth, kind, area, at, data }: Happening): Outgoing[] {
  const event = `evt-${id}-${nth}`;
  return subscribers
    .filter((one) => one.kinds.includes(kind) && reaches(one.area, area))
    .map(({ id: webhook }) => ({ webhook, event, kind, at, body: { schema: 'yihu.event/1', id: event, kind, at, area, data } }));
}

/** The stream keeps a day: whoever slept longer is told that something is missing, and from when on it goes on. */
function gapFor(subscribers: readonly Subscriber[], last: number, next: number, at: number): Outgoing[] {
  const event = `gap-${last}-${next}`;
  const body = { schema: 'yihu.event/1', id: event, kind: 'gap', at, area: '', data: { missed: next - last - 1 } };
  return subscribers.map(({ id: webhook }) => ({ webhook, event, kind: 'gap', at, body }));
}

async function queue(
  trx: Transaction<Tables>,
  subscribers: readonly Subscriber[],
  going: readonly Outgoing[],
  now: number,
): Promise<void> {
  const full = new Set(subscribers.filter(({ queued }) => queued >= mostQueued).map(({ id }) => id));
  const kept = going.filter(({ webhook }) => !full.has(webhook));
  await enqueue(trx, kept, now);
  for (const webhook of full) {
    const dropped = going.filter((one) => one.webhook === webhook).length;
    if (dropped > 0) await sql`update webhook set dropped = dropped + ${dropped} where id = ${webhook}`.execute(trx);
  }
}

/** In the order given; one that waits there already is left as it is. */
export async function enqueue(db: Kysely<Tables>, going: readonly Outgoing[], now: number): Promise<void> {
  if (going.length === 0) return;
  const rows = going.map((one, nth) => ({ nth, ...one }));
  await sql`insert into webhook_event (webhook, event, kind, at, body, due_at, expires_at)
    select webhook, event, kind, at, body, ${now}::bigint, ${now + eventLifeMs}::bigint
    from jsonb_to_recordset(${json(rows)}) as r(nth integer, webhook text, event text, kind text, at bigint, body jsonb)
    order by nth on conflict (webhook, event) do nothing`.execute(db);
}

/** The event at the head of a receiver's queue. */
export interface Head {
  readonly id: number;
  readonly event: string;
  readonly kind: string;
  readonly body: { readonly data: unknown };
  /** Made before; this one is not counted yet. */
  readonly attempts: number;
  readonly expiresAt: number;
}

export interface Leased {
  readonly webhook: string;
  readonly url: string;
  /** Sealed. */
  readonly secret: Buffer;
}

export type Settled =
  | { readonly state: 'sent' }
  | { readonly state: 'queued'; readonly dueAt: number; readonly code: string; readonly reason: Text }
  | { readonly state: 'dead'; readonly code: string; readonly reason: Text };

/** The queues as senders use them: one sender to a receiver, so that its events keep their order. */
export interface WebhookQueue {
  /** Receivers whose first event is due, for this sender alone until `until`. */
  lease(most: number, now: number, until: number): Promise<Leased[]>;
  /** The first event of the queue where it is due; null where there is none, or another sender has the receiver. */
  head(webhook: string, now: number): Promise<Head | null>;
  settle(webhook: string, event: number, settled: Settled, now: number, until: number): Promise<void>;
  release(webhook: string): Promise<void>;
  dropOld(now: number): Promise<void>;
}

export function webhookQueue(db: Kysely<Tables>): WebhookQueue {
  return {
    lease: async (most, now, until) => {
      const { rows } = await sql<Leased>`
        update webhook set leased_until = ${until} where id in (
          select w.id from webhook w where w.leased_until <= ${now} and w.paused_at is null
            and (select e.due_at from webhook_event e where e.webhook = w.id and e.state = 'queued' order by e.id limit 1) <= ${now}
          order by w.last_sent_at nulls first limit ${most} for update of w skip locked)
        returning id as webhook, url, secret`.execute(db);
      return rows;
    },
    head: async (webhook, now) => {
      const { rows } = await sql<
        Head & { dueAt: number }
      >`select id, event, kind, body, attempts, expires_at as "expiresAt", due_at as "dueAt"
        from webhook_event where webhook = ${webhook} and state = 'queued'
          and not exists (select 1 from webhook w where w.id = ${webhook} and w.paused_at is not null)
        order by id limit 1`.execute(db);
      const [head] = rows;
      return head && head.dueAt <= now ? head : null;
    },
    settle: (webhook, event, settled, now, until) =>
      db.transaction().execute((trx) => settle(trx, webhook, event, settled, now, until)),
    release: async (webhook) => {
      await sql`update webhook set leased_until = 0 where id = ${webhook}`.execute(db);
    },
    dropOld: async (now) => {
      const day = 24 * 3_600_000;
      await sql`delete from webhook_event where state = 'sent' and settled_at < ${now - 3 * day}`.execute(db);
      await sql`delete from webhook_event where state = 'dead' and settled_at < ${now - 90 * day}`.execute(db);
      await sql`delete from webhook_seen s where s.at < ${now - 30 * day}
        and not exists (select 1 from alarm a where s.object = 'alarm ' || a.id and a.open)
        and not exists (select 1 from incident i where s.object = 'incident ' || i.id and i.open)`.execute(db);
    },
  };
}

async function settle(
  trx: Transaction<Tables>,
  webhook: string,
  event: number,
  settled: Settled,
  now: number,
  until: number,
): Promise<void> {
  const { state } = settled;
  const why = state === 'sent' ? null : settled;
  await sql`update webhook_event set state = ${state}, attempts = attempts + 1, code = ${why?.code ?? null},
      reason = ${why === null ? sql`null` : json(why.reason)}, due_at = ${state === 'queued' ? settled.dueAt : now},
      settled_at = ${state === 'queued' ? null : now}
    where id = ${event} and state = 'queued'`.execute(trx);
  await sql`update webhook set leased_until = ${until},
      last_sent_at = case when ${state === 'sent'} then ${now}::bigint else last_sent_at end,
      failing_since = case when ${state === 'sent'} then null else coalesce(failing_since, ${now}::bigint) end
    where id = ${webhook}`.execute(trx);
}
