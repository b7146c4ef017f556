import fastify, { type FastifyInstance } from 'fastify';
import { limits } from '../limits.ts';
import { answerErrors } from './errors.ts';
import { guardRoutes, type RouteAccess } from './guard.ts';
import { setHeaders } from './headers.ts';
import type { WebNeeds } from './needs.ts';
import { servePage } from './page.ts';
import { changeRoutes } from './routes/change.ts';
import { commissionRoutes } from './routes/commission.ts';
import { deskRoutes } from './routes/desk.ts';
import { handoverRoutes } from './routes/handover.ts';
import { newProfileRoutes } from './routes/new-profile.ts';
import { orderRoutes } from './routes/orders.ts';
import { machineRoutes } from './routes/machine.ts';
import { surveyRoutes } from './routes/survey.ts';
import { sessionRoutes } from './routes/session.ts';
import { Sessions } from './sessions.ts';

export interface LocalServer {
  readonly app: FastifyInstance;
  readonly routes: readonly RouteAccess[];
}

/** The installer's page and its API; every route is registered and guarded, nothing listens yet. */
export function buildLocalServer(needs: WebNeeds, listenHost: string): LocalServer {
  const app = fastify({
    logger: false,
    bodyLimit: limits.localBodyBytes,
    requestTimeout: limits.localRequestMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 100 },
  });
  readJsonOnly(app);
  answerErrors(app, needs);
  setHeaders(app);
  const sessions = new Sessions(needs.clock);
  const routes = guardRoutes(app, needs, sessions, listenHost);
  sessionRoutes(app, needs, sessions);
  machineRoutes(app, needs);
  deskRoutes(app, needs);
  commissionRoutes(app, needs);
  changeRoutes(app, needs);
  handoverRoutes(app, needs);
  surveyRoutes(app, needs);
  orderRoutes(app, needs);
  newProfileRoutes(app, needs);
  servePage(app, needs.page);
  return { app, routes };
}

/** JSON is the only body there is, without prototype keys; an empty one is none. */
function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text === '') return done(null, undefined);
    return parse(request, text, done);
  });
}

/** Where it listens is the site file's decision. */
export async function startLocalServer(
  needs: WebNeeds,
  host: string,
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { app } = buildLocalServer(needs, host);
  const url = await app.listen({ host, port });
  return { url, stop: () => app.close() };
}
