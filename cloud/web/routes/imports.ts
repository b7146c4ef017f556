import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { ImportPlan, ImportRow, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { sheetLimits } from '../../registry/sheets/sheet.ts';
import { writeCsv } from '../../registry/sheets/write.ts';
import { entryOf } from '../access.ts';
import { idParams, nothing, pageBody, pageOf } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { registrars } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const tables = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/octet-stream'];
const csvRows = 10_000;

/** 导入: a file of its own kind in the body, then a trial, then the run; each step answers with how the import stands. */
export function importRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { imports } = options.registry;
  const roles = registrars;
  app.addContentTypeParser(tables, { parseAs: 'buffer', bodyLimit: sheetLimits.bytes }, (_request, body, done) =>
    done(null, body),
  );
  /** Reading a table takes the processor for seconds: one at a time. */
  let busy = false;
  const alone = async <T>(run: () => Promise<T>): Promise<T> => {
    if (busy)
      throw new Refusal('busy', {
        sentence: { zh: '另一份表格正在处理，请稍后再试。', en: 'Another table is being worked on; try again in a moment.' },
      });
    busy = true;
    try {
      return await run();
    } finally {
      busy = false;
    }
  };

  app.route({
    method: 'GET',
    url: '/api/imports',
    config: { access: { roles } },
    schema: { response: { 200: z.array(ImportView), '4xx': Problem } },
    handler: async (request) => [...(await imports.list(readerOf(request)))],
  });

  app.route({
    method: 'POST',
    url: '/api/imports',
    config: { access: { roles } },
    bodyLimit: sheetLimits.bytes,
    schema: {
      consumes: tables,
      querystring: z.strictObject({ area: AreaPath }),
      response: { 201: ImportView, '4xx': Problem, '5xx': Problem },
    },
    handler: async (request, reply) => {
      const { area } = request.query;
      request.note['area'] = area;
      const { area: there } = found(await options.areas.page(entryOf(request).scope, area));
      if (!['community', 'grid', 'building'].includes(there.kind)) {
        throw new Refusal('bad-request', { issues: [{ path: '/area', message: 'must be a community, a grid or a building' }] });
      }
      const file: unknown = request.body;
      if (!Buffer.isBuffer(file)) throw new Refusal('media-type');
      const made = registryValue(await alone(() => imports.stage(readerOf(request), area, file)));
      request.note['import'] = made.id;
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/imports/:id',
    config: { access: { roles } },
    schema: { params: idParams, response: { 200: ImportView, '4xx': Problem } },
    handler: async (request) => found(await imports.view(readerOf(request), request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/imports/:id/rows',
    config: { access: { roles } },
    schema: {
      params: idParams,
      querystring: z.strictObject({
        outcome: z.enum(['create', 'update', 'same', 'error']).optional(),
        after: z.coerce.number().int().nonnegative().default(0),
        limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.pageSize),
      }),
      response: { 200: pageOf(ImportRow), '4xx': Problem },
    },
    handler: async (request) => pageBody(found(await imports.rows(readerOf(request), request.params.id, request.query))),
  });

  app.route({
    method: 'GET',
    url: '/api/imports/:id/errors.csv',
    config: { access: { roles } },
    schema: { params: idParams, response: { 200: { content: { 'text/csv': { schema: z.string() } } }, '4xx': Problem } },
    handler: async (request, reply) => {
      const query = { outcome: 'error' as const, after: 0, limit: csvRows };
      const { items } = found(await imports.rows(readerOf(request), request.params.id, query));
      const rows = items.flatMap(({ number, issues }) => issues.map(({ column, message }) => [number, column, message.zh]));
      const text = writeCsv({ name: 'errors', columns: ['行号', '列', '问题'], rows });
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="errors.csv"')
        .serializer(String)
        .send(text);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/imports/:id/check',
    config: { access: { roles } },
    schema: { params: idParams, body: ImportPlan, response: { 200: ImportView, '4xx': Problem, '5xx': Problem } },
    handler: async (request) =>
      registryValue(await alone(() => imports.check(readerOf(request), request.params.id, request.body))),
  });

  app.route({
    method: 'POST',
    url: '/api/imports/:id/run',
    config: { access: { roles } },
    schema: {
      params: idParams,
      body: z.strictObject({ skipErrors: z.boolean().default(false) }),
      response: { 200: ImportView, '4xx': Problem, '5xx': Problem },
    },
    handler: async (request) => {
      const view = registryValue(await alone(() => imports.run(readerOf(request), request.params.id, request.body.skipErrors)));
      Object.assign(request.note, { created: view.counts?.create ?? 0, updated: view.counts?.update ?? 0 });
      return view;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/imports/:id/undo',
    config: { access: { roles } },
    schema: { params: idParams, response: { 200: ImportView, '4xx': Problem, '5xx': Problem } },
    handler: async (request) => registryValue(await alone(() => imports.undo(readerOf(request), request.params.id))),
  });

  app.route({
    method: 'DELETE',
    url: '/api/imports/:id',
    config: { access: { roles } },
    schema: { params: idParams, response: { 204: nothing, '4xx': Problem } },
    handler: async (request, reply) => {
      registryValue(await imports.drop(readerOf(request), request.params.id));
      return reply.code(204).send(null);
    },
  });
}
