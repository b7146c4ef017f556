import { Problem, SecondStep, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cookieName, csrfOf, entryOf, halfOf } from '../access.ts';
import { nothing } from '../bodies.ts';
import type { Caller } from '../needs.ts';
import { Refusal } from '../problem.ts';
import { anyone } from '../roles.ts';
import type { WebOptions } from '../server.ts';
import { checkCode, Code } from '../code-check.ts';

const Credentials = z.strictObject({ account: z.string().min(1).max(64), password: z.string().min(1).max(256) });

function view({ user, expiresAt }: Caller, token: string): Session {
  return {
    user: { id: user.id, account: user.account, name: user.name },
    grants: user.grants.map(({ area, areaName, role }) => ({ area, areaName, role })),
    csrf: csrfOf(token),
    expiresAt,
  };
}

/** The session's cookie, until the session ends by itself. */
function giveCookie(options: WebOptions, reply: FastifyReply, token: string, expiresAt: number): void {
  const maxAge = Math.floor((expiresAt - options.clock.now()) / 1000);
  void reply.setCookie(cookieName(options.secure), token, { ...cookieOf(options), maxAge });
}

function cookieOf({ secure }: WebOptions) {
  return { path: '/', httpOnly: true, secure, sameSite: 'strict' } as const;
}

/** The second step was right: the half-signed session is over, and a new one with a new token begins. */
export async function enterFully(options: WebOptions, request: FastifyRequest, reply: FastifyReply): Promise<Session> {
  const made = await options.accounts.finish(halfOf(request).token, request.ip);
  if (made === null) throw new Refusal('no-session');
  giveCookie(options, reply, made.token, made.caller.expiresAt);
  return view(made.caller, made.token);
}

/** Signing in and out. The account and the address each have their own limit; both count before any hash is made. */
export function sessionRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'POST',
    url: '/api/session',
    config: { access: 'public' },
    schema: {
      body: Credentials,
      response: { 200: Session, 202: SecondStep, '4xx': Problem, '5xx': Problem },
      description:
        'Signs in. 202: the password was right and a second factor is owed; the cookie then opens nothing but `POST /api/session/code` (step `code`) or `POST /api/session/factor` (step `enrol`).',
    },
    handler: async (request, reply) => {
      const { account, password } = request.body;
      const key = account.trim().normalize('NFC').toLowerCase();
      request.note['account'] = key;
      options.tries.password(key, request, reply);
      const result = await options.accounts.signIn(account, password, request.ip);
      if (!result.ok) throw new Refusal('wrong-credentials');
      const { stage, token, caller } = result;
      giveCookie(options, reply, token, caller.expiresAt);
      if (stage === 'full') return view(caller, token);
      request.note['owes'] = stage;
      return reply.code(202).send({ step: stage, csrf: csrfOf(token), expiresAt: caller.expiresAt });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/session/code',
    config: { access: 'half' },
    schema: {
      body: z.strictObject({ code: Code }),
      response: { 200: Session, '4xx': Problem, '5xx': Problem },
      description:
        'The second step of signing in: six digits of the authenticator app, each good once, or a recovery code. Wrong ones in a row lock the six digits for a time that doubles (429 `locked`).',
    },
    handler: async (request, reply) => {
      const { caller } = halfOf(request);
      if (caller.stage !== 'code') throw new Refusal('not-found');
      await checkCode(options, caller.user.id, request.body.code, request, reply);
      return enterFully(options, request, reply);
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
      void reply.clearCookie(cookieName(options.secure), cookieOf(options));
      return reply.code(204).send(null);
    },
  });
}
