import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { WebOptions } from '../server.ts';

/** The API described by the same schemas that check it. */
export function openApiRoute(instance: FastifyInstance, _options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: 'public' },
    schema: { response: { 200: z.record(z.string(), z.unknown()) } },
    handler: () => ({ ...app.swagger() }) as Record<string, unknown>,
  });
}
