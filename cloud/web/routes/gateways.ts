import { ClaimAnswer, ClaimRequest } from '@yihu/device-profiles/vocabulary/claim.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Id, type Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { GatewayView, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf } from '../access.ts';
import { ClaimOffer } from '../bodies.ts';
import { given } from '../given.ts';
import { createLimiter } from '../limiter.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, deviceWatchers, equippers } from '../roles.ts';
import { safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const Name = z.strictObject({ zh: safeText(60), en: safeText(60).optional() });
const NewGateway = z.strictObject({ id: Id, name: Name, area: AreaPath });
const gatewayParams = z.strictObject({ id: Id });
const minuteMs = 60_000;

async function gatewayOf(request: FastifyRequest, options: WebOptions, id: string): Promise<GatewayView> {
  const list = await options.records.listGateways(entryOf(request).scope);
  return found(list.find((gateway) => gateway.id === id));
}

export function gatewayRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records, gateways } = options;
  const tries = createLimiter(options.clock, limits.claimsPerAddress, minuteMs, limits.limiterKeys);

  app.route({
    method: 'GET',
    url: '/api/gateways',
    config: { access: { roles: deviceWatchers, scope: 'devices:read' } },
    schema: { response: { 200: z.array(GatewayView), '4xx': Problem } },
    handler: async (request) => [...(await records.listGateways(entryOf(request).scope))],
  });

  app.route({
    method: 'POST',
    url: '/api/gateways',
    config: { access: { roles: equippers } },
    schema: { body: NewGateway, response: { 201: ClaimOffer, '4xx': Problem } },
    handler: async (request, reply) => {
      const { id, name, area } = request.body;
      request.note['gateway'] = id;
      const { scope } = entryOf(request);
      if (!isInScope(scope.areas, area)) throw new Refusal('not-found');
      // Of an area that is not there nobody has the watch: what its gateway raises would reach no desk.
      if (!(await records.listAreas(scope)).some(({ path }) => path === area)) throw new Refusal('not-found');
      if (await gateways.exists(id)) throw new Refusal('already-there');
      await records.putGateway({ id, name: given({ ...name }) as Text, area });
      const offer = await gateways.offer(id, actorOf(request).id);
      return reply.code(201).send({ gateway: await gatewayOf(request, options, id), ...offer });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/gateways/:id/code',
    config: { access: { roles: equippers } },
    schema: { params: gatewayParams, response: { 201: ClaimOffer, '4xx': Problem } },
    handler: async (request, reply) => {
      const gateway = await gatewayOf(request, options, request.params.id);
      const offer = await gateways.offer(gateway.id, actorOf(request).id);
      return reply.code(201).send({ gateway, ...offer });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/gateways/:id/revoke',
    config: { access: { roles: administrators } },
    schema: { params: gatewayParams, response: { 200: GatewayView, '4xx': Problem } },
    handler: async (request) => {
      const { id } = await gatewayOf(request, options, request.params.id);
      await gateways.revoke(id);
      return gatewayOf(request, options, id);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/claim',
    config: { access: 'public' },
    schema: { body: ClaimRequest, response: { 200: ClaimAnswer, '4xx': Problem } },
    handler: async (request) => {
      if (!tries.take(request.ip)) throw new Refusal('too-many');
      const claimed = await gateways.claim(request.body.code, request.body.csr);
      if (!claimed.ok) throw new Refusal(claimed.code);
      const { gateway, certificate, ca, digits } = claimed.value;
      // The six digits people compare with those on the gateway: a key swapped on the way gives others.
      Object.assign(request.note, { gateway, digits });
      return { gateway, certificate, ca, uplink: gateways.uplinkUrl(request.hostname), siteKey: gateways.siteKey };
    },
  });
}
