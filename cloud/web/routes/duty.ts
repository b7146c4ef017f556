import {
  DutyGap,
  DutyNeed,
  DutyRole,
  HandOver,
  HandOverItem,
  IncidentNeed,
  OnDuty,
  RunCardLine,
  Shift,
} from '@yihu/device-profiles/vocabulary/duty.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, actsAs, entryOf, scopeWithin } from '../access.ts';
import { mustBeThere } from '../area-there.ts';
import { idParams } from '../bodies.ts';
import { valueOf } from '../outcome.ts';
import { found, Refusal } from '../problem.ts';
import { deskHands, managers, planners, senders } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const time = z.number().int().nonnegative();
const longestMs = 62 * 24 * 3_600_000;
const Span = z
  .strictObject({ area: z.string().max(300).optional(), from: z.coerce.number().int(), to: z.coerce.number().int() })
  .refine(({ from, to }) => to > from && to - from <= longestMs, { path: ['to'], message: 'must lie within 62 days after from' });
const NewShift = z.strictObject({ area: AreaPath, role: DutyRole, person: AnyId, from: time, to: time, key: Key });
const NewNeed = z.strictObject({
  kind: IncidentNeed.shape.kind,
  count: z.number().int().min(1).max(999),
  place: safeText(120).optional(),
  key: Key,
});

/** 值班: the roster, its gaps, who is there, and the hand-over from one shift to the next. */
export function dutyRoutes(instance: FastifyInstance, options: WebOptions): void {
  const { duty } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/shifts',
    config: { access: { roles: managers } },
    schema: { querystring: Span, response: { 200: z.array(Shift), '4xx': Problem } },
    handler: async (request) => [...(await duty.shifts(scopeWithin(request, request.query.area), request.query))],
  });

  app.route({
    method: 'POST',
    url: '/api/shifts',
    config: { access: { roles: planners } },
    schema: { body: NewShift, response: { 201: Shift, '4xx': Problem } },
    handler: async (request, reply) => {
      if (!actsAs(request, planners, request.body.area)) throw new Refusal('not-found');
      await mustBeThere(request, options, { '/area': request.body.area });
      return reply.code(201).send(valueOf(await duty.addShift(actorOf(request), request.body)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/shifts/:id/cancel',
    config: { access: { roles: planners } },
    schema: { params: idParams, body: z.strictObject({ key: Key }), response: { 200: Shift, '4xx': Problem } },
    handler: async (request) => valueOf(await duty.cancelShift(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'PUT',
    url: '/api/duty-needs',
    config: { access: { roles: planners } },
    schema: {
      body: z.strictObject({ area: AreaPath, role: DutyRole, least: z.number().int().min(0).max(50) }),
      response: { 200: DutyNeed, '4xx': Problem },
    },
    handler: async (request) => {
      if (!actsAs(request, planners, request.body.area)) throw new Refusal('not-found');
      await mustBeThere(request, options, { '/area': request.body.area });
      return duty.putNeed(request.body);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/duty-gaps',
    config: { access: { roles: managers } },
    schema: { querystring: Span, response: { 200: z.array(DutyGap), '4xx': Problem } },
    handler: async (request) => [...(await duty.gaps(scopeWithin(request, request.query.area), request.query))],
  });

  app.route({
    method: 'GET',
    url: '/api/on-duty',
    config: { access: { roles: managers } },
    schema: {
      querystring: z.strictObject({ area: z.string().max(300).optional() }),
      response: { 200: z.array(OnDuty), '4xx': Problem },
    },
    handler: async (request) => [...(await duty.onDuty(scopeWithin(request, request.query.area)))],
  });

  handOverRoutes(instance, options);
  forceRoutes(instance, duty);
}

function handOverRoutes(instance: FastifyInstance, options: WebOptions): void {
  const { duty } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const answers = { 200: HandOver, '4xx': Problem };

  app.route({
    method: 'GET',
    url: '/api/hand-overs',
    config: { access: { roles: managers } },
    schema: { response: { 200: z.array(HandOver), '4xx': Problem } },
    handler: async (request) => [...(await duty.handOvers(entryOf(request).scope))],
  });

  app.route({
    method: 'GET',
    url: '/api/hand-overs/proposal',
    config: { access: { roles: deskHands } },
    schema: { querystring: z.strictObject({ area: AreaPath }), response: { 200: z.array(HandOverItem), '4xx': Problem } },
    handler: async (request) => {
      if (!actsAs(request, deskHands, request.query.area)) throw new Refusal('not-found');
      await mustBeThere(request, options, { '/area': request.query.area });
      return [...(await duty.proposal(request.query.area))];
    },
  });

  app.route({
    method: 'POST',
    url: '/api/hand-overs',
    config: { access: { roles: deskHands } },
    schema: { body: z.strictObject({ area: AreaPath, key: Key }), response: { 201: HandOver, '4xx': Problem } },
    handler: async (request, reply) => {
      if (!actsAs(request, deskHands, request.body.area)) throw new Refusal('not-found');
      await mustBeThere(request, options, { '/area': request.body.area });
      return reply.code(201).send(valueOf(await duty.draftHandOver(actorOf(request), request.body)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/hand-overs/:id/notes',
    config: { access: { roles: deskHands } },
    schema: { params: idParams, body: z.strictObject({ text: safeText(500), key: Key }), response: answers },
    handler: async (request) =>
      valueOf(await duty.noteHandOver(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/hand-overs/:id/sign',
    config: { access: { roles: deskHands } },
    schema: { params: idParams, body: z.strictObject({ key: Key }), response: answers },
    handler: async (request) =>
      valueOf(await duty.signHandOver(entryOf(request).scope, actorOf(request), request.params.id, request.body.key)),
  });
}

function forceRoutes(instance: FastifyInstance, duty: WebOptions['duty']): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/run-card',
    config: { access: { roles: managers } },
    schema: { params: idParams, response: { 200: z.array(RunCardLine), '4xx': Problem } },
    handler: async (request) => [...found(await duty.runCard(entryOf(request).scope, request.params.id))],
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/needs',
    config: { access: { roles: managers } },
    schema: { params: idParams, response: { 200: z.array(IncidentNeed), '4xx': Problem } },
    handler: async (request) => [...found(await duty.needs(entryOf(request).scope, request.params.id))],
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/needs',
    config: { access: { roles: senders } },
    schema: { params: idParams, body: NewNeed, response: { 201: IncidentNeed, '4xx': Problem } },
    handler: async (request, reply) => {
      const { scope } = entryOf(request);
      return reply.code(201).send(valueOf(await duty.addIncidentNeed(scope, actorOf(request), request.params.id, request.body)));
    },
  });
}
