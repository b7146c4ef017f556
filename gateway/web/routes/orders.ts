import { LocalOrderAnswer, LocalOrderRequest } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { given, Refusal } from '../problem.ts';

/** 控制: an order to a device, and what the second person says to it. */
export function orderRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.post('/api/devices/:id/orders', installer, async ({ params, body, session }) => {
    const { id } = params as { id: string };
    return taken(await desk.orders.give(id, given(LocalOrderRequest, body), session ?? ''));
  });
  app.post('/api/orders/answer', installer, async ({ body, session }) =>
    taken(await desk.orders.answer(given(LocalOrderAnswer, body), session ?? '')),
  );
}

function taken<T extends object>(answer: T | { readonly refused: Text }) {
  if ('refused' in answer) throw new Refusal('refused', { sentence: answer.refused });
  return answer;
}
