import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { DoublePair, Erased, Merged, Unmerged } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import { RevealReason } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { writeXlsx } from '../../registry/sheets/write.ts';
import { copyTables } from '../../registry/subject-rights.ts';
import { entryOf } from '../access.ts';
import { idParams, nothing } from '../bodies.ts';
import { createLimiter } from '../limiter.ts';
import { Refusal } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { registrars } from '../roles.ts';
import { AnyId, Key } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const version = z.number().int().positive();
const Take = z.array(z.enum(['name', 'idNumber', 'phone', 'sex', 'birth', 'contact'])).max(6);
const MergeBody = z.strictObject({ other: AnyId, version, otherVersion: version, take: Take.default([]), key: Key });
const hourMs = 3_600_000;
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** 查重、合并、拆开, and what a person may ask for: a copy of everything, and to be forgotten. */
export function doubleRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { merges, rights } = options.registry;
  const roles = registrars;
  const copies = createLimiter(options.clock, limits.copiesPerHour, hourMs, limits.limiterKeys);

  app.route({
    method: 'GET',
    url: '/api/doubles',
    config: { access: { roles }, audited: true },
    schema: {
      querystring: z.strictObject({ area: AreaPath.optional() }),
      response: { 200: z.array(DoublePair), '4xx': Problem },
    },
    handler: async (request) => [...(await merges.pairs(readerOf(request), request.query.area))],
  });

  app.route({
    method: 'POST',
    url: '/api/doubles/dismiss',
    config: { access: { roles } },
    schema: { body: z.strictObject({ a: AnyId, b: AnyId }), response: { 204: nothing, '4xx': Problem } },
    handler: async (request, reply) => {
      const { a, b } = request.body;
      Object.assign(request.note, { a, b });
      registryValue(await merges.dismiss(readerOf(request), a, b));
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/people/:id/merge',
    config: { access: { roles } },
    schema: { params: idParams, body: MergeBody, response: { 200: Merged, '4xx': Problem } },
    handler: async (request) => {
      request.note['other'] = request.body.other;
      const merged = registryValue(await merges.merge(readerOf(request), request.params.id, request.body));
      request.note['merge'] = merged.merge;
      return merged;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/merges/:id/undo',
    config: { access: { roles } },
    schema: { params: idParams, response: { 200: Unmerged, '4xx': Problem } },
    handler: async (request) => registryValue(await merges.unmerge(readerOf(request), request.params.id)),
  });

  const copyOf = async (request: FastifyRequest, id: string, why: RevealReason, format: string) => {
    Object.assign(request.note, { why, format });
    if (!copies.take(entryOf(request).caller.user.id)) throw new Refusal('too-many');
    return registryValue(await rights.copy(readerOf(request), id, why));
  };
  const copyBody = z.strictObject({ why: RevealReason });

  app.route({
    method: 'POST',
    url: '/api/people/:id/copy',
    config: { access: { roles } },
    schema: { params: idParams, body: copyBody, response: { 200: z.record(z.string(), z.unknown()), '4xx': Problem } },
    handler: async (request, reply) => {
      const copy = await copyOf(request, request.params.id, request.body.why, 'json');
      void reply.header('cache-control', 'no-store');
      return { ...copy };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/people/:id/copy.xlsx',
    config: { access: { roles } },
    schema: { params: idParams, body: copyBody, response: { 200: { content: { [xlsx]: { schema: z.any() } } }, '4xx': Problem } },
    handler: async (request, reply) => {
      const book = await writeXlsx(
        copyTables(await copyOf(request, request.params.id, request.body.why, 'xlsx'), 'Asia/Shanghai'),
      );
      void reply.header('cache-control', 'no-store').header('content-disposition', 'attachment; filename="person.xlsx"');
      return reply.type(xlsx).send(book);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/people/:id/erase',
    config: { access: { roles } },
    schema: { params: idParams, body: z.strictObject({ version }), response: { 200: Erased, '4xx': Problem } },
    handler: async (request) => registryValue(await rights.erase(readerOf(request), request.params.id, request.body.version)),
  });
}
