import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import {
  NewWebhook,
  Webhook,
  WebhookEvent,
  WebhookEventState,
  WebhookKind,
  webhookKinds,
} from '@yihu/device-profiles/vocabulary/webhook.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { idParams, nothing, pageBody, pageOf, paging } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, auditors } from '../roles.ts';
import { AnyId, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const NewBody = z.strictObject({
  name: safeText(60),
  area: z.union([z.literal(''), AreaPath]),
  url: z.string().min(1).max(500),
  kinds: z.array(WebhookKind).min(1).max(webhookKinds.length),
});

const delivery = `Each event is one POST, signed as Standard Webhooks 1.0 writes it (\`webhook-id\`, \`webhook-timestamp\`, \`webhook-signature: v1,<base64 HMAC-SHA-256 of id.timestamp.body>\`, the secret as shown is the key). \`data\` of the body is \`{ schema: "yihu.event/1", id, kind, at, area, data }\`; it holds no name, no telephone number and nothing that was typed. At least once: the same \`id\` is the same event. In order for one subscription. 2xx is taken; 408, 425, 429, 5xx and no answer are tried again with growing pauses, for three days at most; anything else is a dead letter.`;

/** 推送订阅: other systems are told what happens, each in its area. */
export function webhookRoutes(instance: FastifyInstance, options: WebOptions): void {
  const { webhooks } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/webhooks',
    config: { access: { roles: auditors } },
    schema: { response: { 200: z.array(Webhook), '4xx': Problem } },
    handler: async (request) => webhooks.list(entryOf(request).scope),
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks',
    config: { access: { roles: administrators } },
    schema: {
      body: NewBody,
      response: { 201: NewWebhook, '4xx': Problem },
      description: `Subscribes a receiver to kinds of events of an area. \`secret\` is shown this once. ${delivery}`,
    },
    handler: async (request, reply) => {
      const { area, url } = request.body;
      Object.assign(request.note, { area, to: URL.canParse(url) ? new URL(url).host : '?' });
      if (!isInScope(entryOf(request).scope.areas, area)) {
        throw new Refusal('bad-request', { issues: [{ path: '/area', message: 'reaches outside of your own area' }] });
      }
      await mustBeThere(request, options, { '/area': area });
      const made = await webhooks.create(request.body, actorOf(request));
      if (!made.ok) {
        const { zh, en = zh } = made.why;
        throw new Refusal('bad-request', {
          issues: [{ path: made.field, message: `${zh} / ${en}` }],
          sentence: { zh: `${zh}。`, en: `The address ${en}.` },
        });
      }
      request.note['webhook'] = made.webhook.id;
      void reply.header('cache-control', 'no-store');
      return reply.code(201).send(made.webhook);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/webhooks/:id',
    config: { access: { roles: auditors } },
    schema: { params: idParams, response: { 200: Webhook, '4xx': Problem } },
    handler: async (request) => found(await webhooks.webhook(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/webhooks/:id',
    config: { access: { roles: administrators } },
    schema: { params: idParams, response: { 204: nothing, '4xx': Problem }, description: 'With all that waits for it.' },
    handler: async (request, reply) => {
      if (!(await webhooks.drop(entryOf(request).scope, request.params.id))) throw new Refusal('not-found');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/pause',
    config: { access: { roles: administrators } },
    schema: {
      params: idParams,
      body: z.strictObject({ paused: z.boolean() }),
      response: { 200: Webhook, '4xx': Problem },
      description:
        'Paused, nothing is sent and what happens waits in its order; sent again, it goes on where it stopped, and the time of the pause is not counted.',
    },
    handler: async (request) => {
      request.note['paused'] = request.body.paused;
      const by = request.body.paused ? actorOf(request).name : null;
      return found(await webhooks.pause(entryOf(request).scope, request.params.id, by));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/test',
    config: { access: { roles: administrators } },
    schema: {
      params: idParams,
      response: { 202: z.strictObject({ event: z.string() }), '4xx': Problem },
      description: 'Sends an event of the kind `test`; what came of it is in the list of events.',
    },
    handler: async (request, reply) => {
      const event = found(await webhooks.test(entryOf(request).scope, request.params.id));
      return reply.code(202).send({ event });
    },
  });

  app.route({
    method: 'GET',
    url: '/api/webhooks/:id/events',
    config: { access: { roles: auditors } },
    schema: {
      params: idParams,
      querystring: z.strictObject({ state: WebhookEventState.default('dead'), ...paging }),
      response: { 200: pageOf(WebhookEvent), '4xx': Problem },
      description: 'Dead letters (kept ninety days), what waits, or what was sent (kept three days).',
    },
    handler: async (request) => {
      const { state, after, limit = limits.pageSize } = request.query;
      return pageBody(found(await webhooks.events(entryOf(request).scope, request.params.id, { state, after, limit })));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/events/:event/again',
    config: { access: { roles: administrators } },
    schema: {
      params: z.strictObject({ id: AnyId, event: AnyId }),
      response: { 202: z.strictObject({ event: z.string() }), '4xx': Problem },
      description: 'A dead letter goes to its receiver again, before what waits.',
    },
    handler: async (request, reply) => {
      const { id, event } = request.params;
      const said = found(await webhooks.again(entryOf(request).scope, id, event));
      if (said === 'not-dead') throw new Refusal('wrong-state');
      return reply.code(202).send({ event });
    },
  });
}
