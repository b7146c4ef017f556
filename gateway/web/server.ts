import fastify, { type FastifyInstance } from 'fastify';

/** What the local API shows of a running gateway. */
export interface LocalView {
  metrics(): Promise<string>;
  status(): Promise<GatewayStatus>;
}

export interface GatewayStatus {
  readonly schema: 'yihu.status/1';
  readonly gateway: string;
  readonly version: string;
  readonly startedAt: number;
  readonly at: number;
  /** What tells the time: the time since boot while nothing better is known, the system, or our own reckoning by the cloud's. */
  readonly clock: 'uptime' | 'system' | 'own';
  /** `ok`: everything flows; `degraded`: something is down but nothing is lost; `failing`: data cannot be kept. */
  readonly health: 'ok' | 'degraded' | 'failing';
  readonly problems: readonly { readonly zh: string; readonly en: string }[];
  readonly ports: readonly {
    readonly id: string;
    readonly driver: string;
    readonly wire: string;
    readonly reason: { zh: string; en: string } | null;
    readonly devices: number;
    readonly heard: number;
  }[];
  readonly uplink: {
    readonly wire: string;
    readonly reason: { zh: string; en: string } | null;
    readonly buffered: { alarm: number; telemetry: number };
  } | null;
  readonly history: { readonly kind: string; readonly state: string; readonly buffered: number };
  readonly log: {
    readonly epoch: string;
    readonly bytes: number;
    readonly full: boolean;
    /** What was found when the log was opened: it was damaged or a copy, and began a new epoch. */
    readonly recovered: {
      readonly reason: 'damaged' | 'cloned';
      readonly records: number;
      readonly lost: number;
      readonly movedTo: string | null;
    } | null;
  };
}

/** The local API: read-only, no secrets in it. Binding is the site file's decision; it never changes anything. */
export async function startLocalApi(
  view: LocalView,
  host: string,
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server: FastifyInstance = fastify({ logger: false, bodyLimit: 16_384, forceCloseConnections: true });
  server.get('/health', async (_request, reply) => {
    const status = await view.status();
    return reply.code(status.health === 'failing' ? 503 : 200).send({ health: status.health, problems: status.problems });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await view.metrics()),
  );
  server.get('/api/status', async () => view.status());
  const url = await server.listen({ host, port });
  return { url, stop: () => server.close() };
}
