import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { isInScope } from '../../registry/rights.ts';
import { entryOf } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { AuditCheckpoints, AuditLine, GrantBody, idParams, UserConflict, UserView } from '../bodies.ts';
import type { Grant, User, UserResult } from '../needs.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, auditors } from '../roles.ts';
import { safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const Account = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$/, 'must be 2–32 of letters, digits, . _ -');
const Phone = z
  .string()
  .regex(/^\+?[0-9][0-9 -]{2,19}$/, 'must be a telephone number')
  .nullable();
const Password = z.string().min(1).max(256);
const grants = z.array(GrantBody).min(1).max(32);

const NewUser = z.strictObject({ account: Account, name: safeText(40), phone: Phone.default(null), password: Password, grants });
const UserChange = z.strictObject({
  version: z.number().int().positive(),
  name: safeText(40).optional(),
  phone: Phone.optional(),
  disabled: z.boolean().optional(),
  password: Password.optional(),
  grants: grants.optional(),
});

function body(user: User) {
  const { id, account, name, phone, onDuty, disabledAt, createdAt, version, secondFactor, grants } = user;
  return { id, account, name, phone, onDuty, disabledAt, createdAt, version, secondFactor, grants: [...grants] };
}

/** An administrator of one area sees and changes the people whose every grant lies in it, and grants nothing outside. */
function reachesAll(request: FastifyRequest, list: readonly Grant[]): boolean {
  return list.every(({ area }) => isInScope(entryOf(request).scope.areas, area));
}

async function checkGrants(request: FastifyRequest, options: WebOptions, list: readonly Grant[] | undefined): Promise<void> {
  if (list === undefined) return;
  if (!reachesAll(request, list))
    throw new Refusal('bad-request', { issues: [{ path: '/grants', message: 'reach outside of your own area' }] });
  await mustBeThere(request, options, Object.fromEntries(list.map(({ area }, nth) => [`/grants/${nth}/area`, area])));
}

async function userOf(request: FastifyRequest, options: WebOptions, id: string): Promise<User> {
  const user = found(await options.accounts.user(id));
  if (!reachesAll(request, user.grants)) throw new Refusal('not-found');
  return user;
}

function userFrom(result: UserResult): User {
  if (result.ok) return result.user;
  if (result.code === 'unknown-user') throw new Refusal('not-found');
  const field = result.code === 'account-taken' ? '/account' : '/password';
  throw new Refusal(result.code, { issues: [{ path: field, message: result.code }] });
}

export function userRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { accounts } = options;

  app.route({
    method: 'GET',
    url: '/api/users',
    config: { access: { roles: auditors } },
    schema: { response: { 200: z.array(UserView), '4xx': Problem } },
    handler: async (request) =>
      (await accounts.list()).filter((user) => reachesAll(request, user.grants)).map((user) => body(user)),
  });

  app.route({
    method: 'POST',
    url: '/api/users',
    config: { access: { roles: administrators } },
    schema: { body: NewUser, response: { 201: UserView, '4xx': Problem } },
    handler: async (request, reply) => {
      request.note['account'] = request.body.account;
      await checkGrants(request, options, request.body.grants);
      const user = userFrom(await accounts.create(request.body));
      request.note['user'] = user.id;
      return reply.code(201).send(body(user));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/users/:id',
    config: { access: { roles: administrators } },
    schema: { params: idParams, body: UserChange, response: { 200: UserView, 409: UserConflict, '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const { version, ...change } = request.body;
      request.note['changed'] = Object.keys(change).join(',');
      const before = await userOf(request, options, id);
      await checkGrants(request, options, change.grants);
      const result = await accounts.change(id, version, change);
      if (!result.ok && result.code === 'version') throw new Refusal('version', { current: body(before) });
      return body(userFrom(result));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/audit/checkpoints',
    config: { access: { roles: auditors, scope: 'audit:read' } },
    schema: {
      querystring: z.strictObject({ after: z.coerce.number().int().nonnegative().default(0) }),
      response: { 200: AuditCheckpoints, '4xx': Problem },
    },
    handler: async (request) => ({
      schema: 'yihu-audit-checkpoints/1' as const,
      publicKey: options.audit.publicKey,
      checkpoints: [...(await options.audit.checkpoints(request.query.after))],
    }),
  });

  app.route({
    method: 'GET',
    url: '/api/audit',
    config: { access: { roles: auditors, scope: 'audit:read' } },
    schema: {
      querystring: z.strictObject({
        actor: z.string().max(128).optional(),
        before: z.coerce.number().int().positive().optional(),
        limit: z.coerce.number().int().min(1).max(limits.auditPage).default(100),
      }),
      response: { 200: z.array(AuditLine), '4xx': Problem },
    },
    handler: async (request) => [...(await options.audit.list({ ...request.query, within: entryOf(request).scope }))],
  });
}
