import { z } from 'zod';

/** What other systems can be told of: a closed list. */
export const webhookKinds = [
  'alarm.raised',
  'alarm.cleared',
  'alarm.acked',
  'alarm.changed',
  'incident.opened',
  'incident.moved',
  'call.sent',
  'call.closed',
  'flood.began',
  'flood.changed',
  'flood.ended',
] as const;
export const WebhookKind = z.enum(webhookKinds);
export type WebhookKind = z.infer<typeof WebhookKind>;

const time = z.number().int();

/** As the receiver's side said it: of no length that we know. */
const Why = z.strictObject({ zh: z.string(), en: z.string().optional() });

/** 推送订阅 as administrators see it. Times are ms since 1970 UTC. */
export const Webhook = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    /** What happens in it and inside it; '' is the whole tree. */
    area: z.string(),
    /** Without its query, which may hold a token. */
    url: z.string(),
    kinds: z.array(WebhookKind),
    madeByName: z.string(),
    madeAt: time,
    queued: z.number().int(),
    dead: z.number().int(),
    /** Left out because the receiver was away for so long that its queue was full. */
    dropped: z.number().int(),
    lastSentAt: time.nullable(),
    /** Since when every attempt has failed; null while it goes well. */
    failingSince: time.nullable(),
    /** Why the event at the head of the queue has not gone through. */
    lastReason: Why.nullable(),
    /** Since when nothing is sent to it, because somebody said so; what happens meanwhile waits. */
    pausedAt: time.nullable(),
    pausedByName: z.string().nullable(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

export const NewWebhook = Webhook.extend({
  /** What the receiver checks signatures with; shown this once. */
  secret: z.string(),
}).meta({ id: 'NewWebhook' });
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WebhookEventState = z.enum(['queued', 'sent', 'dead']);

/** One event on its way to one receiver. */
export const WebhookEvent = z
  .strictObject({
    /** The same at every attempt, in the header `webhook-id` and in the body. */
    event: z.string(),
    kind: z.string(),
    at: time,
    state: WebhookEventState,
    attempts: z.number().int(),
    /** When it is tried (again), while it waits. */
    dueAt: time.nullable(),
    settledAt: time.nullable(),
    code: z.string().nullable(),
    reason: Why.nullable(),
  })
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;
