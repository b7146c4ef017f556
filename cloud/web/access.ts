import type { ApiScope } from '@yihu/device-profiles/vocabulary/api-key.ts';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Access, narrow, roleOn, scopeFor } from '../registry/rights.ts';
import type { Actor, Caller, HalfCaller, Scope } from './needs.ts';
import { Refusal } from './problem.ts';
import type { WebOptions } from './server.ts';

/** A caller with the areas it reaches on this route. */
export interface Entry {
  readonly token: string;
  readonly caller: Caller;
  readonly scope: Scope;
  readonly role: Role | 'api-key';
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /**
     * True where every answer is written down, though nothing is changed by it: it is about somebody. `refused` where what it
     * changes is said every minute and kept nowhere for long: only refusals are. False where nothing is, because what is done is
     * kept with its history elsewhere and the address itself is a secret.
     */
    audited?: boolean | 'refused';
    /** True where this request must never wait for a rate limit. */
    lifeSafety?: (request: FastifyRequest) => boolean;
  }
  interface FastifyRequest {
    entry: Entry | null;
    /** Whoever owes the second factor, on the routes where it is given. */
    half: { readonly token: string; readonly caller: HalfCaller } | null;
    /** True where this request must be written down though it changes nothing: it showed something of a home. */
    mustAudit: boolean;
    /** What the audit row says beyond the address: the object moved, the move. Never a secret. */
    note: Record<string, string | number | boolean | null>;
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/** Over HTTPS the name itself makes the browser refuse the cookie from anywhere else; over plain HTTP it cannot be used. */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-yihu' : 'yihu-plain';
}

/** The token that unsafe requests carry in a header: derived from the session, so another site cannot know it. */
export function csrfOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf').digest('base64url');
}

/** One line of the route table: what the golden matrix of rights is made of. */
export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

/** Guards every route of the instance. Registered before any route; the table it returns fills as they come. */
export function guardRoutes(app: FastifyInstance, options: WebOptions): readonly RouteAccess[] {
  const table: RouteAccess[] = [];
  app.decorateRequest('entry', null);
  app.decorateRequest('half', null);
  app.decorateRequest('note');
  app.decorateRequest('mustAudit', false);
  app.addHook('onRoute', (route) => {
    const access = route.config?.access;
    if (!access) throw new Error(`route ${String(route.method)} ${route.url} declares no access`);
    for (const method of [route.method].flat()) table.push({ method, url: route.url, access });
  });
  app.addHook('onRequest', async (request) => {
    request.note = {};
    if (request.is404) return;
    const access = request.routeOptions.config.access;
    if (access === undefined) throw new Refusal('not-found');
    if (isUnsafe(request.method)) checkOrigin(request, options.publicHost);
    if (typeof access === 'object') await enterBy(request, access, options);
    if (access === 'half') await enterHalf(request, options);
  });
  return table;
}

/** A browser says where a request comes from; another site's is refused, also where it carries no session yet. */
function checkOrigin(request: FastifyRequest, publicHost: string | null): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : null;
  if (host === null || (host !== request.headers.host && host !== publicHost)) throw new Refusal('csrf');
}

async function enterBy(request: FastifyRequest, access: Exclude<Access, string>, options: WebOptions): Promise<void> {
  const [, key] = /^bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (key === undefined) await enter(request, access.roles, options);
  else await enterByKey(request, key, access.scope, options);
}

/** Another system: no cookie, so nothing that a browser would send along unasked. Its name stands where a person's would. */
async function enterByKey(
  request: FastifyRequest,
  token: string,
  scope: ApiScope | undefined,
  options: WebOptions,
): Promise<void> {
  const key = await options.apiKeys.caller(token, request.ip);
  if (key === null) throw new Refusal('bad-key');
  const { id, name, area, expiresAt, madeAt: createdAt } = key;
  // No grants: what a route shows only to a role on an area stays masked.
  const noPerson = { phone: null, onDuty: false, disabledAt: null, version: 1, secondFactor: false, grants: [] };
  const caller = { user: { id, account: `key:${name}`, name, createdAt, ...noPerson }, expiresAt };
  request.entry = { token, caller, scope: { areas: [area] }, role: 'api-key' };
  if (scope === undefined) throw new Refusal('no-keys');
  if (!key.scopes.includes(scope))
    throw new Refusal('key-scope', { issues: [{ path: 'authorization', message: `needs ${scope}` }] });
}

async function enter(request: FastifyRequest, roles: readonly Role[], options: WebOptions): Promise<void> {
  const token = request.cookies[cookieName(options.secure)];
  const caller = token ? await options.accounts.caller(token) : null;
  if (!token || !caller) throw new Refusal('no-session');
  const areas = scopeFor(caller.user.grants, roles);
  const role = caller.user.grants.find((grant) => roles.includes(grant.role))?.role;
  request.entry = { token, caller, scope: { areas: areas ?? [] }, role: role ?? caller.user.grants[0]?.role ?? 'auditor' };
  if (areas === null || role === undefined) throw new Refusal('not-found');
  if (isUnsafe(request.method)) checkCsrf(request, token);
}

async function enterHalf(request: FastifyRequest, options: WebOptions): Promise<void> {
  const token = request.cookies[cookieName(options.secure)];
  const caller = token ? await options.accounts.half(token) : null;
  if (!token || !caller) throw new Refusal('no-session');
  request.half = { token, caller };
  checkCsrf(request, token);
}

/** Whose half-signed session it is; the guard has made sure that it is one. */
export function halfOf(request: FastifyRequest): { readonly token: string; readonly caller: HalfCaller } {
  if (!request.half) throw new Error(`${request.url}: no half-signed session on a route that needs one`);
  return request.half;
}

function checkCsrf(request: FastifyRequest, token: string): void {
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(csrfOf(token));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Refusal('csrf');
}

/** The entry of a route with roles; the guard has made sure that it is there. */
export function entryOf(request: FastifyRequest): Entry {
  if (!request.entry) throw new Error(`${request.url}: no entry on a route with roles`);
  return request.entry;
}

export function actorOf(request: FastifyRequest): Actor {
  const { id, name } = entryOf(request).caller.user;
  return { id, name };
}

/** The route's scope, or the part of it inside `area`; not found where they do not meet. */
export function scopeWithin(request: FastifyRequest, area: string | undefined): Scope {
  const areas = narrow(entryOf(request).scope.areas, area);
  if (areas === null) throw new Refusal('not-found');
  return { areas };
}

/** True where a caller in any of these roles may act on this area. */
export function actsAs(request: FastifyRequest, roles: readonly Role[], area: string): boolean {
  return roleOn(entryOf(request).caller.user.grants, roles, area) !== null;
}
