import { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actorOf, actsAs, entryOf } from '../access.ts';
import { idParams } from '../bodies.ts';
import { createLimiter } from '../limiter.ts';
import { valueOf } from '../outcome.ts';
import { photoOf } from '../photo-body.ts';
import { found, Refusal } from '../problem.ts';
import { dutyRoles, homeWatchers, photoWatchers } from '../roles.ts';
import { Key } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';
import { TaskConflict } from './tasks.ts';

const minuteMs = 60_000;

/** 现场照片: a phone sends one as the body itself; who may see what it is of may look at it, and that is written down. */
export function photoRoutes(instance: FastifyInstance, { tasks, clock }: WebOptions): void {
  instance.addContentTypeParser('image/jpeg', { parseAs: 'buffer', bodyLimit: limits.taskPhotoBytes }, (_request, body, done) =>
    done(null, body),
  );
  instance.addContentTypeParser('*', (_request, _body, done) => done(new Refusal('not-a-photo')));
  const perPerson = createLimiter(clock, limits.photosPerMinute, minuteMs, limits.limiterKeys);
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'POST',
    url: '/api/me/tasks/:id/photos',
    config: { access: { roles: dutyRoles } },
    bodyLimit: limits.taskPhotoBytes,
    schema: {
      description: 'The body is the photo: image/jpeg, 512 KiB at most.',
      params: idParams,
      querystring: z.strictObject({ key: Key, takenAt: z.coerce.number().int().nonnegative().optional() }),
      response: { 200: TaskDetail, 409: TaskConflict, '4xx': Problem },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      if (!perPerson.take(actor.id)) {
        void reply.header('retry-after', String(Math.ceil(perPerson.waitMs(actor.id) / 1000)));
        throw new Refusal('too-many');
      }
      const { key, takenAt = null } = request.query;
      const picture = photoOf(request.body, limits.taskPhotoBytes);
      return valueOf(await tasks.addPhoto(actor, request.params.id, { picture, takenAt, key }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/photos/:id',
    config: { access: { roles: photoWatchers }, audited: true },
    schema: {
      params: idParams,
      response: {
        200: { description: 'The photo', content: { 'image/jpeg': { schema: z.instanceof(Buffer) } } },
        '4xx': Problem,
      },
    },
    handler: async (request, reply) => {
      const { scope } = entryOf(request);
      const photo = found(await tasks.photo(scope, actorOf(request).id, request.params.id));
      if (!photo.own && !photo.work && !actsAs(request, homeWatchers, photo.area)) throw new Refusal('not-found');
      return reply
        .type('image/jpeg')
        .header('cache-control', 'private, no-store')
        .header('content-disposition', 'inline; filename="photo.jpg"')
        .send(photo.bytes);
    },
  });
}
