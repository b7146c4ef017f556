import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Quality } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import { PersonDetail, PersonField } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { AskedTwice, Form, PrefilledForm } from '@yihu/device-profiles/vocabulary/registry-share.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { writeCsv, writeXlsx } from '../../registry/sheets/write.ts';
import { entryOf, scopeWithin } from '../access.ts';
import { given } from '../given.ts';
import { createLimiter } from '../limiter.ts';
import { peopleTable } from '../people-table.ts';
import { PersonConflict, PersonPatch } from '../person-bodies.ts';
import { Refusal } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { administrators, managers, peopleKeepers, peopleReaders, registrars } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const NewForm = z.strictObject({
  area: AreaPath,
  name: safeText(60),
  owner: safeText(60),
  fields: z.array(PersonField).min(1).max(9),
  key: Key,
});
const formPerson = z.strictObject({ id: AnyId, person: AnyId });
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Collect once: forms that come filled in, what was asked twice, how good the data is, and the masked list to take along. */
export function formRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { forms } = options.registry;
  const exports = createLimiter(options.clock, limits.copiesPerHour, hourMs, limits.limiterKeys);

  app.route({
    method: 'GET',
    url: '/api/forms',
    config: { access: { roles: peopleReaders } },
    schema: { response: { 200: z.array(Form), '4xx': Problem } },
    handler: async (request) => [...(await forms.list(readerOf(request)))],
  });

  app.route({
    method: 'POST',
    url: '/api/forms',
    config: { access: { roles: administrators } },
    schema: { body: NewForm, response: { 201: Form, '4xx': Problem } },
    handler: async (request, reply) => {
      const { key, ...wanted } = request.body;
      return reply.code(201).send(registryValue(await forms.add(readerOf(request), wanted, key)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/forms/:id/people/:person',
    config: { access: { roles: peopleKeepers }, audited: true },
    schema: { params: formPerson, response: { 200: PrefilledForm, '4xx': Problem } },
    handler: async (request) => registryValue(await forms.prefill(readerOf(request), request.params.id, request.params.person)),
  });

  app.route({
    method: 'POST',
    url: '/api/forms/:id/people/:person',
    config: { access: { roles: peopleKeepers } },
    schema: { params: formPerson, body: PersonPatch, response: { 200: PersonDetail, 409: PersonConflict, '4xx': Problem } },
    handler: async (request) => {
      const { version, change, tags, provenance, key } = request.body;
      const { id, person } = request.params;
      request.note['changed'] = Object.keys(change).join(',');
      return registryValue(
        await forms.answer(readerOf(request), id, person, { version, change: given(change), tags, provenance, key }),
      );
    },
  });

  app.route({
    method: 'GET',
    url: '/api/asked-twice',
    config: { access: { roles: registrars } },
    schema: {
      querystring: z.strictObject({ area: AreaPath.optional(), since: z.coerce.number().int().nonnegative().optional() }),
      response: { 200: z.array(AskedTwice), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, since = options.clock.now() - yearMs } = request.query;
      return [...(await forms.askedTwice({ ...readerOf(request), scope: scopeWithin(request, area) }, since))];
    },
  });

  app.route({
    method: 'GET',
    url: '/api/quality',
    config: { access: { roles: managers } },
    schema: { querystring: z.strictObject({ area: AreaPath }), response: { 200: z.array(Quality), '4xx': Problem } },
    handler: async (request) => [
      ...(await forms.quality({ ...readerOf(request), scope: scopeWithin(request, request.query.area) }, request.query.area)),
    ],
  });

  for (const format of ['csv', 'xlsx'] as const) {
    const type = format === 'csv' ? 'text/csv' : xlsx;
    app.route({
      method: 'POST',
      url: `/api/people/list.${format}`,
      config: { access: { roles: registrars } },
      schema: {
        body: z.strictObject({ area: AreaPath }),
        response: { 200: { content: { [type]: { schema: z.any() } } }, '4xx': Problem },
      },
      handler: async (request, reply) => {
        const { area } = request.body;
        const reader = { ...readerOf(request), scope: scopeWithin(request, area) };
        if (!exports.take(entryOf(request).caller.user.id)) throw new Refusal('too-many');
        const table = await peopleTable(options.registry.people, reader, area);
        Object.assign(request.note, { area, people: table.rows.length });
        void reply.header('cache-control', 'no-store').header('content-disposition', `attachment; filename="people.${format}"`);
        const body = format === 'csv' ? Buffer.from(writeCsv(table)) : await writeXlsx([table]);
        return reply.type(type === 'text/csv' ? 'text/csv; charset=utf-8' : type).send(body);
      },
    });
  }
}
