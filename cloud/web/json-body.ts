import type { FastifyInstance } from 'fastify';
import { limits } from '../limits.ts';
import { Refusal } from './problem.ts';

/** JSON is the only body there is: no prototype keys (secure-json-parse), nested at most `bodyDepth` deep. */
export function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text === '') return done(null, undefined);
    if (isDeeper(text, limits.bodyDepth)) return done(new Refusal('too-deep'));
    return parse(request, text, done);
  });
}

/** Counts brackets outside of strings before anything is built of them. */
function isDeeper(text: string, depth: number): boolean {
  let open = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (inString && letter === '\\') index += 1;
    else if (letter === '"') inString = !inString;
    else if (!inString && (letter === '{' || letter === '[')) open += 1;
    else if (!inString && (letter === '}' || letter === ']')) open -= 1;
    if (open > depth) return true;
  }
  return false;
}
