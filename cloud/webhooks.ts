import { randomBytes } from 'node:crypto';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { NewWebhook, Webhook, WebhookEvent, WebhookKind } from '@yihu/device-profiles/vocabulary/webhook.ts';
import type { Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from './clock.ts';
import { createHttpClient } from './notify/http-client.ts';
import { addressProblem } from './notify/webhook-address.ts';
import type { Page, Scope } from './records/records.ts';
import type { Tables } from './records/tables.ts';
import { enqueue } from './records/webhook-queue.ts';
import { mostWebhooks, webhookRecords, type WebhookRow } from './records/webhooks.ts';
import type { Sealer } from './registry/sealing.ts';
import { secretField, WebhookSending } from './webhook-sending.ts';

export interface WebhookWish {
  readonly name: string;
  readonly area: string;
  readonly url: string;
  readonly kinds: readonly WebhookKind[];
}

/** 推送订阅: other systems that are told what happens. */
export interface Webhooks {
  create(
    wish: WebhookWish,
    by: { readonly id: string; readonly name: string },
  ): Promise<
    { readonly ok: true; readonly webhook: NewWebhook } | { readonly ok: false; readonly field: string; readonly why: Text }
  >;
  list(scope: Scope): Promise<Webhook[]>;
  webhook(scope: Scope, id: string): Promise<Webhook | null>;
  drop(scope: Scope, id: string): Promise<boolean>;
  /** Null where the scope has no such subscription. */
  events(
    scope: Scope,
    id: string,
    filter: { state: WebhookEvent['state']; after?: string | undefined; limit: number },
  ): Promise<Page<WebhookEvent> | null>;
  /** Queues an event that says nothing happened; its id, null where the scope has no such subscription. */
  test(scope: Scope, id: string): Promise<string | null>;
  again(scope: Scope, id: string, event: string): Promise<'queued' | 'not-dead' | null>;
  /** Null where the scope has no such subscription. */
  pause(scope: Scope, id: string, pausedBy: string | null): Promise<Webhook | null>;
  stop(): Promise<void>;
}

export interface WebhooksOptions {
  readonly db: Kysely<Tables>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: { warn(message: string): void };
  readonly onStream: (wake: () => void) => () => void;
  /** Inner addresses that may be reached. */
  readonly allowPrivate: readonly string[];
  /** False where other processes send; this one only keeps subscriptions. */
  readonly sends: boolean;
}

/** Longer than this a receiver does not take to answer. */
const answerMs = 5_000;

/** The subscriptions, and the sending, which goes on until `stop`. */
export function startWebhooks(options: WebhooksOptions): Webhooks {
  const { db, clock, allowPrivate } = options;
  const records = webhookRecords(db);
  const http = createHttpClient({ allowPrivate, timeoutMs: answerMs });
  const sending = options.sends ? new WebhookSending({ ...options, http }) : null;
  const seen = async <T>(scope: Scope, id: string, then: () => Promise<T>): Promise<T | null> =>
    (await records.find(scope, id)) === null ? null : then();
  return {
    create: (wish, by) => create(options, wish, by),
    list: async (scope) => (await records.list(scope)).map(shown),
    webhook: async (scope, id) => {
      const row = await records.find(scope, id);
      return row && shown(row);
    },
    drop: (scope, id) => records.drop(scope, id),
    events: (scope, id, filter) => seen(scope, id, () => records.events(id, filter)),
    test: (scope, id) =>
      seen(scope, id, async () => {
        const event = `test-${uuidv7()}`;
        const at = clock.now();
        const body = { schema: 'yihu.event/1', id: event, kind: 'test', at, area: '', data: {} };
        await enqueue(db, [{ webhook: id, event, kind: 'test', at, body }], at);
        sending?.wake();
        return event;
      }),
    again: (scope, id, event) =>
      seen(scope, id, async () => {
        const queued = await records.again(id, event, clock.now());
        sending?.wake();
        return queued ? ('queued' as const) : ('not-dead' as const);
      }),
    pause: async (scope, id, pausedBy) => {
      if ((await records.find(scope, id)) === null) return null;
      await records.pause(id, pausedBy, clock.now());
      sending?.wake();
      const row = await records.find(scope, id);
      return row && shown(row);
    },
    stop: async () => {
      await sending?.stop();
      http.close();
    },
  };
}

async function create(
  { db, sealer, clock, allowPrivate }: WebhooksOptions,
  wish: WebhookWish,
  by: { readonly id: string; readonly name: string },
): ReturnType<Webhooks['create']> {
  const why = addressProblem(wish.url, allowPrivate);
  if (why !== null) return { ok: false, field: '/url', why };
  const id = `hook-${uuidv7()}`;
  const secret = `whsec_${randomBytes(32).toString('base64url')}`;
  const sealed = sealer.seal(id, secretField, secret);
  const kinds = [...new Set(wish.kinds)];
  const row = await webhookRecords(db).add({ ...wish, id, kinds, secret: sealed, by, at: clock.now() });
  if (row === null) {
    const full = { zh: `推送订阅最多 ${mostWebhooks} 个`, en: `there are ${mostWebhooks} subscriptions at most` };
    return { ok: false, field: '/', why: full };
  }
  return { ok: true, webhook: { ...shown(row), secret } };
}

/** A query may hold a receiver's token. */
function shown({ url, ...row }: WebhookRow): Webhook {
  const [plain = '', query] = url.split('?');
  return { ...row, url: query === undefined ? plain : `${plain}?…` };
}
