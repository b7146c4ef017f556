import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Refusal } from '../problem.ts';
import { AnyId } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const receiptBytes = 64 * 1024;

/**
 * What providers say later: receipts and people's replies. Public, because a provider has no session; the channel itself
 * checks the token it was given, and what it refuses looks like a page that is not there.
 */
export function receiptRoutes(instance: FastifyInstance, options: WebOptions): void {
  // Providers send JSON, forms and worse; each channel reads its own.
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', { parseAs: 'string', bodyLimit: receiptBytes }, (_request, body, done) => done(null, body));
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: ['GET', 'POST'],
    url: '/api/receipts/:channel',
    config: { access: 'public' },
    schema: {
      params: z.strictObject({ channel: AnyId }),
      querystring: z.record(z.string(), z.string()),
      response: { 200: { content: { 'text/plain': { schema: z.string() } } }, '4xx': Problem },
    },
    handler: async (request, reply) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat()[0]]));
      const body = typeof request.body === 'string' ? request.body : '';
      const answer = await options.telling.receive(request.params.channel, { headers, query: request.query, body });
      if (answer === null) throw new Refusal('not-found');
      return reply.code(answer.status).type(answer.type).serializer(String).send(answer.body);
    },
  });
}
