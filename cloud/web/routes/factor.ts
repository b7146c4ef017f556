import { FactorOffer, Problem, RecoveryCodes, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isInScope } from '../../registry/rights.ts';
import { entryOf, halfOf } from '../access.ts';
import { idParams, nothing } from '../bodies.ts';
import { checkCode, Code } from '../code-check.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, everybody } from '../roles.ts';
import type { WebOptions } from '../server.ts';
import { enterFully } from './session.ts';

const FactorStatus = z
  .strictObject({ enrolledAt: z.number().int().nullable(), recoveryLeft: z.number().int() })
  .meta({ id: 'FactorStatus' });

const Begin = z.strictObject({ password: z.string().min(1).max(256), code: Code.optional() });
const Confirm = z.strictObject({ code: Code });

/** 第二因素: enrolling one's own, at the sign-in that demands it or later, and taking away another's that is lost. */
export function factorRoutes(instance: FastifyInstance, options: WebOptions): void {
  ownFactor(instance, options);
  factorAtSignIn(instance, options);
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'DELETE',
    url: '/api/users/:id/factor',
    config: { access: { roles: administrators } },
    schema: {
      params: idParams,
      response: { 204: nothing, '4xx': Problem },
      description:
        'Takes away the second factor of somebody who lost it, and ends their sessions. Nobody takes away their own: another administrator does, or `yihu-cloud user reset-factor` on the server.',
    },
    handler: async (request, reply) => {
      const { caller, scope } = entryOf(request);
      const user = found(await options.accounts.user(request.params.id));
      if (!user.grants.every(({ area }) => isInScope(scope.areas, area))) throw new Refusal('not-found');
      request.note['account'] = user.account;
      if (user.id === caller.user.id) throw new Refusal('not-yours');
      if (!(await options.factors.reset(user.id))) throw new Refusal('wrong-state');
      return reply.code(204).send(null);
    },
  });
}

async function confirmed(
  options: WebOptions,
  user: string,
  token: string | null,
  request: FastifyRequest<{ Body: z.infer<typeof Confirm> }>,
  reply: FastifyReply,
): Promise<RecoveryCodes> {
  options.tries.code(user, request, reply);
  const result = await options.factors.confirm(user, request.body.code, token);
  if (!result.ok) throw new Refusal(result.code);
  void reply.header('cache-control', 'no-store');
  return { recovery: result.recovery };
}

function ownFactor(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/me/factor',
    config: { access: { roles: everybody } },
    schema: { response: { 200: FactorStatus, '4xx': Problem } },
    handler: (request) => options.factors.status(entryOf(request).caller.user.id),
  });

  app.route({
    method: 'POST',
    url: '/api/me/factor',
    config: { access: { roles: everybody } },
    schema: {
      body: Begin,
      response: { 200: FactorOffer, '4xx': Problem, '5xx': Problem },
      description:
        'A new secret for the own second factor, shown once. Asks for the password again, and for a code (`code`) where one is enrolled; that one stays good until the new one is confirmed.',
    },
    handler: async (request, reply) => {
      const { user } = entryOf(request).caller;
      const { password, code } = request.body;
      options.tries.password(user.account, request, reply);
      if (!(await options.accounts.isPassword(user.account, password))) throw new Refusal('wrong-password');
      if (user.secondFactor) await checkCode(options, user.id, code ?? '', request, reply);
      void reply.header('cache-control', 'no-store');
      return options.factors.begin(user);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/me/factor/confirm',
    config: { access: { roles: everybody } },
    schema: {
      body: Confirm,
      response: { 200: RecoveryCodes, '4xx': Problem },
      description: 'The first code of the new secret. Recovery codes are shown once; every other session of the account ends.',
    },
    handler: (request, reply) => {
      const { caller, token } = entryOf(request);
      return confirmed(options, caller.user.id, token, request, reply);
    },
  });
}

/** Where the setting demands a factor and there is none yet: the password opens these two and nothing else. */
function factorAtSignIn(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const enrolling = (request: FastifyRequest) => {
    const half = halfOf(request);
    if (half.caller.stage !== 'enrol' || half.caller.user.secondFactor) throw new Refusal('not-found');
    return half;
  };

  app.route({
    method: 'POST',
    url: '/api/session/factor',
    config: { access: 'half' },
    schema: {
      response: { 200: FactorOffer, '4xx': Problem },
      description: 'At a sign-in that demands a second factor where there is none yet: a new secret, shown once.',
    },
    handler: async (request, reply) => {
      const { user } = enrolling(request).caller;
      void reply.header('cache-control', 'no-store');
      return options.factors.begin(user);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/session/factor/confirm',
    config: { access: 'half' },
    schema: {
      body: Confirm,
      response: { 200: RecoveryCodes.extend({ session: Session }).meta({ id: 'EnrolledSession' }), '4xx': Problem },
      description: 'The first code of that secret: signed in, with recovery codes that are shown once.',
    },
    handler: async (request, reply) => {
      const { caller, token } = enrolling(request);
      const { recovery } = await confirmed(options, caller.user.id, token, request, reply);
      return { recovery, session: await enterFully(options, request, reply) };
    },
  });
}
