import { randomUUID } from 'node:crypto';
import { CallAnswer } from '@yihu/device-profiles/vocabulary/call.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answerPage, answerProblem, answerStyle } from '../answer-page.ts';
import { addForms, goTo, html, linkDoor, show } from '../link-pages.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const Form = z.strictObject({
  answer: CallAnswer,
  household: z.literal('yes').optional(),
  note: z.union([z.literal('').transform(() => undefined), safeText(300)]).optional(),
  key: Key,
});

const tokenParams = z.strictObject({ token: z.string().max(64) });

/**
 * 应答页. Public: the link is the key, signed for one person and one call. A telephone company's address is shared by
 * thousands, so a good link has a share of its own instead of its address's.
 */
export function answerRoutes(instance: FastifyInstance, { calls, clock }: WebOptions): void {
  addForms(instance);
  const { config, holdBack } = linkDoor(clock, (token) => calls.isToken(token));
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/a/style.css',
    config: { access: 'public' },
    schema: { response: { 200: { content: { 'text/css': { schema: z.string() } } }, '4xx': Problem } },
    handler: async (_request, reply) =>
      reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').serializer(String).send(answerStyle),
  });

  app.route({
    method: 'GET',
    url: '/a/:token',
    config,
    schema: { params: tokenParams, response: { 200: html, 404: html, '4xx': Problem } },
    handler: async (request, reply) => {
      const { token } = request.params;
      const view = await calls.answerPage(token);
      if (view === null) return show(reply.code(404), answerProblem(...notOurs));
      holdBack(reply, token);
      return show(reply, answerPage(view, randomUUID()));
    },
  });

  app.route({
    method: 'POST',
    url: '/a/:token',
    config,
    schema: { params: tokenParams, body: Form, response: { 303: z.string(), 404: html, '4xx': Problem } },
    handler: async (request, reply) => {
      const { token } = request.params;
      if (!calls.isToken(token)) return show(reply.code(404), answerProblem(...notOurs));
      holdBack(reply, token);
      const { answer, household, note, key } = request.body;
      const given = { answer, household: household === 'yes', note: note ?? null, people: null, key };
      const outcome = await calls.answer(token, given);
      if (outcome === 'unknown') return show(reply.code(404), answerProblem(...notOurs));
      return goTo(reply, `/a/${token}`);
    },
  });
}

const notOurs = [
  '链接不完整或已失效。请直接回复短信数字，或打电话给网格员。有危险请拨打 119、110 或 120。',
  'It is not whole, or no longer good. Answer the SMS with its digit, or call your grid worker. In danger dial 119, 110 or 120.',
] as const;
