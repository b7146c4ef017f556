import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import { isUnsafe } from './access.ts';
import { createLimiter } from './limiter.ts';
import type { AuditEntry } from './needs.ts';
import { problemBody } from './problem.ts';
import type { WebOptions } from './server.ts';

const minuteMs = 60_000;

/**
 * Writes down every unsafe request, every refused one, and every look into a home or at a person, before its answer leaves. Refusals of callers nobody knows are
 * written down as far as the address's share goes, so that knocking at the door cannot fill the disk.
 */
export function auditRequests(app: FastifyInstance, options: WebOptions): void {
  const strangers = createLimiter(options.clock, limits.strangersAudited, minuteMs, limits.limiterKeys);
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isWorthKeeping(request, reply)) return payload;
    if (request.entry === null && request.half === null && reply.statusCode >= 400 && !strangers.take(request.ip)) return payload;
    try {
      await options.audit.append(entryOf(request, reply, options.clock.now()));
      return payload;
    } catch (error) {
      // What cannot be written down is not said to be done: the caller tries again, and a key makes that one effect.
      request.log.error({ err: error }, 'the audit could not be written');
      void reply.code(503).removeHeader('content-length').removeHeader('set-cookie').type('application/json; charset=utf-8');
      return JSON.stringify(problemBody('unavailable'));
    }
  });
}

function isWorthKeeping(request: FastifyRequest, reply: FastifyReply): boolean {
  const audited = request.is404 ? undefined : request.routeOptions.config.audited;
  if (audited === false) return false;
  const isRoutine = audited === 'refused' && reply.statusCode < 400;
  if (request.mustAudit || (isUnsafe(request.method) && !isRoutine)) return true;
  if (audited === true) return true;
  const refused = [401, 403, 404, 429].includes(reply.statusCode);
  // The sign-in page asks who it is before anybody is; that is no refusal worth a line.
  const justAsking = request.entry === null && reply.statusCode === 401;
  return refused && !justAsking;
}

function entryOf(request: FastifyRequest, reply: FastifyReply, at: number): AuditEntry {
  const { entry, half, note } = request;
  const user = entry?.caller.user ?? half?.caller.user;
  const route = request.is404 ? null : (request.routeOptions.url ?? null);
  const { code, ...detail } = note;
  return {
    at,
    actor: user?.id ?? null,
    account: user?.account ?? null,
    role: entry?.role ?? null,
    area: entry ? entry.scope.areas.join(',') : null,
    action: `${request.method} ${route ?? '(none)'}`,
    object: objectOf(request),
    result: code === undefined ? String(reply.statusCode) : `${reply.statusCode} ${String(code)}`,
    ip: request.ip,
    detail,
  };
}

/**
 * The path as asked, without its query: addresses hold no secrets, queries are what people type. Our ids and paths are
 * ASCII; anything else in an address is a name somebody typed there.
 */
function objectOf(request: FastifyRequest): string {
  const [path = ''] = request.url.split('?', 1);
  return path.replaceAll(/(?:%[89A-Fa-f][0-9A-Fa-f]|[^\u0021-\u007e])+/g, '…').slice(0, 300);
}
