import type { FastifyInstance } from 'fastify';
import { limits } from '../limits.ts';
import { createLimiter } from './limiter.ts';
import { Refusal } from './problem.ts';
import type { WebOptions } from './server.ts';

const minuteMs = 60_000;

/**
 * Each person has a share of requests, each address one before anybody is known. The first answers to an alarm
 * (acknowledge, confirm, dispatch) count but are never held back.
 */
export function limitRates(app: FastifyInstance, { clock }: WebOptions): void {
  const perUser = createLimiter(clock, limits.requestsPerUser, minuteMs, limits.limiterKeys);
  const perAddress = createLimiter(clock, limits.requestsPerAddress, minuteMs, limits.limiterKeys);
  app.addHook('preHandler', async (request, reply) => {
    const user = (request.entry ?? request.half)?.caller.user.id;
    const [limiter, key] = user === undefined ? [perAddress, request.ip] : [perUser, user];
    if (limiter.take(key) || request.routeOptions.config.lifeSafety?.(request) === true) return;
    void reply.header('retry-after', String(Math.ceil(limiter.waitMs(key) / 1000)));
    throw new Refusal('too-many');
  });
}
