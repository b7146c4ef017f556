import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { PersonDetail, PersonSummary, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { scopeWithin } from '../access.ts';
import { flag, idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import { MoveIn, MoveOut, NewPerson, PersonConflict, PersonPatch } from '../person-bodies.ts';
import { found } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { peopleKeepers, peopleReaders } from '../roles.ts';
import { AnyId } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const Listing = z.strictObject({
  area: AreaPath.optional(),
  tag: Tag.optional(),
  /** true: those too who have moved away and live nowhere else here. */
  past: flag.optional(),
  ...paging,
});

/** 人: every question is written down, because it is about somebody. */
export function peopleRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { people } = options.registry;

  app.route({
    method: 'GET',
    url: '/api/people',
    config: { access: { roles: peopleReaders }, audited: true },
    schema: { querystring: Listing, response: { 200: pageOf(PersonSummary), '4xx': Problem } },
    handler: async (request) => {
      const { area, tag, past, after, limit = limits.pageSize } = request.query;
      if (area !== undefined) request.note['area'] = area;
      const reader = { ...readerOf(request), scope: scopeWithin(request, area) };
      return pageBody(await people.list(reader, { tag, current: past !== true, after, limit }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/people/:id',
    config: { access: { roles: peopleReaders }, audited: true },
    schema: { params: idParams, response: { 200: PersonDetail, '4xx': Problem } },
    handler: async (request) => found(await people.detail(readerOf(request), request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/api/people',
    config: { access: { roles: peopleKeepers } },
    schema: { body: NewPerson, response: { 201: PersonDetail, '4xx': Problem } },
    handler: async (request, reply) => {
      const { home, tags, provenance, key, ...person } = request.body;
      request.note['area'] = home.area;
      const made = registryValue(await people.create(readerOf(request), { person, tags, home, provenance, key }));
      request.note['person'] = made.id;
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/people/:id',
    config: { access: { roles: peopleKeepers } },
    schema: { params: idParams, body: PersonPatch, response: { 200: PersonDetail, 409: PersonConflict, '4xx': Problem } },
    handler: async (request) => {
      const { version, change, tags, provenance, key } = request.body;
      request.note['changed'] = [...Object.keys(change), ...(tags ? ['tags'] : [])].join(',');
      const edit = { version, change: given(change), tags, provenance, key };
      return registryValue(await people.change(readerOf(request), request.params.id, edit));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/people/:id/occupancies',
    config: { access: { roles: peopleKeepers } },
    schema: { params: idParams, body: MoveIn, response: { 200: PersonDetail, '4xx': Problem } },
    handler: async (request) => {
      request.note['area'] = request.body.home.area;
      return registryValue(await people.moveIn(readerOf(request), request.params.id, request.body));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/people/:id/occupancies/:occupancy/end',
    config: { access: { roles: peopleKeepers } },
    schema: {
      params: z.strictObject({ id: AnyId, occupancy: AnyId }),
      body: MoveOut,
      response: { 200: PersonDetail.nullable(), '4xx': Problem },
    },
    handler: async (request) => {
      const { id, occupancy } = request.params;
      const { untilAt = options.clock.now(), provenance, key } = request.body;
      return registryValue(await people.moveOut(readerOf(request), id, { occupancy, untilAt, provenance, key }));
    },
  });
}
