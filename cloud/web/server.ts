import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { createJsonSchemaTransform, jsonSchemaTransformObject, validatorCompiler } from 'fastify-type-provider-zod';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { isApiKey } from '../registry/api-keys.ts';
import { guardRoutes, type RouteAccess } from './access.ts';
import { answerCompiler, describeAnswers } from './answer-shape.ts';
import { auditRequests } from './audit.ts';
import { describeAccess, securitySchemes } from './described-access.ts';
import { answerErrors } from './errors.ts';
import { readJson } from './json-body.ts';
import type {
  Accounts,
  ApiKeys,
  AreaRecords,
  Audit,
  Calling,
  CapDesk,
  CallerCheck,
  Duty,
  Errands,
  FloorPlanRecords,
  Factors,
  Gateways,
  IncidentDesk,
  Metric,
  PageRecords,
  ProfileView,
  Registry,
  Residents,
  TaskRecords,
  Sites,
  Telling,
  WitnessSay,
  Webhooks,
} from './needs.ts';
import { sayRepeats } from './outcome.ts';
import { limitRates } from './rates.ts';
import { alarmTestRoutes } from './routes/alarm-tests.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { answerRoutes } from './routes/answers.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { areaReportRoutes } from './routes/area-report.ts';
import { areaRoutes } from './routes/areas.ts';
import { callRoutes } from './routes/calls.ts';
import { capRoutes } from './routes/cap.ts';
import { callPeopleRoutes } from './routes/call-people.ts';
import { channelRoutes } from './routes/channels.ts';
import { deviceRoutes } from './routes/devices.ts';
import { dutyRoutes } from './routes/duty.ts';
import { doubleRoutes } from './routes/doubles.ts';
import { floorPlanRoutes } from './routes/floor-plans.ts';
import { errandRoutes } from './routes/errands.ts';
import { factorRoutes } from './routes/factor.ts';
import { formRoutes } from './routes/forms.ts';
import { gatewayRoutes } from './routes/gateways.ts';
import { houseRoutes } from './routes/houses.ts';
import { importRoutes } from './routes/imports.ts';
import { incidentDeskRoutes } from './routes/incident-desk.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { noticeRoutes } from './routes/notices.ts';
import { residentRoutes } from './routes/residents.ts';
import { machineRoutes } from './routes/machine.ts';
import { openApiRoute } from './routes/open-api.ts';
import { maintenanceRoutes } from './routes/maintenance.ts';
import { peopleRoutes } from './routes/people.ts';
import { photoRoutes } from './routes/photos.ts';
import { placeRoutes } from './routes/places.ts';
import { postRoutes } from './routes/posts.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { revealRoutes } from './routes/reveals.ts';
import { sessionRoutes } from './routes/session.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { ruleRoutes } from './routes/rules.ts';
import { siteRoutes } from './routes/sites.ts';
import { sharingRoutes } from './routes/sharing.ts';
import { streamRoutes } from './routes/stream.ts';
import { ownTaskRoutes } from './routes/own-tasks.ts';
import { taskRoutes } from './routes/tasks.ts';
import { userRoutes } from './routes/users.ts';
import { wallRoutes } from './routes/wall.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { screenRoutes } from './screens.ts';
import { createStreams, type Streams } from './stream.ts';
import { refuseStrayInput } from './strict-input.ts';
import { createTries, type Tries } from './tries.ts';

/** Everything the web is given; it makes nothing of this by itself. */
export interface WebNeeds {
  readonly records: PageRecords;
  readonly accounts: Accounts;
  readonly witness: WitnessSay;
  readonly factors: Factors;
  readonly apiKeys: ApiKeys;
  readonly webhooks: Omit<Webhooks, 'stop'>;
  readonly areas: AreaRecords;
  readonly floorPlans: FloorPlanRecords;
  readonly registry: Registry;
  readonly audit: Audit;
  readonly gateways: Gateways;
  readonly sites: Sites;
  readonly telling: Telling;
  readonly tasks: TaskRecords;
  readonly incidentDesk: IncidentDesk;
  readonly duty: Duty;
  readonly calls: Calling;
  readonly cap: CapDesk;
  readonly residents: Residents;
  readonly errands: Errands;
  readonly profile: (id: string) => ProfileView | undefined;
  readonly metrics: () => Promise<readonly Metric[]>;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Key and certificate, PEM, where it serves HTTPS itself. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** True where browsers reach it by HTTPS, be it through a proxy: `__Host-` cookie, Secure. */
  readonly secure: boolean;
  /** Host (and port) browsers use where it is not the one of the request, e.g. behind a proxy. */
  readonly publicHost: string | null;
  /** The same with its protocol: where links in documents lead. */
  readonly publicOrigin: string | null;
  /** Bearer token for `/metrics`; null lets callers on this machine in, and nobody else. */
  readonly metricsToken: string | null;
  /** Folder of the built screens; null serves the API alone. */
  readonly screens: string | null;
}

export interface WebOptions extends WebNeeds {
  readonly tries: Tries;
  readonly streams: Streams;
  readonly webMetrics?: () => readonly Metric[];
}

export interface Web {
  readonly app: FastifyInstance;
  readonly routes: readonly RouteAccess[];
  /** The address it listens on, with the port it got. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}

/** Builds the server; every route is registered and checked, nothing listens yet. */
export async function buildWeb(needs: WebNeeds): Promise<Web> {
  const { logger, clock, records } = needs;
  const app = newServer(needs);
  const onError = (error: unknown): void => logger.error({ err: error }, 'event stream');
  const streams = createStreams({ records, accounts: callers(needs), clock, onError });
  const options: WebOptions = { ...needs, streams, tries: createTries(clock), webMetrics: () => [streamMetric(streams)] };
  await addPlugins(app, needs.secure);
  readJson(app);
  answerErrors(app);
  const routes = guardRoutes(app, options);
  limitRates(app, options);
  auditRequests(app, options);
  sayRepeats(app);
  refuseStrayInput(app);
  for (const routes of allRoutes) await app.register(async (instance) => routes(instance, options));
  await screenRoutes(app, needs.screens);
  await app.ready();
  return {
    app,
    routes,
    listen: (host, port) => app.listen({ host, port }),
    close: async () => {
      await streams.stop();
      await app.close();
    },
  };
}

const allRoutes: readonly ((instance: FastifyInstance, options: WebOptions) => void)[] = [
  sessionRoutes,
  factorRoutes,
  streamRoutes,
  placeRoutes,
  wallRoutes,
  areaRoutes,
  postRoutes,
  peopleRoutes,
  revealRoutes,
  houseRoutes,
  importRoutes,
  doubleRoutes,
  sharingRoutes,
  siteRoutes,
  ruleRoutes,
  formRoutes,
  incidentRoutes,
  incidentDeskRoutes,
  dutyRoutes,
  callRoutes,
  callPeopleRoutes,
  answerRoutes,
  residentRoutes,
  errandRoutes,
  noticeRoutes,
  alarmRoutes,
  alarmTestRoutes,
  maintenanceRoutes,
  areaReportRoutes,
  taskRoutes,
  ownTaskRoutes,
  photoRoutes,
  snapshotRoutes,
  floorPlanRoutes,
  deviceRoutes,
  gatewayRoutes,
  userRoutes,
  apiKeyRoutes,
  webhookRoutes,
  channelRoutes,
  receiptRoutes,
  capRoutes,
  machineRoutes,
  openApiRoute,
];

/** Whose stream it is: somebody's session, or a key. */
function callers({ accounts, apiKeys }: WebNeeds): CallerCheck {
  return {
    isLive: async (token) => (await (isApiKey(token) ? apiKeys.caller(token, null) : accounts.caller(token, false))) !== null,
  };
}

function newServer({ logger, tls }: WebNeeds): FastifyInstance {
  const settings = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: 0,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: false },
  } as const;
  if (tls === null) return fastify(settings);
  return fastify({ ...settings, https: { ...tls, minVersion: 'TLSv1.2' } });
}

async function addPlugins(app: FastifyInstance, secure: boolean): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(answerCompiler);
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'connect-src': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        // React writes no markup of its own; a library that did would be stopped here and show in the console.
        'require-trusted-types-for': ["'script'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Yihu cloud',
        description:
          'What the screens use; times are ms since 1970 UTC. A command carries a key: the same key again does nothing and is answered with the header idempotency-repeated.',
        version: '1',
      },
      components: { securitySchemes },
    },
    transform: describeAccess(createJsonSchemaTransform({ skipList: [] })),
    transformObject: (document) => {
      const described = jsonSchemaTransformObject(document);
      describeAnswers(described);
      return described;
    },
  });
}

function streamMetric(streams: Streams): Metric {
  return { name: 'yihu_stream_clients', help: 'Open event streams', type: 'gauge', samples: [{ value: streams.count() }] };
}
