import { LocalSurveyRequest } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { given, Refusal } from '../problem.ts';

/** 扫描网络: where one may look, looking, how far it is, and stopping. */
export function surveyRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.get('/api/survey/places', installer, () => Promise.resolve(desk.surveys.places()));
  app.get('/api/survey', installer, () => Promise.resolve({ survey: desk.surveys.now() }));
  app.post('/api/survey', installer, async ({ body }) => {
    const begun = desk.surveys.start(given(LocalSurveyRequest, body));
    if ('refused' in begun) throw new Refusal('refused', { sentence: begun.refused });
    return begun;
  });
  app.delete('/api/survey', installer, async (_request, reply) => {
    desk.surveys.stop();
    return reply.code(204).send();
  });
}
