import type { FastifyRequest } from 'fastify';
import { everywhere } from '../registry/rights.ts';
import { entryOf } from './access.ts';
import { Refusal } from './problem.ts';
import type { WebOptions } from './server.ts';

/**
 * An area that is named must be there: a roster, a window, a right or a key of a mistyped grid would be kept and never come to bear,
 * or come to bear on whatever is given that path one day. The whole tree (the empty path) is always there.
 * That it is the caller's was found before. @throws a bad request with the field of each that is not.
 */
export async function mustBeThere(
  request: FastifyRequest,
  { areas }: Pick<WebOptions, 'areas'>,
  named: Readonly<Record<string, string>>,
): Promise<void> {
  const { scope } = entryOf(request);
  const pages = await Promise.all(
    Object.entries(named)
      .filter(([, area]) => area !== everywhere)
      .map(async ([path, area]) => ({ path, isThere: (await areas.page(scope, area)) !== null })),
  );
  const issues = pages.filter(({ isThere }) => !isThere).map(({ path }) => ({ path, message: 'is no area that is there' }));
  if (issues.length > 0) throw new Refusal('bad-request', { issues });
}
