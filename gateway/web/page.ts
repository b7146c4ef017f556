import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './problem.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/**
 * The built page, read once: a dozen small files by their paths, so that nothing else can be asked for. What is no file gives
 * the page itself, whose own addresses can so be reloaded.
 */
export function servePage(app: FastifyInstance, folder: string): void {
  const files = readFiles(folder);
  const index = files.get('index.html');
  if (!index) return;
  app.route({
    method: 'GET',
    url: '/*',
    config: { callers: 'public' },
    handler: (request, reply) => {
      const asked = (request.params as { '*': string })['*'];
      // Ids of devices may have dots in them.
      const isFile = asked.startsWith('api/') || (extname(asked) !== '' && !asked.startsWith('devices/'));
      const file = files.get(asked) ?? (isFile ? undefined : index);
      if (!file) throw new Refusal('not-found');
      const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (isZipped) void reply.header('content-encoding', 'gzip');
      const lasting = asked.startsWith('assets/');
      return reply
        .header('vary', 'accept-encoding')
        .header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
        .type(file.type)
        .send(isZipped ? file.zipped : file.plain);
    },
  });
}

function readFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of namesIn(folder)) {
    const type = types[extname(name)];
    if (type === undefined || name.startsWith('.')) continue;
    const plain = readFileSync(join(folder, name));
    files.set(name.replaceAll('\\', '/'), { type, plain, zipped: gzipSync(plain) });
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    // Not built: the API works without its page.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
