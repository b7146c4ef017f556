import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

const formBytes = 8 * 1024;

/** The answer of a page that a link opens, for a route's schema. */
export const html = { content: { 'text/html': { schema: z.string() } } };

/** Lets the routes of this instance read plain forms. */
export function addForms(instance: FastifyInstance): void {
  instance.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytes },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
}

/** Whatever came of a form stands on the page it leads to; going back and forth does nothing twice. */
export function goTo(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).header('location', location).serializer(String).type('text/html; charset=utf-8').send('');
}

/** A page whose address is its key: nobody keeps it. */
export function show(reply: FastifyReply, page: string): FastifyReply {
  return (
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      // A form without a referrer has no origin either, and would be refused as another site's.
      .header('referrer-policy', 'same-origin')
      .serializer(String)
      .send(page)
  );
}
