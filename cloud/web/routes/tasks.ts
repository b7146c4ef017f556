import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { TaskCandidate, TaskDetail, TaskKind, type TaskMove, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf, scopeWithin } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { flag, idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import { valueOf } from '../outcome.ts';
import { found, Refusal } from '../problem.ts';
import { senders, taskWatchers } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

export const TaskConflict = Problem.extend({ current: TaskDetail.optional() }).meta({ id: 'TaskConflict' });

const time = z.number().int().nonnegative();
const deskMoves = ['offer', 'transfer', 'verify', 'return', 'cancel'] as const satisfies readonly TaskMove[];

const NewTask = z.strictObject({
  // A dispatch is made by sending somebody to an incident.
  kind: TaskKind.exclude(['dispatch']),
  title: safeText(100),
  note: safeText(1000).optional(),
  area: AreaPath,
  place: safeText(120).optional(),
  position: z.strictObject({ lon: z.number().min(-180).max(180), lat: z.number().min(-90).max(90) }).optional(),
  person: AnyId.optional(),
  dueAt: time.optional(),
  checked: z.boolean().optional(),
  checks: z.array(safeText(60)).max(60).optional(),
  key: Key,
});

const DeskMove = z.strictObject({
  move: z.enum(deskMoves),
  version: time,
  reason: safeText(500).optional(),
  person: AnyId.optional(),
  key: Key,
});

/** What the desk sees and decides of tasks. */
export function taskRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { tasks } = options;

  app.route({
    method: 'GET',
    url: '/api/tasks',
    config: { access: { roles: taskWatchers } },
    schema: {
      querystring: z.strictObject({
        state: z.enum(['open', 'all']).default('open'),
        kind: TaskKind.optional(),
        incident: AnyId.optional(),
        source: AnyId.optional(),
        unstaffed: flag.optional(),
        area: z.string().max(300).optional(),
        ...paging,
      }),
      response: { 200: pageOf(TaskSummary), '4xx': Problem },
    },
    handler: async (request) => {
      const { state, area, ...filter } = request.query;
      const asked = given({ ...filter, open: state === 'open' ? true : undefined });
      return pageBody(await tasks.list(scopeWithin(request, area), asked));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/tasks',
    config: { access: { roles: senders } },
    schema: { body: NewTask, response: { 201: TaskDetail, 409: TaskConflict, '4xx': Problem } },
    handler: async (request, reply) => {
      const { title, checks, ...body } = request.body;
      request.note['kind'] = body.kind;
      const points = checks?.map((name, nth) => ({ id: `c${nth + 1}`, name }));
      const order = { ...body, title: { zh: title }, checks: points };
      return reply.code(201).send(valueOf(await tasks.order(entryOf(request).scope, actorOf(request), order)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/tasks/:id',
    config: { access: { roles: taskWatchers } },
    schema: { params: idParams, response: { 200: TaskDetail, '4xx': Problem } },
    handler: async (request) => found(await tasks.task(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/tasks/:id/candidates',
    config: { access: { roles: senders } },
    schema: { params: idParams, response: { 200: z.array(TaskCandidate), '4xx': Problem } },
    handler: async (request) => [...found(await tasks.candidates(entryOf(request).scope, request.params.id))],
  });

  app.route({
    method: 'GET',
    url: '/api/candidates',
    config: { access: { roles: senders } },
    schema: { querystring: z.strictObject({ area: AreaPath }), response: { 200: z.array(TaskCandidate), '4xx': Problem } },
    handler: async (request) => {
      const { area } = request.query;
      if (!isInScope(entryOf(request).scope.areas, area)) throw new Refusal('not-found');
      await mustBeThere(request, options, { '/area': area });
      return [...(await tasks.candidatesFor(area))];
    },
  });

  app.route({
    method: 'POST',
    url: '/api/tasks/:id/moves',
    config: { access: { roles: senders } },
    schema: { params: idParams, body: DeskMove, response: { 200: TaskDetail, 409: TaskConflict, '4xx': Problem } },
    handler: async (request) => {
      request.note['move'] = request.body.move;
      return valueOf(await tasks.move(entryOf(request).scope, actorOf(request), request.params.id, request.body));
    },
  });
}
