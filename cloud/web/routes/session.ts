import { Problem, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { cookieName, csrfOf, entryOf } from '../access.ts';
import type { Caller } from '../needs.ts';
import { nothing } from '../bodies.ts';
import { createLimiter } from '../limiter.ts';
import { Refusal } from '../problem.ts';
import { anyone } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const Credentials = z.strictObject({ account: z.string().min(1).max(64), password: z.string().min(1).max(256) });
const minuteMs = 60_000;

function view({ user, expiresAt }: Caller, token: string): Session {
  return {
    user: { id: user.id, account: user.account, name: user.name },
    grants: user.grants.map(({ area, areaName, role }) => ({ area, areaName, role })),
    csrf: csrfOf(token),
    expiresAt,
  };
}

/** Signing in and out. The account and the address each have their own limit; both count before any hash is made. */
export function sessionRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const perAccount = createLimiter(options.clock, limits.loginsPerAccount, minuteMs, limits.limiterKeys);
  const perAddress = createLimiter(options.clock, limits.loginsPerAddress, minuteMs, limits.limiterKeys);
  const cookie = { path: '/', httpOnly: true, secure: options.secure, sameSite: 'strict' } as const;
  const name = cookieName(options.secure);

  app.route({
    method: 'POST',
    url: '/api/session',
    config: { access: 'public' },
    schema: { body: Credentials, response: { 200: Session, '4xx': Problem, '5xx': Problem } },
    handler: async (request, reply) => {
      const { account, password } = request.body;
      const key = account.trim().normalize('NFC').toLowerCase();
      request.note['account'] = key;
      const allowed = [perAddress.take(request.ip), perAccount.take(key)].every(Boolean);
      if (!allowed) {
        const waitMs = Math.max(perAddress.waitMs(request.ip), perAccount.waitMs(key));
        void reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
        throw new Refusal('too-many');
      }
      const result = await options.accounts.signIn(account, password, request.ip);
      if (!result.ok) throw new Refusal('wrong-credentials');
      const { expiresAt } = result.caller;
      void reply.setCookie(name, result.token, { ...cookie, maxAge: Math.floor((expiresAt - options.clock.now()) / 1000) });
      return view(result.caller, result.token);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/session',
    config: { access: { roles: anyone } },
    schema: { response: { 200: Session, '4xx': Problem } },
    handler: (request) => {
      const { caller, token } = entryOf(request);
      return view(caller, token);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/session',
    config: { access: { roles: anyone } },
    schema: { response: { 204: nothing, '4xx': Problem } },
    handler: async (request, reply) => {
      const { token } = entryOf(request);
      await options.accounts.signOut(token);
      options.streams.endSession(token);
      void reply.clearCookie(name, cookie);
      return reply.code(204).send(null);
    },
  });
}
