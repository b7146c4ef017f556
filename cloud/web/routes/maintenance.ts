import { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';
import { FalseAlarms, MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf, scopeWithin } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { flag, idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import { valueOf } from '../outcome.ts';
import { Refusal } from '../problem.ts';
import { managers, planners, watchers } from '../roles.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const time = z.number().int().nonnegative();

const PlanBody = z.strictObject({
  name: safeText(80),
  reason: safeText(300),
  areas: z.array(AreaPath).min(1).max(50),
  /** `gateway/device` */
  devices: z.array(z.string().max(130)).max(500).optional(),
  hazards: z.array(Hazard).max(8).optional(),
  startsAt: time,
  endsAt: time,
  key: Key,
});

export function maintenanceRoutes(instance: FastifyInstance, options: WebOptions): void {
  const { records } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/maintenance-windows',
    config: { access: { roles: watchers, scope: 'alarms:read' } },
    schema: {
      querystring: z.strictObject({ open: flag.optional(), ...paging }),
      response: { 200: pageOf(MaintenanceWindow), '4xx': Problem },
    },
    handler: async (request) => pageBody(await records.listWindows(entryOf(request).scope, given(request.query))),
  });

  app.route({
    method: 'POST',
    url: '/api/maintenance-windows',
    config: { access: { roles: planners, scope: 'windows:write' } },
    schema: { body: PlanBody, response: { 201: MaintenanceWindow, '4xx': Problem } },
    handler: async (request, reply) => {
      const { areas } = request.body;
      if (!areas.every((area) => isInScope(entryOf(request).scope.areas, area))) throw new Refusal('not-found');
      await mustBeThere(request, options, Object.fromEntries(areas.map((area, nth) => [`/areas/${nth}`, area])));
      request.note['areas'] = areas.join(' ').slice(0, 300);
      const window = valueOf(await records.planWindow(actorOf(request), request.body));
      return reply.code(201).send(window);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/maintenance-windows/:id/end',
    config: { access: { roles: planners, scope: 'windows:write' } },
    schema: { params: idParams, body: z.strictObject({ key: Key }), response: { 200: MaintenanceWindow, '4xx': Problem } },
    handler: async (request) => valueOf(await records.endWindow(entryOf(request).scope, actorOf(request), request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/floods',
    config: { access: { roles: watchers, scope: 'alarms:read' } },
    schema: {
      querystring: z.strictObject({ area: z.string().max(300).optional(), since: z.coerce.number().int() }),
      response: { 200: z.array(Flood), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, since } = request.query;
      return [...(await records.floods(scopeWithin(request, area), since))];
    },
  });

  app.route({
    method: 'GET',
    url: '/api/false-alarms',
    config: { access: { roles: managers, scope: 'reports:read' } },
    schema: {
      querystring: z.strictObject({
        area: z.string().max(300).optional(),
        from: z.coerce.number().int(),
        to: z.coerce.number().int(),
        limit: paging.limit,
      }),
      response: { 200: z.array(FalseAlarms), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, from, to, limit } = request.query;
      return [...(await records.falseAlarms(scopeWithin(request, area), { from, to, ...given({ limit }) }))];
    },
  });
}
