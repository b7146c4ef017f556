import { ApiKey, ApiScope, apiScopes, NewApiKey } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { idParams } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, auditors } from '../roles.ts';
import { safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const dayMs = 24 * 3_600_000;

const KeyBody = z.strictObject({
  name: safeText(60),
  area: z.union([z.literal(''), AreaPath]),
  scopes: z.array(ApiScope).min(1).max(apiScopes.length),
  /** From now on; a key without an end is one that nobody remembers. */
  days: z.number().int().min(1).max(limits.apiKeyDays),
});

/** 接口密钥: made, listed and revoked by administrators, each within their own area. */
export function apiKeyRoutes(instance: FastifyInstance, options: WebOptions): void {
  const { apiKeys, clock } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/keys',
    config: { access: { roles: auditors } },
    schema: { response: { 200: z.array(ApiKey), '4xx': Problem } },
    handler: async (request) => apiKeys.list(entryOf(request).scope.areas),
  });

  app.route({
    method: 'POST',
    url: '/api/keys',
    config: { access: { roles: administrators } },
    schema: {
      body: KeyBody,
      response: { 201: NewApiKey, '4xx': Problem },
      description:
        'A new API key for one area and everything inside, with the scopes listed and no more. `key` is shown this once and sent as `Authorization: Bearer …`; a route admits a key only where its description names the scope.',
    },
    handler: async (request, reply) => {
      const { name, area, scopes, days } = request.body;
      if (!isInScope(entryOf(request).scope.areas, area)) {
        throw new Refusal('bad-request', { issues: [{ path: '/area', message: 'reaches outside of your own area' }] });
      }
      await mustBeThere(request, options, { '/area': area });
      const made = await apiKeys.create({ name, area, scopes, expiresAt: clock.now() + days * dayMs }, actorOf(request));
      Object.assign(request.note, { key: made.id, area, scopes: made.scopes.join(' ') });
      void reply.header('cache-control', 'no-store');
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/keys/:id/revoke',
    config: { access: { roles: administrators } },
    schema: {
      params: idParams,
      response: { 200: ApiKey, '4xx': Problem },
      description: 'From this moment the key opens nothing; its open event streams end within five seconds.',
    },
    handler: async (request) =>
      found(await apiKeys.revoke(entryOf(request).scope.areas, request.params.id, actorOf(request).name)),
  });
}
