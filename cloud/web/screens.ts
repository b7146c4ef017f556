import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './problem.ts';

const year = 365 * 24 * 60 * 60 * 1000;
/** Letters, digits, dot, underscore, hyphen; no segment that begins with a dot, so nothing climbs and nothing hidden shows. */
const plainPath = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/;

/**
 * The built screens. Files under `assets/` carry their hash in the name and are kept for a year; a path that is no file
 * gives the page of the application it lies in, so that a screen's own addresses can be reloaded.
 */
export async function screenRoutes(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null || !existsSync(path.join(folder, 'index.html'))) return;
  await app.register(staticFiles, { root: folder, serve: false, cacheControl: false, dotfiles: 'deny' });
  app.route({
    method: 'GET',
    url: '/*',
    config: { access: 'public' },
    schema: { hide: true },
    handler: (request, reply) => {
      const asked = (request.params as { '*': string })['*'];
      if (!plainPath.test(asked) || asked.startsWith('api/')) throw new Refusal('not-found');
      return sendScreen(reply, folder, asked);
    },
  });
}

function sendScreen(reply: FastifyReply, folder: string, asked: string): FastifyReply {
  const isFile = /\.[A-Za-z0-9]+$/.test(asked);
  if (isFile && !liesIn(folder, asked)) throw new Refusal('not-found');
  const file = isFile ? asked : pageOf(folder, asked);
  const lasting = file.startsWith('assets/');
  void reply.header('cache-control', lasting ? `public, max-age=${year / 1000}, immutable` : 'no-cache');
  return reply.sendFile(file);
}

/** There, and really in the folder: a link that leads out of it is not followed. */
function liesIn(folder: string, asked: string): boolean {
  const file = path.join(folder, asked);
  return existsSync(file) && realpathSync(file).startsWith(`${realpathSync(folder)}${path.sep}`);
}

function pageOf(folder: string, asked: string): string {
  const [first = ''] = asked.split('/', 1);
  const page = first === '' ? 'index.html' : `${first}/index.html`;
  return liesIn(folder, page) ? page : 'index.html';
}
