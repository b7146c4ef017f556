import { LocalNewProfile, LocalRecogniseRequest } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { given, Refusal } from '../problem.ts';

/** A device that nobody knows becomes a profile: values found in its registers, a check, a file. */
export function newProfileRoutes(app: FastifyInstance, { desk: { making }, tell }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.get('/api/profile/words', installer, () => Promise.resolve(making.words()));
  app.post('/api/profile/recognise', installer, async ({ body }) => {
    const found = await making.recognise(given(LocalRecogniseRequest, body));
    if ('refused' in found) throw new Refusal('refused', { sentence: found.refused });
    return found;
  });
  app.post('/api/profile/check', installer, async ({ body }) => {
    const checked = await making.check(given(LocalNewProfile, body));
    if ('refused' in checked) throw new Refusal('refused', { sentence: checked.refused });
    return checked;
  });
  app.post('/api/profile', installer, async ({ body, ip }) => {
    const saved = await making.save(given(LocalNewProfile, body));
    if ('refused' in saved) {
      const issues = saved.problems.map(({ field, zh, en }) => ({
        path: `/${field.replaceAll('.', '/')}`,
        message: `${zh} ${en}`,
      }));
      throw new Refusal('refused', { sentence: saved.refused, ...(issues.length > 0 && { issues }) });
    }
    tell('info', { ip, profile: saved.id, file: saved.file }, 'a profile was made at the local page');
    return saved;
  });
}
