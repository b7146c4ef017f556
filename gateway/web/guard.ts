import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebNeeds } from './needs.ts';
import { Refusal } from './problem.ts';
import { csrfOf, type Sessions } from './sessions.ts';

/**
 * Who may call a route. `public`: the page itself and its sign-in. `machine`: whoever is on the gateway itself (`status`, a
 * metrics collector), or signed in. `installer`: who is signed in. A route that says nothing is not registered.
 */
export type Callers = 'public' | 'machine' | 'installer';

declare module 'fastify' {
  interface FastifyContextConfig {
    callers?: Callers;
  }
  interface FastifyRequest {
    /** The session's token, where it is in force. */
    session: string | null;
  }
}

export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly callers: Callers;
}

export const cookieName = 'yihu-local';

/** Guards every route of the server. Registered before any route; the table it returns fills as they come. */
export function guardRoutes(app: FastifyInstance, needs: WebNeeds, sessions: Sessions, listenHost: string): RouteAccess[] {
  const table: RouteAccess[] = [];
  const names = ownNames(listenHost);
  app.decorateRequest('session', null);
  app.addHook('onRoute', (route) => {
    const callers = route.config?.callers;
    if (!callers) throw new Error(`route ${String(route.method)} ${route.url} does not say who may call it`);
    for (const method of [route.method].flat()) table.push({ method, url: route.url, callers });
  });
  app.addHook('onRequest', async (request) => {
    if (!isOwnHost(request.headers.host, names)) throw new Refusal('host');
    if (isUnsafe(request.method)) checkOrigin(request);
    const token = cookieIn(request.headers.cookie);
    if (token !== null && sessions.use(token, (await needs.access.stamp()).stamp)) request.session = token;
    if (request.is404) return;
    const { callers } = request.routeOptions.config;
    if (callers === 'public') return;
    if (request.session !== null) return isUnsafe(request.method) ? checkCsrf(request, request.session) : undefined;
    if (callers === 'machine' && isThisMachine(request.ip)) return;
    throw new Refusal(callers === 'machine' ? 'this-machine-only' : 'no-session');
  });
  return table;
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Names by which people open the page. A page of elsewhere whose name was made to point here comes under its own name. */
function ownNames(listenHost: string): ReadonlySet<string> {
  const own = hostname().toLowerCase();
  return new Set(['localhost', own, `${own}.local`, `${own}.lan`, listenHost.toLowerCase()]);
}

function isOwnHost(header: string | undefined, names: ReadonlySet<string>): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const host = new URL(`http://${header}`).hostname.toLowerCase();
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0 || names.has(host);
}

/** A browser says where a request comes from; another site's is refused, also where nobody is signed in yet. */
function checkOrigin({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refusal('csrf');
  const { origin } = headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== headers.host) throw new Refusal('csrf');
}

function checkCsrf(request: FastifyRequest, token: string): void {
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(csrfOf(token));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Refusal('csrf');
}

function cookieIn(header: string | undefined): string | null {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  const own = pairs.find((pair) => pair.startsWith(`${cookieName}=`));
  return own === undefined ? null : own.slice(cookieName.length + 1);
}

function isThisMachine(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
