import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { HouseholdLink, Notice, NoticeDetail, NoticeHome, NoticeReach } from '@yihu/device-profiles/vocabulary/resident.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actorOf, entryOf, scopeWithin } from '../access.ts';
import { idParams } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { noteTakers, peopleKeepers, senders, watchers } from '../roles.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const NoticeBody = z.strictObject({
  area: AreaPath,
  title: safeText(60),
  text: safeText(1000),
  /** Homes are told from then on; at once where it is left out or past. */
  from: z.number().int().positive().optional(),
  until: z.number().int().positive(),
  key: Key,
});

/** What homes are told, with how many have read it; and the links by which they are reached. */
export function noticeRoutes(instance: FastifyInstance, { residents, clock, publicOrigin }: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/notices',
    config: { access: { roles: watchers } },
    schema: {
      querystring: z.strictObject({ area: AreaPath.optional() }),
      response: { 200: z.array(Notice), '4xx': Problem },
    },
    handler: async (request) => [...(await residents.notices(scopeWithin(request, request.query.area)))],
  });

  app.route({
    method: 'GET',
    url: '/api/notices/reach',
    config: { access: { roles: noteTakers } },
    schema: {
      querystring: z.strictObject({ area: AreaPath }),
      response: { 200: NoticeReach, '4xx': Problem },
      description: 'Before a notice is given out: how many homes it would reach.',
    },
    handler: async (request) => found(await residents.noticeReach(entryOf(request).scope, request.query.area)),
  });

  app.route({
    method: 'GET',
    url: '/api/notices/:id',
    config: { access: { roles: watchers } },
    schema: { params: idParams, response: { 200: NoticeDetail, '4xx': Problem } },
    handler: async (request) => found(await residents.notice(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/notices/:id/homes',
    config: { access: { roles: peopleKeepers }, audited: true },
    schema: {
      params: idParams,
      querystring: z.strictObject({ building: AreaPath }),
      response: { 200: z.array(NoticeHome), '4xx': Problem },
      description: 'The homes of one building, those that have not read it first: who is to be told at the door. No names.',
    },
    handler: async (request) => {
      const { building } = request.query;
      return found(await residents.noticeHomes(entryOf(request).scope, request.params.id, building));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/notices',
    config: { access: { roles: noteTakers } },
    schema: { body: NoticeBody, response: { 201: Notice, '4xx': Problem } },
    handler: async (request, reply) => {
      request.note['area'] = request.body.area;
      const now = clock.now();
      const { until } = request.body;
      const from = Math.max(now, request.body.from ?? now);
      if (until <= now || until > now + limits.noticeMs)
        throw new Refusal('bad-request', { issues: [{ path: '/until', message: 'must be within the next year' }] });
      if (from >= until) throw new Refusal('bad-request', { issues: [{ path: '/from', message: 'must be before `until`' }] });
      const made = await residents.putNotice(entryOf(request).scope, actorOf(request), { ...request.body, from });
      if (made === 'key-reused') throw new Refusal('key-reused');
      return reply.code(201).send(found(made));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/notices/:id/withdraw',
    config: { access: { roles: senders } },
    schema: { params: idParams, response: { 200: Notice, '4xx': Problem } },
    handler: async (request) =>
      found(await residents.withdrawNotice(entryOf(request).scope, actorOf(request), request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/api/household-links',
    config: { access: { roles: peopleKeepers } },
    schema: {
      body: z.strictObject({ area: AreaPath, renew: z.boolean().default(false) }),
      response: { 200: HouseholdLink, '4xx': Problem },
    },
    handler: async (request) => {
      const { area, renew } = request.body;
      Object.assign(request.note, { area, renew });
      return found(await residents.link(entryOf(request).scope, actorOf(request), { area, renew }, baseOf(request)));
    },
  });

  function baseOf(request: FastifyRequest): string {
    return publicOrigin ?? `${request.protocol}://${request.host}`;
  }
}
