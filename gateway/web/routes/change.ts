import { LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { found, given, Refusal } from '../problem.ts';

/** One device more or less: the plan, the change, how it goes on, and the way back. */
export function changeRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.post('/api/change/plan', installer, async ({ body }) => found(await desk.change.plan(given(LocalSiteEdit, body))));
  app.post('/api/change', installer, async ({ body }) => {
    const begun = found(await desk.change.submit(given(LocalSiteEdit, body)));
    if ('refused' in begun) throw new Refusal('refused', { sentence: begun.refused });
    return begun.change;
  });
  app.get('/api/change', installer, () => Promise.resolve({ change: desk.change.state() }));
  app.delete('/api/change', installer, async (_request, reply) => {
    desk.change.undo();
    return reply.code(204).send();
  });
}
