import { TaskDetail, type TaskMove, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf } from '../access.ts';
import { idParams } from '../bodies.ts';
import { valueOf } from '../outcome.ts';
import { dutyRoles } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';
import { TaskConflict } from './tasks.ts';

const time = z.number().int().nonnegative();
const ownMoves = ['accept', 'decline', 'set-out', 'arrive', 'finish'] as const satisfies readonly TaskMove[];

/** A phone may have been out of reach: it sends what it kept in order, each with its own time, and perhaps twice. */
const OwnMove = z.strictObject({ move: z.enum(ownMoves), reason: safeText(500).optional(), phoneAt: time.optional(), key: Key });
const Tick = z.strictObject({
  state: z.enum(['fine', 'trouble']),
  note: safeText(500).optional(),
  phoneAt: time.optional(),
  key: Key,
});
const PlaceBody = z.strictObject({
  lon: z.number().min(-180).max(180),
  lat: z.number().min(-90).max(90),
  accuracyM: z.number().min(0).max(100_000).nullable().default(null),
  phoneAt: time,
});

/** What somebody who is sent sees and does: their own tasks, and nobody else's. */
export function ownTaskRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { tasks } = options;

  app.route({
    method: 'GET',
    url: '/api/me/tasks',
    config: { access: { roles: dutyRoles } },
    schema: { response: { 200: z.array(TaskSummary), '4xx': Problem } },
    handler: async (request) => [...(await tasks.own(actorOf(request).id))],
  });

  app.route({
    method: 'POST',
    url: '/api/me/tasks/:id/moves',
    config: { access: { roles: dutyRoles }, lifeSafety: () => true },
    schema: { params: idParams, body: OwnMove, response: { 200: TaskDetail, 409: TaskConflict, '4xx': Problem } },
    handler: async (request) => {
      request.note['move'] = request.body.move;
      return valueOf(await tasks.moveOwn(actorOf(request), request.params.id, request.body));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/me/tasks/:id/checks/:check',
    config: { access: { roles: dutyRoles } },
    schema: {
      params: z.strictObject({ id: AnyId, check: AnyId }),
      body: Tick,
      response: { 200: TaskDetail, 409: TaskConflict, '4xx': Problem },
    },
    handler: async (request) => {
      const { id, check } = request.params;
      return valueOf(await tasks.tickOwn(actorOf(request), id, check, request.body));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/me/place',
    config: { access: { roles: dutyRoles }, audited: 'refused' },
    schema: { body: PlaceBody, response: { 200: z.strictObject({ kept: z.boolean() }), '4xx': Problem } },
    // Nothing is kept of somebody off duty, and the answer says so.
    handler: async (request) => ({ kept: await tasks.putPlace(actorOf(request).id, request.body) }),
  });
}
