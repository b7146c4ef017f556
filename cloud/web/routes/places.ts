import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { AreaKind } from '@yihu/device-profiles/vocabulary/place.ts';
import { Area, Overview, Problem, Responder, Snapshot } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isInScope } from '../../registry/rights.ts';
import { actsAs, entryOf, scopeWithin } from '../access.ts';
import { maskResponder } from '../mask.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, callers, dutyRoles, everybody, managers, watchers } from '../roles.ts';
import { safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const areaQuery = z.strictObject({ area: z.string().max(300).optional() });
const NewArea = z.strictObject({ path: AreaPath, kind: AreaKind, name: safeText(60) });

/** A responder's number is for who has to call it there; everybody else sees its first three and last four digits. */
function masked(request: FastifyRequest, list: readonly Responder[]): Responder[] {
  return list.map((responder) => (actsAs(request, callers, responder.area) ? responder : maskResponder(responder)));
}

export function placeRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records } = options;

  app.route({
    method: 'GET',
    url: '/api/snapshot',
    config: { access: { roles: watchers } },
    schema: { querystring: areaQuery, response: { 200: Snapshot, '4xx': Problem } },
    handler: async (request) => {
      const snapshot = await records.snapshot(scopeWithin(request, request.query.area));
      return { ...snapshot, responders: masked(request, snapshot.responders) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/overview',
    config: { access: { roles: managers } },
    schema: { querystring: areaQuery, response: { 200: Overview, '4xx': Problem } },
    handler: (request) => records.overview(scopeWithin(request, request.query.area)),
  });

  app.route({
    method: 'GET',
    url: '/api/responders',
    config: { access: { roles: watchers } },
    schema: { response: { 200: z.array(Responder), '4xx': Problem } },
    handler: async (request) => masked(request, await records.responders(entryOf(request).scope)),
  });

  app.route({
    method: 'PUT',
    url: '/api/me/duty',
    config: { access: { roles: dutyRoles } },
    schema: {
      body: z.strictObject({ onDuty: z.boolean() }),
      response: { 200: z.strictObject({ onDuty: z.boolean() }), '4xx': Problem },
    },
    handler: async (request) => {
      request.note['onDuty'] = request.body.onDuty;
      const { onDuty } = found(await options.accounts.setDuty(entryOf(request).caller.user.id, request.body.onDuty));
      return { onDuty };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/areas',
    config: { access: { roles: everybody } },
    schema: { response: { 200: z.array(Area), '4xx': Problem } },
    handler: async (request) => [...(await records.listAreas(entryOf(request).scope))],
  });

  app.route({
    method: 'POST',
    url: '/api/areas',
    config: { access: { roles: administrators } },
    schema: { body: NewArea, response: { 201: Area, '4xx': Problem } },
    handler: async (request, reply) => {
      const { path, kind, name } = request.body;
      request.note['area'] = path;
      const { scope } = entryOf(request);
      if (!isInScope(scope.areas, path)) throw new Refusal('not-found');
      const there = await records.listAreas(scope);
      if (there.some((area) => area.path === path)) throw new Refusal('already-there');
      const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null;
      if (parent !== null && !there.some((area) => area.path === parent)) {
        throw new Refusal('bad-request', { issues: [{ path: '/path', message: `its parent ${parent} does not exist` }] });
      }
      const area: Area = { path, parent, kind, name };
      await records.putArea(area);
      return reply.code(201).send(area);
    },
  });
}
