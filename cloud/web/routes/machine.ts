import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { Health, paging, SweepLine } from '../bodies.ts';
import { metricsText } from '../metrics.ts';
import { Refusal } from '../problem.ts';
import { auditors } from '../roles.ts';
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
  const beganMono = options.clock.mono();

  app.route({
    method: 'GET',
    url: '/health',
    config: { access: 'public' },
    schema: { response: { 200: Health, 503: Health, '4xx': Problem } },
    handler: async (_request, reply) => {
      const at = options.clock.now();
      const beat = await options.records.sweepBeat().catch(() => 'away' as const);
      if (beat === 'away')
        return reply
          .code(503)
          .send({ status: 'degraded' as const, database: 'unavailable' as const, sweep: 'unknown' as const, at });
      // A cloud that has just started has not swept yet.
      const running = options.clock.mono() - beganMono;
      const late = running > limits.sweepLateMs && (beat === null || at - beat > limits.sweepLateMs);
      if (late) return reply.code(503).send({ status: 'degraded' as const, database: 'ok' as const, sweep: 'late' as const, at });
      return { status: 'ok' as const, database: 'ok' as const, sweep: 'ok' as const, at };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/sweeps',
    config: { access: { roles: auditors } },
    schema: {
      querystring: z.strictObject({ limit: paging.limit }),
      response: { 200: z.strictObject({ beatAt: z.number().int().nullable(), runs: z.array(SweepLine) }), '4xx': Problem },
    },
    handler: async (request) => {
      const runs = await options.records.sweepRuns(request.query.limit ?? limits.pageSize);
      return { beatAt: await options.records.sweepBeat(), runs: [...runs] };
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
