import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import {
  Found,
  OrganisationDetail,
  OrganisationKind,
  RoomDetail,
  RoomSummary,
  RoomUse,
} from '@yihu/device-profiles/vocabulary/registry-house.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { mayStandBelow, parentOf } from '../../registry/grids.ts';
import { entryOf, scopeWithin } from '../access.ts';
import { areaValue } from '../area-outcome.ts';
import { idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { peopleKeepers, peopleReaders } from '../roles.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';
import { areaParams } from './areas.ts';

const version = z.number().int().positive();
const RoomPatch = z.strictObject({
  version,
  floor: safeText(16).nullable().optional(),
  squareMetres: z.number().positive().max(100_000).nullable().optional(),
  use: RoomUse.optional(),
});
const NewRoom = z.strictObject({ path: AreaPath, kind: z.enum(['unit', 'room']), name: safeText(60) });

const organisation = {
  name: safeText(80),
  kind: OrganisationKind,
  creditCode: safeText(24).nullable(),
  contact: z.strictObject({ name: safeText(40), phone: safeText(24) }).nullable(),
};
const NewOrganisation = z.strictObject({
  area: AreaPath,
  name: organisation.name,
  kind: organisation.kind,
  creditCode: organisation.creditCode.default(null),
  contact: organisation.contact.default(null),
  key: Key,
});
const OrganisationPatch = z.strictObject({
  version,
  ...z.strictObject(organisation).partial().shape,
  closedAt: z.number().int().nonnegative().nullable().optional(),
});
const RoomConflict = Problem.extend({ current: RoomDetail.optional() }).meta({ id: 'RoomConflict' });
const OrganisationConflict = Problem.extend({ current: OrganisationDetail.optional() }).meta({ id: 'OrganisationConflict' });

/** 房 and 单位, and the one search over all three. */
export function houseRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { houses } = options.registry;

  app.route({
    method: 'POST',
    url: '/api/registry/search',
    config: { access: { roles: peopleReaders } },
    schema: {
      // In the body: what is looked for is a name or a number, and an address is written down everywhere.
      body: z.strictObject({ q: safeText(64), area: AreaPath.optional() }),
      response: { 200: Found, '4xx': Problem },
    },
    handler: async (request) => {
      const { q, area } = request.body;
      const reader = { ...readerOf(request), scope: scopeWithin(request, area) };
      const result = await houses.search(reader, q, area);
      request.note['people'] = result.people.length;
      return result;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/rooms',
    config: { access: { roles: peopleReaders } },
    schema: {
      querystring: z.strictObject({ area: AreaPath, ...paging }),
      response: { 200: pageOf(RoomSummary), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, after, limit = limits.pageSize } = request.query;
      const reader = { ...readerOf(request), scope: scopeWithin(request, area) };
      return pageBody(await houses.listRooms(reader, { area, after, limit }));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/rooms',
    config: { access: { roles: peopleKeepers } },
    schema: { body: NewRoom, response: { 201: RoomDetail.nullable(), '4xx': Problem } },
    handler: async (request, reply) => {
      const { path, kind, name } = request.body;
      request.note['area'] = path;
      const { scope } = entryOf(request);
      const parent = parentOf(path);
      const above = found(parent === null ? null : await options.areas.page(scope, parent));
      if (!['building', 'unit'].includes(above.area.kind) || !mayStandBelow(kind, above.area.kind)) {
        throw new Refusal('bad-request', {
          issues: [{ path: '/path', message: `a ${kind} does not stand below a ${above.area.kind}` }],
        });
      }
      areaValue(await options.areas.create(scope, { path, parent, kind, name }));
      return reply.code(201).send(await houses.room(readerOf(request), path));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/rooms/:path',
    config: { access: { roles: peopleReaders }, audited: true },
    schema: { params: areaParams, response: { 200: RoomDetail, '4xx': Problem } },
    handler: async (request) => found(await houses.room(readerOf(request), request.params.path)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/rooms/:path',
    config: { access: { roles: peopleKeepers } },
    schema: { params: areaParams, body: RoomPatch, response: { 200: RoomDetail, 409: RoomConflict, '4xx': Problem } },
    handler: async (request) => {
      const { version, ...change } = request.body;
      request.note['changed'] = Object.keys(change).join(',');
      return registryValue(await houses.changeRoom(readerOf(request), request.params.path, version, change));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/organisations',
    config: { access: { roles: peopleKeepers } },
    schema: { body: NewOrganisation, response: { 201: OrganisationDetail, '4xx': Problem } },
    handler: async (request, reply) => {
      const { key, ...wanted } = request.body;
      request.note['area'] = wanted.area;
      const made = registryValue(await houses.addOrganisation(readerOf(request), wanted, key));
      request.note['organisation'] = made.id;
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/organisations/:id',
    config: { access: { roles: peopleReaders }, audited: true },
    schema: { params: idParams, response: { 200: OrganisationDetail, '4xx': Problem } },
    handler: async (request) => found(await houses.organisation(readerOf(request), request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/organisations/:id',
    config: { access: { roles: peopleKeepers } },
    schema: {
      params: idParams,
      body: OrganisationPatch,
      response: { 200: OrganisationDetail, 409: OrganisationConflict, '4xx': Problem },
    },
    handler: async (request) => {
      const { version, ...change } = request.body;
      request.note['changed'] = Object.keys(change).join(',');
      return registryValue(await houses.changeOrganisation(readerOf(request), request.params.id, version, change));
    },
  });
}
