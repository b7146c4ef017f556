import { type Kysely, sql, type Transaction } from 'kysely';
import type { NewWebhook, Webhook, WebhookEvent, WebhookKind } from '@yihu/device-profiles/vocabulary/webhook.ts';
import type { Page, Scope } from './records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

/** A subscription to be kept; `secret` is sealed. */
export interface WebhookEntry {
  readonly id: string;
  readonly name: string;
  readonly area: string;
  readonly url: string;
  readonly kinds: readonly WebhookKind[];
  readonly secret: Buffer;
  readonly by: { readonly id: string; readonly name: string };
  readonly at: number;
}

export type WebhookRow = Omit<NewWebhook, 'secret'>;

/** Subscriptions of an installation. */
export const mostWebhooks = 50;

export interface WebhookRecords {
  /** Null where there are as many as there may be. */
  add(entry: WebhookEntry): Promise<WebhookRow | null>;
  list(scope: Scope): Promise<WebhookRow[]>;
  find(scope: Scope, id: string): Promise<WebhookRow | null>;
  /** With all that waits for it. False where the scope has none. */
  drop(scope: Scope, id: string): Promise<boolean>;
  events(
    id: string,
    filter: { state: WebhookEvent['state']; after?: string | undefined; limit: number },
  ): Promise<Page<WebhookEvent>>;
  /** A dead one goes to the queue again, to its old place in the order; false where it is not dead. */
  again(id: string, event: string, now: number): Promise<boolean>;
  /** `pausedBy` null sends again, from where it stopped; the time of the pause is not counted against what waits. */
  pause(id: string, pausedBy: string | null, now: number): Promise<void>;
}

/** How long an event is tried. */
export const eventLifeMs = 3 * 24 * 3_600_000;

const columns = sql`w.id, w.name, w.area, w.url, w.kinds, w.made_by_name as "madeByName", w.made_at as "madeAt", w.dropped,
  w.last_sent_at as "lastSentAt", w.failing_since as "failingSince", w.paused_at as "pausedAt", w.paused_by_name as "pausedByName",
  (select count(*)::int from webhook_event e where e.webhook = w.id and e.state = 'queued') as queued,
  (select count(*)::int from webhook_event e where e.webhook = w.id and e.state = 'dead') as dead,
  (select e.reason from webhook_event e where e.webhook = w.id and e.state = 'queued' order by e.id limit 1) as "lastReason"`;

export function webhookRecords(db: Kysely<Tables>): WebhookRecords {
  return {
    add: (entry) => db.transaction().execute((trx) => add(trx, entry)),
    list: async (scope) => {
      const { rows } = await sql<Webhook>`select ${columns} from webhook w where ${within('w.area', scope)}
        order by w.made_at desc, w.id`.execute(db);
      return rows;
    },
    find: (scope, id) => find(db, scope, id),
    drop: async (scope, id) => {
      const { numAffectedRows } = await sql`delete from webhook w where w.id = ${id} and ${within('w.area', scope)}`.execute(db);
      return numAffectedRows === 1n;
    },
    events: (id, filter) => events(db, id, filter),
    again: async (id, event, now) => {
      const { numAffectedRows } = await sql`
        update webhook_event set state = 'queued', attempts = 0, due_at = ${now}, expires_at = ${now + eventLifeMs}, settled_at = null
        where webhook = ${id} and event = ${event} and state = 'dead'`.execute(db);
      return numAffectedRows === 1n;
    },
    pause: (id, pausedBy, now) => db.transaction().execute((trx) => pause(trx, id, pausedBy, now)),
  };
}

async function pause(trx: Transaction<Tables>, id: string, pausedBy: string | null, now: number): Promise<void> {
  if (pausedBy !== null) {
    await sql`update webhook set paused_at = ${now}, paused_by_name = ${pausedBy} where id = ${id} and paused_at is null`.execute(
      trx,
    );
    return;
  }
  await sql`update webhook_event e set due_at = ${now}, expires_at = e.expires_at + (${now} - w.paused_at)
    from webhook w where w.id = ${id} and w.paused_at is not null and e.webhook = w.id and e.state = 'queued'`.execute(trx);
  await sql`update webhook set paused_at = null, paused_by_name = null where id = ${id}`.execute(trx);
}

async function find(db: Kysely<Tables>, scope: Scope, id: string): Promise<WebhookRow | null> {
  const { rows } = await sql<Webhook>`select ${columns} from webhook w where w.id = ${id} and ${within('w.area', scope)}`.execute(
    db,
  );
  return rows[0] ?? null;
}

async function add(trx: Transaction<Tables>, entry: WebhookEntry): Promise<WebhookRow | null> {
  const { id, name, area, url, kinds, secret, by, at } = entry;
  await begin(trx, at);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from webhook`.execute(trx);
  if ((rows[0]?.n ?? 0) >= mostWebhooks) return null;
  await sql`insert into webhook (id, name, area, url, kinds, secret, made_by, made_by_name, made_at)
    values (${id}, ${name}, ${area}, ${url}, ${[...kinds]}::text[], ${secret}, ${by.id}, ${by.name}, ${at})`.execute(trx);
  return find(trx, { areas: [''] }, id);
}

/**
 * Nobody was listening: from here on there is something to compare with. What stands open now is seen, so that the next word
 * of it is no news of its beginning; the head is held, so that nothing is said between this look and the cursor.
 */
async function begin(trx: Transaction<Tables>, at: number): Promise<void> {
  const { rows } = await sql<{ running: boolean }>`select running from webhook_cursor for update`.execute(trx);
  if (rows[0]?.running === true) return;
  const head = await sql<{ last: number }>`select last from stream_head for update`.execute(trx);
  await sql`delete from webhook_seen`.execute(trx);
  await sql`insert into webhook_seen (object, state, at)
    select 'alarm ' || id, concat(active::int, (ack is not null)::int, (shelf is not null)::int,
      (cardinality(suppressed_by) > 0)::int, (out_of_service is not null)::int, ' ', severity, ' ', disposition), ${at}::bigint
    from alarm where open
    union all select 'incident ' || id, state, ${at}::bigint from incident where open
    union all select 'call ' || id, state, ${at}::bigint from call where state in ('draft', 'waiting', 'scheduled', 'sending', 'sent')
    union all select 'flood ' || id, 'lasts', ${at}::bigint from flood where ended_at is null`.execute(trx);
  await sql`update webhook_cursor set running = true, last = ${head.rows[0]?.last ?? 0}`.execute(trx);
}

async function events(
  db: Kysely<Tables>,
  id: string,
  { state, after, limit }: { state: WebhookEvent['state']; after?: string | undefined; limit: number },
): Promise<Page<WebhookEvent>> {
  // The waiting in the order they go, the others the newest first.
  const from = after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : null;
  const [beyond, order] = state === 'queued' ? [sql`id > ${from}`, sql`id`] : [sql`id < ${from}`, sql`id desc`];
  const { rows } = await sql<WebhookEvent & { id: number }>`
    select id, event, kind, at, state, attempts, case when state = 'queued' then due_at end as "dueAt", settled_at as "settledAt",
      code, reason from webhook_event where webhook = ${id} and state = ${state} and (${from}::bigint is null or ${beyond})
    order by ${order} limit ${limit + 1}`.execute(db);
  const total = await sql<{
    n: number;
  }>`select count(*)::int as n from webhook_event where webhook = ${id} and state = ${state}`.execute(db);
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? String(items.at(-1)?.id) : null;
  return { items: items.map(({ id: _order, ...event }) => event), total: total.rows[0]?.n ?? 0, next };
}
