import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Health } from '../bodies.ts';
import { metricsText } from '../metrics.ts';
import { Refusal } from '../problem.ts';
import type { WebOptions } from '../server.ts';

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** From this machine and not through a proxy on it, or with the token of the token file. */
function checkToken(request: FastifyRequest, token: string | null): void {
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers['forwarded'] ?? request.headers['via'];
  if (token === null && forwarded === undefined && loopback.has(request.socket.remoteAddress ?? '')) return;
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token ?? ''}`);
  if (token === null || given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Refusal('not-found');
}

/** Routes for machines: is it well, and how much of what. */
export function machineRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/health',
    config: { access: 'public' },
    schema: { response: { 200: Health, 503: Health, '4xx': Problem } },
    handler: async (_request, reply) => {
      const reached = await options.records.latestStreamId().then(
        () => true,
        () => false,
      );
      const at = options.clock.now();
      if (reached) return { status: 'ok' as const, database: 'ok' as const, at };
      return reply.code(503).send({ status: 'degraded', database: 'unavailable', at });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: 'token' },
    schema: { response: { 200: { content: { 'text/plain': { schema: z.string() } } }, '4xx': Problem } },
    handler: async (request, reply) => {
      checkToken(request, options.metricsToken);
      const text = metricsText([...(await options.metrics()), ...(options.webMetrics?.() ?? [])]);
      return reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String).send(text);
    },
  });
}
