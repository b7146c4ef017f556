import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { IncidentPeople, PersonAtRisk, Revealed } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { scopeWithin } from '../access.ts';
import { idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { RevealBody } from '../person-bodies.ts';
import { found } from '../problem.ts';
import { readerOf, registryValue } from '../registry-outcome.ts';
import { carers, incidentHelpers, revealers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

/** What lies behind the masks, each for a purpose that is checked where the data is. */
export function revealRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { reveals } = options.registry;

  app.route({
    method: 'POST',
    url: '/api/people/:id/reveal',
    config: { access: { roles: revealers } },
    schema: { params: idParams, body: RevealBody, response: { 200: Revealed, '4xx': Problem } },
    handler: async (request) => {
      const { fields, why, incident } = request.body;
      Object.assign(request.note, { fields: fields.join(','), why, incident });
      const shown = registryValue(
        await reveals.reveal(readerOf(request), request.params.id, { ...request.body, fields: [...new Set(fields)] }),
      );
      request.note['reveal'] = shown.reveal;
      return shown;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/people-at-risk',
    config: { access: { roles: carers }, audited: true },
    schema: {
      querystring: z.strictObject({ area: AreaPath, after: paging.after }),
      response: { 200: pageOf(PersonAtRisk), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, after } = request.query;
      request.note['area'] = area;
      const reader = { ...readerOf(request), scope: scopeWithin(request, area) };
      return pageBody(await reveals.atRisk(reader, area, after));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/people',
    config: { access: { roles: incidentHelpers }, audited: true },
    schema: { params: idParams, response: { 200: IncidentPeople, '4xx': Problem } },
    handler: async (request) => {
      const people = found(await reveals.incidentPeople(readerOf(request), request.params.id));
      request.note['shown'] = people.household.length + people.atRisk.length;
      return people;
    },
  });
}
