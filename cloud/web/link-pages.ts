import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { createLimiter } from './limiter.ts';
import { Refusal } from './problem.ts';

const minuteMs = 60_000;
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

/**
 * Routes whose link is its own key. A telephone company's address is shared by thousands, so a link of ours has a share of its
 * own instead of its address's; what is done by it is kept with its own history, and its address holds the secret.
 */
export function linkDoor(clock: Clock, isToken: (token: string) => boolean) {
  const perLink = createLimiter(clock, limits.answersPerLink, minuteMs, limits.limiterKeys);
  const isOurs = (request: FastifyRequest): boolean => isToken((request.params as { token: string }).token);
  return {
    isOurs,
    config: { access: 'public' as const, audited: false, lifeSafety: isOurs },
    /** Counts one look or answer. @throws Refusal `too-many` where the link has had its share of this minute */
    holdBack: (reply: FastifyReply, token: string): void => {
      if (perLink.take(token)) return;
      void reply.header('retry-after', String(Math.ceil(perLink.waitMs(token) / 1000)));
      throw new Refusal('too-many');
    },
  };
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
