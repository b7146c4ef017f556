import { LocalDecode, LocalDevicesQuery, LocalProfilesQuery } from '@yihu/device-profiles/vocabulary/local.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { found, given, Refusal } from '../problem.ts';

/** What an installer looks at. */
export function deskRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.get('/api/overview', installer, () => desk.overview());
  app.get('/api/devices', installer, async ({ query }) => desk.devices(given(LocalDevicesQuery, query)));
  app.get('/api/devices/:id', installer, async ({ params }) => found(desk.device((params as { id: string }).id)));
  app.get('/api/devices/:id/settings', installer, async ({ params }) =>
    found(await desk.settings((params as { id: string }).id)),
  );
  app.get('/api/profiles', installer, ({ query }) => desk.profiles(given(LocalProfilesQuery, query)));
  app.post('/api/decode', installer, async ({ body }) => {
    const decoded = desk.decode(given(LocalDecode, body));
    if ('unknownWire' in decoded) throw new Refusal('refused', { sentence: decoded.unknownWire });
    return decoded;
  });
}
