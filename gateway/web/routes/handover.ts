import { LocalClaimRequest } from '@yihu/device-profiles/vocabulary/local-claim.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { given, Refusal } from '../problem.ts';

/** The end of an installation: the cloud it belongs to, and what is left behind. */
export function handoverRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.get('/api/claim', installer, () => desk.claiming.state());
  app.post('/api/claim', installer, async ({ body }, reply) => {
    const refused = desk.claiming.start(given(LocalClaimRequest, body));
    if (refused !== null) throw new Refusal('refused', { sentence: refused.refused });
    return reply.code(202).send(await desk.claiming.state());
  });
  app.get('/api/export', installer, async (_request, reply) => {
    const { name, zip } = await desk.export();
    return reply.type('application/zip').header('content-disposition', `attachment; filename="${name}"`).send(zip);
  });
}
