import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actsAs, entryOf, scopeWithin } from '../access.ts';
import type { Mask } from '../mask.ts';
import { Refusal } from '../problem.ts';
import { callers, streamHearers, watchers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const StreamId = z.string().regex(/^\d{1,18}$/, 'must be the id of a stream event');

/** What the browser heard last goes before what the page asked for: after a reconnect it is the newer. */
function startOf(request: FastifyRequest, asked: string | undefined): string | undefined {
  const heard = StreamId.safeParse(request.headers['last-event-id']);
  return heard.success ? heard.data : asked;
}

/** A wall's account hears the wall's part of it, whatever it asks for; numbers are for those who have to call them. */
function maskOf(request: FastifyRequest, areas: readonly string[]): Mask {
  // Another system has no roles; it hears what its scope says, and calls nobody.
  if (entryOf(request).role === 'api-key') return 'phones';
  if (!areas.every((area) => actsAs(request, watchers, area))) return 'wall';
  return areas.every((area) => actsAs(request, callers, area)) ? 'none' : 'phones';
}

export function streamRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/stream',
    config: { access: { roles: streamHearers, scope: 'stream:read' } },
    schema: {
      querystring: z.strictObject({
        area: z.string().max(300).optional(),
        after: StreamId.optional(),
        view: z.literal('wall').optional(),
      }),
      response: { '4xx': Problem },
      description: 'text/event-stream of StreamEvent; durable ids, replayed after Last-Event-ID or `after`',
    },
    handler: async (request, reply) => {
      const { token } = entryOf(request);
      const scope = scopeWithin(request, request.query.area);
      const full = options.streams.count() >= limits.streamClients;
      if (full || options.streams.countOf(token) >= limits.streamsPerSession) throw new Refusal('too-many');
      const mask = request.query.view ?? maskOf(request, scope.areas);
      const after = startOf(request, request.query.after) ?? (await options.records.latestStreamId());
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      options.streams.open(reply.raw, { token, scope, mask }, after);
    },
  });
}
