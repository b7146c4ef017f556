import { CallAreaCount, CallKind, CallPress, CallState, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import { CallAudience, CallDetail, CallPreview, CallTemplate, CallWaits } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, entryOf } from '../access.ts';
import { idParams, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import type { CallDone, CallDraft } from '../needs.ts';
import { markRepeat, valueOf } from '../outcome.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, callMakers, callMovers, watchers } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const version = z.number().int().nonnegative();
const CallConflict = Problem.extend({ current: CallDetail.optional() }).meta({ id: 'CallConflict' });

const draft = {
  kind: CallKind,
  /** Either a template with its values, or own words. */
  template: z
    .strictObject({ id: AnyId, values: z.record(z.string().max(20), safeText(100)).default({}) })
    .nullable()
    .default(null),
  title: safeText(60).optional(),
  text: safeText(400).optional(),
  lifeSafety: z.boolean().optional(),
  audience: CallAudience,
  waits: CallWaits.optional(),
  startsAt: z.number().int().nullable().default(null),
  incident: AnyId.nullable().default(null),
  supersedes: AnyId.nullable().default(null),
};
const NewCall = z.strictObject({ ...draft, key: Key });
const CallEdit = z.strictObject({ ...draft, version });
const MoveBody = z.strictObject({ move: CallPress, version, reason: safeText(300).optional(), key: Key });
const TemplateBody = z.strictObject({
  version,
  name: safeText(40),
  title: safeText(60),
  text: safeText(400),
  lifeSafety: z.boolean(),
  retired: z.boolean().default(false),
});

function bad(path: string, message: string): Refusal {
  return new Refusal('bad-request', { issues: [{ path, message }] });
}

/** What was asked for as a draft: the template filled, its version frozen; every field that is wrong by its path. */
async function draftOf(
  { calls, clock }: WebOptions,
  body: z.output<typeof CallEdit> | z.output<typeof NewCall>,
): Promise<CallDraft> {
  const { kind, audience, startsAt, incident, supersedes } = body;
  if (startsAt !== null && startsAt < clock.now() - 60_000) throw bad('/startsAt', 'lies in the past');
  const words = await calls.words(body.template, { title: body.title, text: body.text, lifeSafety: body.lifeSafety });
  if ('issue' in words) throw bad(words.issue.path, words.issue.message);
  const waits = body.waits ?? calls.usualWaits(words.lifeSafety);
  const problem = calls.waitsProblem(waits);
  if (problem !== null) throw bad('/waits', problem);
  return { kind, audience, startsAt, incident, supersedes, waits, ...words };
}

async function detailOf({ calls }: WebOptions, request: FastifyRequest, id: string): Promise<CallDetail> {
  return found(await calls.detail(entryOf(request).scope, id, actorOf(request).id));
}

/** The call as it is now, or the refusal with it. */
export async function afterwards(
  options: WebOptions,
  request: FastifyRequest,
  id: string | null,
  done: CallDone,
): Promise<CallDetail> {
  if (!('refused' in done)) return markRepeat(await detailOf(options, request, done.id), done.repeated);
  const current = id === null ? null : await options.calls.detail(entryOf(request).scope, id, actorOf(request).id);
  return valueOf({ ok: false, refusal: done.refused, current });
}

export function callRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { calls } = options;

  app.route({
    method: 'GET',
    url: '/api/call-templates',
    config: { access: { roles: watchers } },
    schema: { response: { 200: z.array(CallTemplate), '4xx': Problem } },
    handler: () => calls.templates(),
  });

  app.route({
    method: 'PUT',
    url: '/api/call-templates/:id',
    config: { access: { roles: administrators } },
    schema: { params: idParams, body: TemplateBody, response: { 200: CallTemplate, '4xx': Problem } },
    handler: async (request) => {
      const problem = calls.templateProblem(`${request.body.title}${request.body.text}`);
      if (problem !== null) throw bad('/text', problem.en ?? problem.zh);
      const made = await calls.putTemplate({ id: request.params.id, ...request.body }, actorOf(request).id);
      if (made === null) throw new Refusal('version');
      return made;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/call-previews',
    config: { access: { roles: callMakers } },
    schema: { body: z.strictObject({ audience: CallAudience }), response: { 200: CallPreview, '4xx': Problem } },
    handler: async (request) => {
      const { scope, caller } = entryOf(request);
      const reader = { id: caller.user.id, grants: caller.user.grants, scope };
      const preview = await calls.preview(reader, request.body.audience);
      if (preview === null) throw bad('/audience', 'names an area that is not there or not yours');
      return preview;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls',
    config: { access: { roles: watchers, scope: 'calls:read' } },
    schema: {
      querystring: z.strictObject({
        state: z.union([CallState, z.array(CallState).max(9)]).optional(),
        incident: AnyId.optional(),
        ...paging,
      }),
      response: { 200: pageOf(CallSummary), '4xx': Problem },
    },
    handler: async (request) => {
      const { state, incident, after, limit } = request.query;
      const states = state === undefined ? undefined : [state].flat();
      return pageBody(await calls.list(entryOf(request).scope, given({ states, incident, after, limit })));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/calls',
    config: { access: { roles: callMakers } },
    schema: { body: NewCall, response: { 201: CallDetail, 409: CallConflict, '4xx': Problem } },
    handler: async (request, reply) => {
      const pressing = { scope: entryOf(request).scope, actor: actorOf(request), key: request.body.key };
      const done = await calls.create(pressing, await draftOf(options, request.body));
      const call = await afterwards(options, request, null, done);
      request.note['call'] = call.id;
      return reply.code(201).send(call);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id',
    config: { access: { roles: watchers } },
    schema: { params: idParams, response: { 200: CallDetail, '4xx': Problem } },
    handler: (request) => detailOf(options, request, request.params.id),
  });

  app.route({
    method: 'PUT',
    url: '/api/calls/:id',
    config: { access: { roles: callMakers } },
    schema: { params: idParams, body: CallEdit, response: { 200: CallDetail, 409: CallConflict, '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const wanted = { id, version: request.body.version, draft: await draftOf(options, request.body) };
      const done = await calls.change({ scope: entryOf(request).scope, actor: actorOf(request) }, wanted);
      return afterwards(options, request, id, done);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/calls/:id/moves',
    // Taking a wrong call back, and calling at all, never waits for a rate limit.
    config: { access: { roles: callMovers }, lifeSafety: () => true },
    schema: { params: idParams, body: MoveBody, response: { 200: CallDetail, 409: CallConflict, '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const { key, ...move } = request.body;
      request.note['move'] = move.move;
      const done = await calls.press({ scope: entryOf(request).scope, actor: actorOf(request), key }, { id, ...move });
      return afterwards(options, request, id, done);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/calls/:id/counts',
    config: { access: { roles: watchers, scope: 'calls:read' } },
    schema: { params: idParams, response: { 200: z.array(CallAreaCount), '4xx': Problem } },
    handler: async (request) => {
      const { id } = await detailOf(options, request, request.params.id);
      return calls.counts(entryOf(request).scope, id);
    },
  });
}
