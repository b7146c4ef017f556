import { IncidentReport, PostCheck, RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { actorOf, entryOf } from '../access.ts';
import { flag, IncidentConflict, idParams, Lang } from '../bodies.ts';
import { valueOf } from '../outcome.ts';
import { found } from '../problem.ts';
import { reportPdf } from '../report-pdf.ts';
import { auditors, deskHands, dutyRoles, managers, postWatchers } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const version = z.number().int().nonnegative();
const MergeBody = z.strictObject({ into: AnyId, version, reason: safeText(200), key: Key });
const SplitBody = z.strictObject({
  alarms: z.array(z.string().min(1).max(255)).min(1).max(500),
  version,
  reason: safeText(200),
  key: Key,
});
const CommandBody = z
  .strictObject({
    /** Somebody who can be sent. */
    commander: AnyId.optional(),
    /** 级别: critical is level I, warning level IV. */
    severity: Severity.optional(),
    version,
    reason: safeText(200),
    key: Key,
  })
  .refine(({ commander, severity }) => commander !== undefined || severity !== undefined, {
    path: ['commander'],
    message: 'name a commander or a severity',
  });
const OnwardBody = z.strictObject({
  receiver: safeText(60),
  how: z.enum(['phone', 'network']),
  text: safeText(500).optional(),
  key: Key,
});
const answers = { 200: IncidentDetail, 409: IncidentConflict, '4xx': Problem };
const RollAnswer = z.strictObject({ state: z.enum(['safe', 'help']), note: safeText(200).optional(), key: Key });
const Ask = z.strictObject({ area: AreaPath, withinS: z.number().int().min(15).max(600).default(60), key: Key });
const PostConflict = Problem.extend({ current: PostCheck.optional() }).meta({ id: 'PostCheckConflict' });

/** What is done with incidents beyond moving them, and whether somebody sits at the desk. */
export function incidentDeskRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { incidentDesk: desk } = options;

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/merge',
    config: { access: { roles: deskHands } },
    schema: { params: idParams, body: MergeBody, response: answers },
    handler: async (request) => {
      request.note['into'] = request.body.into;
      return valueOf(await desk.merge(entryOf(request).scope, actorOf(request), request.params.id, request.body));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/split',
    config: { access: { roles: deskHands } },
    schema: { params: idParams, body: SplitBody, response: answers },
    handler: async (request) =>
      valueOf(await desk.split(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/command',
    config: { access: { roles: deskHands } },
    schema: { params: idParams, body: CommandBody, response: answers },
    handler: async (request) =>
      valueOf(await desk.command(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/onward',
    config: { access: { roles: deskHands }, lifeSafety: () => true },
    schema: { params: idParams, body: OnwardBody, response: answers },
    handler: async (request) =>
      valueOf(await desk.reportOnward(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/incidents/:id/roll-calls',
    config: { access: { roles: deskHands }, lifeSafety: () => true },
    schema: { params: idParams, body: z.strictObject({ key: Key }), response: answers },
    handler: async (request) =>
      valueOf(await desk.rollCall(entryOf(request).scope, actorOf(request), request.params.id, request.body.key)),
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/roll-calls',
    config: { access: { roles: managers } },
    schema: { params: idParams, response: { 200: z.array(RollCall), '4xx': Problem } },
    handler: async (request) => [...found(await desk.rollCalls(entryOf(request).scope, request.params.id))],
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/report',
    config: { access: { roles: managers }, audited: true },
    schema: { params: idParams, response: { 200: IncidentReport, '4xx': Problem } },
    handler: async (request) => options.audit.signed(found(await desk.report(entryOf(request).scope, request.params.id))),
  });

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/report.pdf',
    config: { access: { roles: managers }, audited: true },
    schema: {
      params: idParams,
      querystring: z.strictObject({ lang: Lang.optional() }),
      response: {
        200: { description: 'The report', content: { 'application/pdf': { schema: z.instanceof(Buffer) } } },
        '4xx': Problem,
      },
    },
    handler: async (request, reply) => {
      const report = found(await desk.report(entryOf(request).scope, request.params.id));
      void reply.header('content-disposition', `attachment; filename="${report.number}.pdf"`);
      return reply.type('application/pdf').send(reportPdf(report, request.query.lang));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/me/roll-calls',
    config: { access: { roles: dutyRoles } },
    schema: { response: { 200: z.array(RollCall), '4xx': Problem } },
    handler: async (request) => [...(await desk.ownRollCalls(actorOf(request).id))],
  });

  app.route({
    method: 'POST',
    url: '/api/me/roll-calls/:id',
    config: { access: { roles: dutyRoles }, lifeSafety: () => true },
    schema: { params: idParams, body: RollAnswer, response: { 200: RollCall, '4xx': Problem } },
    handler: async (request) => valueOf(await desk.answerRollCall(actorOf(request), request.params.id, request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/post-checks',
    config: { access: { roles: postWatchers } },
    schema: { querystring: z.strictObject({ open: flag.optional() }), response: { 200: z.array(PostCheck), '4xx': Problem } },
    handler: async (request) => [...(await desk.postChecks(entryOf(request).scope, request.query.open === true))],
  });

  app.route({
    method: 'POST',
    url: '/api/post-checks',
    config: { access: { roles: auditors } },
    schema: { body: Ask, response: { 201: PostCheck, '4xx': Problem } },
    handler: async (request, reply) => {
      const { area, withinS, key } = request.body;
      const asked = { area, question: String(randomInt(1000, 10_000)), withinMs: withinS * 1000, key };
      return reply.code(201).send(valueOf(await desk.askPost(entryOf(request).scope, actorOf(request), asked)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/post-checks/:id/answer',
    config: { access: { roles: deskHands }, lifeSafety: () => true },
    schema: {
      params: idParams,
      body: z.strictObject({ answer: z.string().regex(/^\d{4}$/, 'must be four digits'), key: Key }),
      response: { 200: PostCheck, 409: PostConflict, '4xx': Problem },
    },
    handler: async (request) =>
      valueOf(await desk.answerPost(entryOf(request).scope, actorOf(request), request.params.id, request.body)),
  });
}
