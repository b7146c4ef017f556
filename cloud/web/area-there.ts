import type { FastifyRequest } from 'fastify';
import { entryOf } from './access.ts';
import { Refusal } from './problem.ts';
import type { WebOptions } from './server.ts';

/**
 * An area that is named must be there: a roster, a window or a hand-over of a mistyped grid would be kept and never come to bear.
 * That it is the caller's was found before. @throws a bad request with the field of each that is not.
 */
export async function mustBeThere(
  request: FastifyRequest,
  { areas }: Pick<WebOptions, 'areas'>,
  named: Readonly<Record<string, string>>,
): Promise<void> {
  const { scope } = entryOf(request);
  const pages = await Promise.all(
    Object.entries(named).map(async ([path, area]) => ({ path, isThere: (await areas.page(scope, area)) !== null })),
  );
  const issues = pages.filter(({ isThere }) => !isThere).map(({ path }) => ({ path, message: 'is no area that is there' }));
  if (issues.length > 0) throw new Refusal('bad-request', { issues });
}
