import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { Refusal } from './problem.ts';

const minuteMs = 60_000;

/** Guesses at passwords and at codes: the account and the address each have their own share, wherever the guess is made. */
export interface Tries {
  /** @throws Refusal `too-many`, with the time to wait. */
  password(account: string, request: FastifyRequest, reply: FastifyReply): void;
  code(user: string, request: FastifyRequest, reply: FastifyReply): void;
}

export function createTries(clock: Clock): Tries {
  const share = (count: number) => createLimiter(clock, count, minuteMs, limits.limiterKeys);
  const passwords = { own: share(limits.loginsPerAccount), address: share(limits.loginsPerAddress) };
  const codes = { own: share(limits.codesPerAccount), address: share(limits.codesPerAddress) };
  return {
    password: (account, request, reply) => take(passwords, account, request, reply),
    code: (user, request, reply) => take(codes, user, request, reply),
  };
}

interface Shares {
  readonly own: Limiter;
  readonly address: Limiter;
}

function take({ own, address }: Shares, key: string, { ip }: FastifyRequest, reply: FastifyReply): void {
  const allowed = [address.take(ip), own.take(key)].every(Boolean);
  if (allowed) return;
  const waitMs = Math.max(address.waitMs(ip), own.waitMs(key));
  void reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
  throw new Refusal('too-many');
}
