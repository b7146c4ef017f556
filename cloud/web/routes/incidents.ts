import { Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { IncidentDetail, IncidentMove, IncidentSummary, PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, actsAs, entryOf, scopeWithin } from '../access.ts';
import { IncidentConflict, idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import { isFirstAnswer, valueOf } from '../outcome.ts';
import { found, Refusal } from '../problem.ts';
import { movers, noteTakers, watchers } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const version = z.number().int().nonnegative();

const IncidentMoveBody = z.strictObject({
  move: IncidentMove,
  version,
  reason: safeText(500).optional(),
  person: AnyId.optional(),
  disposition: Disposition.optional(),
  key: Key,
});

const NoteBody = z.strictObject({ text: safeText(1000), key: Key });
const StepBody = z.strictObject({ state: PlanStep.shape.state, reason: safeText(500).optional(), key: Key });

/** What a grid worker does on the spot, and only where it was sent. */
const workerMoves: readonly IncidentMove[] = ['arrive', 'control', 'resolve'];

async function mayMove(request: FastifyRequest, options: WebOptions, id: string, move: IncidentMove | null): Promise<void> {
  const { scope, caller } = entryOf(request);
  const incident = found(await options.records.incidentDetail(scope, id));
  if (actsAs(request, ['dispatcher'], incident.area)) return;
  const sent = incident.legs.some(
    (leg) => leg.person === caller.user.id && leg.state !== 'declined' && leg.state !== 'cancelled',
  );
  if (!sent || (move !== null && !workerMoves.includes(move))) throw new Refusal('not-yours');
}

export function incidentRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records } = options;

  app.route({
    method: 'GET',
    url: '/api/incidents',
    config: { access: { roles: watchers, scope: 'incidents:read' } },
    schema: {
      querystring: z.strictObject({
        state: z.enum(['open', 'all']).default('open'),
        area: z.string().max(300).optional(),
        ...paging,
      }),
      response: { 200: pageOf(IncidentSummary), '4xx': Problem },
    },
    handler: async (request) => {
      const { state, area, after, limit } = request.query;
      const filter = given({ open: state === 'open' ? true : undefined, after, limit });
      return pageBody(await records.listIncidents(scopeWithin(request, area), filter));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id',
    config: { access: { roles: watchers, scope: 'incidents:read' } },
    schema: { params: idParams, response: { 200: IncidentDetail, '4xx': Problem } },
    handler: async (request) => found(await records.incidentDetail(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/moves',
    config: { access: { roles: movers }, lifeSafety: isFirstAnswer },
    schema: {
      params: idParams,
      body: IncidentMoveBody,
      response: { 200: IncidentDetail, 409: IncidentConflict, '4xx': Problem },
    },
    handler: async (request) => {
      const { id } = request.params;
      request.note['move'] = request.body.move;
      await mayMove(request, options, id, request.body.move);
      return valueOf(await records.moveIncident(entryOf(request).scope, actorOf(request), id, request.body));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/notes',
    config: { access: { roles: noteTakers, scope: 'incidents:note' } },
    schema: { params: idParams, body: NoteBody, response: { 200: IncidentDetail, 409: IncidentConflict, '4xx': Problem } },
    handler: async (request) =>
      valueOf(await records.addNote(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/steps/:step',
    config: { access: { roles: movers } },
    schema: {
      params: z.strictObject({ id: AnyId, step: AnyId }),
      body: StepBody,
      response: { 200: IncidentDetail, 409: IncidentConflict, '4xx': Problem },
    },
    handler: async (request) => {
      const { id, step } = request.params;
      const { state, reason, key } = request.body;
      request.note['state'] = state;
      await mayMove(request, options, id, null);
      return valueOf(await records.stepMove(entryOf(request).scope, actorOf(request), id, step, { to: state, reason, key }));
    },
  });
}
