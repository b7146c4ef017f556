import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';

/** What programs ask: a supervisor, a metrics collector, `yihu-gateway status`. */
export function machineRoutes(app: FastifyInstance, { view }: WebNeeds): void {
  app.get('/health', { config: { callers: 'public' } }, async (_request, reply) => {
    const { health } = await view.status();
    return reply.code(health === 'failing' ? 503 : 200).send({ health });
  });
  app.get('/metrics', { config: { callers: 'machine' } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await view.metrics()),
  );
  app.get('/api/status', { config: { callers: 'machine' } }, () => view.status());
}
