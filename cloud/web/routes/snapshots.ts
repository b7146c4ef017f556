import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actsAs, entryOf } from '../access.ts';
import { idParams } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import { homeWatchers, watchers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

/** Pictures never change under their id; a browser keeps one as long as somebody works on its incident, and no proxy does. */
const outside = 'private, max-age=3600, immutable';
const atHome = 'private, no-store';

export function snapshotRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/snapshots/:id',
    config: { access: { roles: watchers } },
    schema: {
      params: idParams,
      response: {
        200: { description: 'The picture', content: { 'image/jpeg': { schema: z.instanceof(Buffer) } } },
        '4xx': Problem,
      },
    },
    handler: async (request, reply) => {
      const picture = found(await options.records.picture(entryOf(request).scope, request.params.id));
      if (picture.atHome) {
        const mayLook = picture.open && picture.areas.some((area) => actsAs(request, homeWatchers, area));
        if (!mayLook) throw new Refusal('not-found');
        request.mustAudit = true;
        request.note['home'] = true;
      }
      return reply
        .type('image/jpeg')
        .header('cache-control', picture.atHome ? atHome : outside)
        .header('content-disposition', 'inline; filename="snapshot.jpg"')
        .send(picture.bytes);
    },
  });
}
