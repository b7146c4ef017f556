import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { scopeWithin } from '../access.ts';
import { maskWall } from '../mask.ts';
import { wallWatchers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

export function wallRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/wall',
    config: { access: { roles: wallWatchers } },
    schema: {
      querystring: z.strictObject({ area: z.string().max(300).optional() }),
      response: { 200: WallView, '4xx': Problem },
      description: 'What a wall shows. Names are masked for everybody who asks here.',
    },
    handler: async (request) => maskWall(await options.records.wall(scopeWithin(request, request.query.area))),
  });
}
