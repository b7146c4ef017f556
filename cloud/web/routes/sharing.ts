import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Basis } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { DataSet, SharedRows, ShareField, ShareRequest, ShareUse } from '@yihu/device-profiles/vocabulary/registry-share.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { idParams, paging } from '../bodies.ts';
import { found } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { administrators, registrars } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const version = z.number().int().positive();
const fields = z.array(ShareField).min(1).max(8);
const NewDataSet = z.strictObject({ area: AreaPath, name: safeText(60), fields, basis: Basis, key: Key });
const NewRequest = z.strictObject({
  dataSet: AnyId,
  consumer: safeText(60),
  purpose: safeText(200),
  basis: Basis,
  fields,
  key: Key,
});
const DecisionBody = z.strictObject({
  version,
  to: z.enum(['approved', 'refused', 'ended']),
  reason: safeText(200).nullable().default(null),
  untilAt: z.number().int().nonnegative().nullable().default(null),
});
const ShareConflict = Problem.extend({ current: ShareRequest.optional() }).meta({ id: 'ShareConflict' });

/** 数据共享目录: on offer, asked for, agreed to by somebody else, and every use written down. */
export function sharingRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { sharing } = options.registry;
  const access = { roles: registrars };

  app.route({
    method: 'GET',
    url: '/api/data-sets',
    config: { access },
    schema: { response: { 200: z.array(DataSet), '4xx': Problem } },
    handler: async (request) => [...(await sharing.dataSets(readerOf(request)))],
  });

  app.route({
    method: 'POST',
    url: '/api/data-sets',
    config: { access: { roles: administrators } },
    schema: { body: NewDataSet, response: { 201: DataSet, '4xx': Problem } },
    handler: async (request, reply) => {
      const { key, ...wanted } = request.body;
      request.note['fields'] = wanted.fields.join(',');
      return reply.code(201).send(registryValue(await sharing.offer(readerOf(request), wanted, key)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/data-sets/:id/retire',
    config: { access: { roles: administrators } },
    schema: { params: idParams, body: z.strictObject({ version }), response: { 200: DataSet, '4xx': Problem } },
    handler: async (request) => registryValue(await sharing.retire(readerOf(request), request.params.id, request.body.version)),
  });

  app.route({
    method: 'GET',
    url: '/api/share-requests',
    config: { access },
    schema: { response: { 200: z.array(ShareRequest), '4xx': Problem } },
    handler: async (request) => [...(await sharing.requests(readerOf(request)))],
  });

  app.route({
    method: 'POST',
    url: '/api/share-requests',
    config: { access },
    schema: { body: NewRequest, response: { 201: ShareRequest, '4xx': Problem } },
    handler: async (request, reply) => {
      const { key, ...wanted } = request.body;
      request.note['fields'] = wanted.fields.join(',');
      return reply.code(201).send(registryValue(await sharing.ask(readerOf(request), wanted, key)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/share-requests/:id/decide',
    config: { access: { roles: administrators } },
    schema: { params: idParams, body: DecisionBody, response: { 200: ShareRequest, 409: ShareConflict, '4xx': Problem } },
    handler: async (request) => {
      const { version, ...decision } = request.body;
      request.note['to'] = decision.to;
      return registryValue(await sharing.decide(readerOf(request), request.params.id, version, decision));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/share-requests/:id/rows',
    config: { access, audited: true },
    schema: {
      params: idParams,
      querystring: z.strictObject({ after: paging.after }),
      response: { 200: SharedRows, '4xx': Problem },
    },
    handler: async (request) => {
      const page = registryValue(await sharing.rows(readerOf(request), request.params.id, request.query.after));
      request.note['people'] = page.rows.length;
      return page;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/share-requests/:id/uses',
    config: { access },
    schema: { params: idParams, response: { 200: z.array(ShareUse), '4xx': Problem } },
    handler: async (request) => [...found(await sharing.uses(readerOf(request), request.params.id))],
  });
}
