import { randomUUID } from 'node:crypto';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answerProblem } from '../answer-page.ts';
import { errandPage } from '../errand-page.ts';
import { addForms, goTo, html, linkDoor, show } from '../link-pages.ts';
import { Key } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const Form = z.strictObject({ answer: z.enum(['accept', 'decline']), key: Key });
const tokenParams = z.strictObject({ token: z.string().max(64) });
const notOurs = [
  '链接不完整，或已过 24 小时。请登录手机端查看任务，或打电话给值班室。',
  'It is not whole, or older than 24 hours. Sign in on the phone page to see the task, or call the desk.',
] as const;

/** 任务链接. Public: the link is the key, signed for one person's errand, for a day. */
export function errandRoutes(instance: FastifyInstance, { errands, clock }: WebOptions): void {
  addForms(instance);
  const { config, holdBack } = linkDoor(clock, (token) => errands.isToken(token));
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/t/:token',
    config,
    schema: { params: tokenParams, response: { 200: html, 404: html, '4xx': Problem } },
    handler: async (request, reply) => {
      const { token } = request.params;
      const view = await errands.view(token);
      if (view === null) return show(reply.code(404), answerProblem(...notOurs));
      holdBack(reply, token);
      return show(reply, errandPage(view, randomUUID()));
    },
  });

  app.route({
    method: 'POST',
    url: '/t/:token',
    config,
    schema: { params: tokenParams, body: Form, response: { 303: z.string(), 404: html, '4xx': Problem } },
    handler: async (request, reply) => {
      const { token } = request.params;
      if (!errands.isToken(token)) return show(reply.code(404), answerProblem(...notOurs));
      holdBack(reply, token);
      const { answer, key } = request.body;
      if (!(await errands.answer(token, answer, key))) return show(reply.code(404), answerProblem(...notOurs));
      return goTo(reply, `/t/${token}`);
    },
  });
}
