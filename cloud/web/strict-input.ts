import type { FastifyInstance } from 'fastify';
import { isUnsafe } from './access.ts';
import { Refusal } from './problem.ts';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** At most so many are listed; a body full of them is told enough. */
const mostIssues = 20;

/**
 * What is refused wherever it stands: U+0000, which no text of ours and no database holds, in body, query and path; and a body
 * where a route takes none, because whoever sends one means something by it that would not happen.
 */
export function refuseStrayInput(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    if (request.is404) return;
    const { body, query, params, routeOptions } = request;
    const issues: Issue[] = [];
    for (const part of [params, query, body]) findNul(part, '', issues);
    if (isUnsafe(request.method) && routeOptions.schema?.body === undefined) issues.push(...strayBody(body));
    if (issues.length > 0) throw new Refusal('bad-request', { issues: issues.slice(0, mostIssues) });
  });
}

/** Fields of a JSON body that nobody reads; tables and what providers send come as bytes and text. */
function strayBody(body: unknown): Issue[] {
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return [];
  const names = Object.keys(body);
  const message = 'is not a field of this request';
  return names.length === 0 ? [] : names.map((name) => ({ path: `/${name}`, message }));
}

function findNul(value: unknown, path: string, issues: Issue[]): void {
  if (issues.length >= mostIssues) return;
  if (typeof value === 'string') {
    if (value.includes('\u0000')) issues.push({ path: path || '/', message: 'must not contain the character U+0000' });
    return;
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  for (const [name, item] of Object.entries(value)) {
    const shown = name.replaceAll('\u0000', '');
    if (shown !== name) issues.push({ path: `${path}/${shown}`, message: 'must not contain the character U+0000' });
    findNul(item, `${path}/${shown}`, issues);
  }
}
