import { Area, Overview, Problem, Responder, Snapshot } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actsAs, entryOf, scopeWithin } from '../access.ts';
import { maskResponder } from '../mask.ts';
import { found } from '../problem.ts';
import { callers, dutyRoles, everybody, managers, watchers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const areaQuery = z.strictObject({ area: z.string().max(300).optional() });

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
    config: { access: { roles: managers, scope: 'reports:read' } },
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
    method: 'GET',
    url: '/api/me/duty',
    config: { access: { roles: dutyRoles } },
    schema: { response: { 200: z.strictObject({ onDuty: z.boolean() }), '4xx': Problem } },
    handler: (request) => ({ onDuty: entryOf(request).caller.user.onDuty }),
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
    config: { access: { roles: everybody, scope: 'areas:read' } },
    schema: { response: { 200: z.array(Area), '4xx': Problem } },
    handler: async (request) => [...(await records.listAreas(entryOf(request).scope))],
  });
}
