import type { FastifyRequest } from 'fastify';
import { entryOf } from './access.ts';
import type { Reader, RegistryRefusal, Said } from './needs.ts';
import { markRepeat } from './outcome.ts';
import { type ProblemCode, Refusal } from './problem.ts';

const codes: Readonly<Record<RegistryRefusal, ProblemCode>> = {
  'not-found': 'not-found',
  version: 'version',
  'key-reused': 'key-reused',
  invalid: 'bad-request',
  'not-yours': 'not-yours',
  'wrong-state': 'wrong-state',
  'too-many': 'too-many',
};

/** The value the registry answered, or its refusal as a problem: each field with its sentence, the object as it is now. */
export function registryValue<T>(answer: Said<T>): T {
  if (answer.ok) return markRepeat(answer.value, answer.repeated);
  const { code, issues = [], sentence = issues[0]?.message, current } = answer;
  throw new Refusal(codes[code], {
    ...(sentence === undefined ? {} : { sentence }),
    ...(issues.length === 0
      ? {}
      : {
          issues: issues.map(({ path, message }) => ({ path: `/${path}`, message: `${message.zh} ${message.en ?? ''}`.trim() })),
        }),
    ...(current === undefined ? {} : { current }),
  });
}

/** Who asks, as the registry knows readers. */
export function readerOf(request: FastifyRequest): Reader {
  const { caller, scope } = entryOf(request);
  return { id: caller.user.id, grants: caller.user.grants, scope };
}
