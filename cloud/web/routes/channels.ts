import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { entryOf, scopeWithin } from '../access.ts';
import { pageBody, pageOf, paging } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, dutyRoles, managers, resenders } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const time = z.number().int();

const ChannelView = z
  .strictObject({
    channel: z.string(),
    action: z.string(),
    reaches: z.string(),
    waiting: z.number().int(),
    /** Within the last day. */
    sent: z.number().int(),
    delivered: z.number().int(),
    failed: z.number().int(),
    lastTest: z.strictObject({ at: time, state: z.string(), code: z.string().nullable() }).nullable(),
    lastCode: z.string().nullable(),
  })
  .meta({ id: 'ChannelView' });

const states = ['queued', 'held', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled'] as const;

const DeliveryView = z
  .strictObject({
    id: z.string(),
    source: z.string(),
    subject: z.string(),
    who: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
    area: z.string(),
    channel: z.string(),
    state: z.enum(states),
    lifeSafety: z.boolean(),
    title: z.string(),
    attempts: z.number().int(),
    createdAt: time,
    /** When it is tried (again), while it waits. */
    dueAt: time.nullable(),
    sentAt: time.nullable(),
    deliveredAt: time.nullable(),
    readAt: time.nullable(),
    failedAt: time.nullable(),
    code: z.string().nullable(),
    reason: Text.nullable(),
  })
  .meta({ id: 'DeliveryView' });

const Contact = z.discriminatedUnion('reach', [
  z.strictObject({
    reach: z.literal('phone'),
    address: z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be written +8613…'),
    label: safeText(40).default('手机'),
  }),
  z.strictObject({ reach: z.literal('email'), address: z.email().max(200), label: safeText(40).default('邮箱') }),
  z.strictObject({
    reach: z.literal('push'),
    /** The browser's PushSubscription as JSON. */
    address: z.string().max(2_000),
    label: safeText(40).default('浏览器'),
  }),
]);

/** Ways to people: how they do, what went where, what failed; and how staff themselves can be reached. */
export function channelRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { telling } = options;

  app.route({
    method: 'GET',
    url: '/api/channels',
    config: { access: { roles: managers } },
    schema: { response: { 200: z.array(ChannelView), '4xx': Problem } },
    handler: () => telling.channels(),
  });

  app.route({
    method: 'POST',
    url: '/api/channels/:id/test',
    config: { access: { roles: administrators } },
    schema: {
      params: z.strictObject({ id: AnyId }),
      body: z.strictObject({ key: Key }),
      response: { 202: z.strictObject({ ordered: z.boolean() }), '4xx': Problem },
    },
    handler: async (request, reply) => {
      const ordered = await telling.test(request.params.id, request.body.key);
      if (ordered === 'unknown') throw new Refusal('not-found');
      if (ordered === 'no-target') throw new Refusal('refused', { named: 'no-test-target', sentence: noTarget });
      return reply.code(202).send({ ordered: ordered === 'ordered' });
    },
  });

  app.route({
    method: 'GET',
    url: '/api/deliveries',
    config: { access: { roles: managers } },
    schema: {
      querystring: z.strictObject({
        ...paging,
        state: z.enum(states).optional(),
        channel: AnyId.optional(),
        source: AnyId.optional(),
        subject: AnyId.optional(),
        area: z.string().max(300).optional(),
      }),
      response: { 200: pageOf(DeliveryView), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, ...filter } = request.query;
      return pageBody(await telling.deliveries(scopeWithin(request, area), filter));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/deliveries/:id/retry',
    config: { access: { roles: resenders } },
    schema: {
      params: z.strictObject({ id: AnyId }),
      body: z.strictObject({ key: Key }),
      response: { 200: DeliveryView, '4xx': Problem },
    },
    handler: async (request) => {
      const again = found(await telling.retry(entryOf(request).scope, request.params.id));
      if (again === 'over') throw new Refusal('wrong-state', { named: 'call-over', sentence: callOver });
      return again;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/push-key',
    config: { access: { roles: dutyRoles } },
    schema: { response: { 200: z.strictObject({ publicKey: z.string().nullable() }), '4xx': Problem } },
    handler: async () => ({ publicKey: telling.pushKey() }),
  });

  app.route({
    method: 'GET',
    url: '/api/me/contacts',
    config: { access: { roles: dutyRoles } },
    schema: { response: { 200: z.array(Contact), '4xx': Problem } },
    handler: async (request) => telling.contacts(entryOf(request).caller.user.id),
  });

  app.route({
    method: 'PUT',
    url: '/api/me/contacts',
    config: { access: { roles: dutyRoles } },
    schema: { body: Contact, response: { 204: z.null(), '4xx': Problem } },
    handler: async (request, reply) => {
      request.note['reach'] = request.body.reach;
      const problem = telling.contactProblem(request.body);
      if (problem !== null)
        throw new Refusal('bad-request', {
          issues: [{ path: '/address', message: problem.en ?? problem.zh }],
          sentence: { zh: `推送地址${problem.zh}。`, en: `The push address ${problem.en ?? ''}.` },
        });
      if (!(await telling.putContact(entryOf(request).caller.user.id, request.body)))
        throw new Refusal('refused', { named: 'too-many-contacts', sentence: tooMany });
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/me/contacts',
    config: { access: { roles: dutyRoles } },
    schema: {
      body: z.strictObject({ reach: z.enum(['phone', 'email', 'push']), address: z.string().max(2_000) }),
      response: { 204: z.null(), '4xx': Problem },
    },
    handler: async (request, reply) => {
      request.note['reach'] = request.body.reach;
      await telling.dropContact(entryOf(request).caller.user.id, request.body.reach, request.body.address);
      return reply.code(204).send(null);
    },
  });
}

const noTarget = {
  zh: '这个渠道没有写自检对象（test），请在渠道文件里补上。',
  en: 'This channel names nobody to test with (test); add it to the channels file.',
};
const callOver = {
  zh: '这次呼叫已经结束或撤回，不再补发。',
  en: 'This call is over or was recalled; nothing more of it is sent.',
};
const tooMany = { zh: '联系方式太多了，请先删除一个。', en: 'There are too many contacts; remove one first.' };
