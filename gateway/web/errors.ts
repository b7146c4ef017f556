import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebNeeds } from './needs.ts';
import { problemBody, type ProblemCode, Refusal, statusOf } from './problem.ts';

/** Codes of fastify's → the problem a person sees. Whatever is not listed is ours to repair: 500, logged. */
const known: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'bad-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_BAD_URL: 'not-found',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

export function answerErrors(app: FastifyInstance, { tell }: Pick<WebNeeds, 'tell'>): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply) => {
    if (error instanceof Refusal) return send(reply, error);
    const code = known[error.code] ?? (error.statusCode === 400 ? 'bad-json' : 'internal');
    if (code === 'internal') tell('error', { err: error, url: request.url }, 'a request of the local page failed');
    return send(reply, new Refusal(code));
  });
  app.setNotFoundHandler((_request, reply) => send(reply, new Refusal('not-found')));
}

function send(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.retryAfter !== undefined) void reply.header('retry-after', String(refusal.retryAfter));
  return reply.code(statusOf(refusal.code)).type('application/json; charset=utf-8').send(problemBody(refusal));
}
