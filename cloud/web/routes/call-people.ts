import { CallAnswer, CallDoor, CallNeed, CallPerson, CallPoint } from '@yihu/device-profiles/vocabulary/call.ts';
import { CallDetail, CallReport } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actorOf, entryOf } from '../access.ts';
import { idParams, pageBody, pageOf } from '../bodies.ts';
import { reportPage } from '../call-report-page.ts';
import { found } from '../problem.ts';
import { callSeekers, watchers } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';
import { afterwards } from './calls.ts';

const AnswersBody = z.strictObject({
  where: z.enum(['phone', 'door']),
  results: z
    .array(
      z.strictObject({
        person: AnyId,
        result: z.union([CallAnswer, z.literal('unreachable')]),
        note: safeText(200).nullable().default(null),
      }),
    )
    .min(1)
    .max(50),
  key: Key,
});
const NeedBody = z.strictObject({ move: z.enum(['take', 'done']), outcome: safeText(200).nullable().default(null), key: Key });
const PointBody = z.strictObject({
  name: safeText(40),
  counted: z.number().int().min(0).max(1_000_000),
  note: safeText(200).nullable().default(null),
  key: Key,
});

function readerOf(request: FastifyRequest) {
  const { scope, caller } = entryOf(request);
  return { id: caller.user.id, grants: caller.user.grants, scope };
}

function pressingOf(request: FastifyRequest, key: string) {
  return { scope: entryOf(request).scope, actor: actorOf(request), key };
}

/** Who has not answered, who needs help, whose door is to be knocked at: for those who go and look. */
export function callPeopleRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { calls } = options;
  const seen = async (request: FastifyRequest, id: string) =>
    found(await calls.detail(entryOf(request).scope, id, actorOf(request).id));

  app.route({
    method: 'GET',
    url: '/api/calls/:id/people',
    config: { access: { roles: callSeekers }, audited: true },
    schema: {
      params: idParams,
      querystring: z.strictObject({
        show: z.enum(['silent', 'help', 'unreachable', 'answered', 'all']).default('silent'),
        area: AreaPath.optional(),
        person: AnyId.optional(),
        after: z.coerce.number().int().min(0).max(1_000_000).optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageSize).default(100),
      }),
      response: { 200: pageOf(CallPerson), '4xx': Problem },
    },
    handler: async (request) => {
      await seen(request, request.params.id);
      return pageBody(await calls.people(readerOf(request), request.params.id, request.query));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/calls/:id/answers',
    config: { access: { roles: callSeekers }, lifeSafety: () => true },
    schema: { params: idParams, body: AnswersBody, response: { 200: CallDetail, '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const { key, where, results } = request.body;
      const done = await calls.staffAnswers(pressingOf(request, key), { call: id, where, results });
      return afterwards(options, request, id, done);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/needs',
    config: { access: { roles: callSeekers }, audited: true },
    schema: { params: idParams, response: { 200: z.array(CallNeed), '4xx': Problem } },
    handler: async (request) => {
      await seen(request, request.params.id);
      return calls.needs(entryOf(request).scope, request.params.id);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/calls/:id/needs/:need',
    config: { access: { roles: callSeekers }, lifeSafety: () => true },
    schema: {
      params: z.strictObject({ id: AnyId, need: AnyId }),
      body: NeedBody,
      response: { 200: CallDetail, '4xx': Problem },
    },
    handler: async (request) => {
      const { id, need } = request.params;
      const { key, move, outcome } = request.body;
      const done = await calls.moveNeed(pressingOf(request, key), { call: id, need, move, outcome });
      return afterwards(options, request, id, done);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/doors',
    config: { access: { roles: callSeekers }, audited: true },
    schema: { params: idParams, response: { 200: z.array(CallDoor), '4xx': Problem } },
    handler: async (request) => {
      await seen(request, request.params.id);
      return calls.doors(readerOf(request), request.params.id);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/points',
    config: { access: { roles: watchers } },
    schema: { params: idParams, response: { 200: z.array(CallPoint), '4xx': Problem } },
    handler: async (request) => {
      await seen(request, request.params.id);
      return calls.points(request.params.id);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/calls/:id/points',
    config: { access: { roles: callSeekers } },
    schema: { params: idParams, body: PointBody, response: { 200: z.array(CallPoint), '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const { key, ...point } = request.body;
      await afterwards(options, request, id, await calls.countHeads(pressingOf(request, key), { call: id, ...point }));
      return calls.points(id);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/report',
    config: { access: { roles: watchers } },
    schema: { params: idParams, response: { 200: CallReport, '4xx': Problem } },
    handler: async (request) =>
      options.audit.signed(await calls.report(entryOf(request).scope, await seen(request, request.params.id))),
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/report.html',
    config: { access: { roles: watchers } },
    schema: { params: idParams, response: { 200: { content: { 'text/html': { schema: z.string() } } }, '4xx': Problem } },
    handler: async (request, reply) => {
      const report = await calls.report(entryOf(request).scope, await seen(request, request.params.id));
      const page = reportPage(report);
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').serializer(String).send(page);
    },
  });
}
