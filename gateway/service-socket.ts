import { rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Service, type ServiceAsk, serviceAsks } from './service.ts';

/**
 * 本机口: the one socket in the data folder for the commands of this machine: who may open it owns the gateway, so it asks for
 * no password. HTTP, one POST for each ask; the answer is one JSON document in each line, as it happens.
 */
export function socketOf(data: string): string {
  return join(data, 'gateway.sock');
}

/** Longer than the kernel takes (unix(7): 108 bytes with the last zero). */
export function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > 107;
}

const mostBody = 16_384;
/** That of a site file, and a little for the words around it. */
const mostSiteBody = 10 * 1024 * 1024;

/** The folder's lock must be held: a socket that an earlier run left behind is taken over. */
export async function startServiceSocket(path: string, service: Service): Promise<() => Promise<void>> {
  rmSync(path, { force: true });
  const server = createServer((asked, reply) => void handle(service, asked, reply));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return () => stopped(server);
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(service: Service, asked: IncomingMessage, reply: ServerResponse): Promise<void> {
  const gone = new AbortController();
  reply.on('close', () => gone.abort(new Error('nobody waits for it')));
  const ask = (asked.url ?? '').slice(1);
  const say = (document: unknown) => void reply.write(`${JSON.stringify(document)}\n`);
  try {
    if (asked.method !== 'POST' || !isAsk(ask)) return void reply.writeHead(404).end();
    const body = JSON.parse(await bodyOf(asked, ask === 'plan' || ask === 'change' ? mostSiteBody : mostBody)) as unknown;
    for await (const document of service.answer(ask, body, gone.signal)) say(document);
  } catch (error) {
    say({ error: failure(error) });
  }
  reply.end();
}

function isAsk(text: string): text is ServiceAsk {
  return Object.hasOwn(serviceAsks, text);
}

async function bodyOf(asked: IncomingMessage, most: number): Promise<string> {
  let text = '';
  for await (const chunk of asked.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > most) throw new RangeError('too long');
  }
  return text;
}

function failure(error: unknown): { zh: string; en: string } {
  if (error instanceof z.ZodError)
    return { zh: `请求不对：${z.prettifyError(error)}`, en: `Malformed: ${z.prettifyError(error)}` };
  return { zh: `没有做成（${String(error)}）。`, en: `It was not done (${String(error)}).` };
}

/** Asks the gateway of this data folder. @throws Error with `code` ENOENT or ECONNREFUSED where none runs. */
export async function* askService(data: string, ask: ServiceAsk, body: unknown, signal?: AbortSignal): AsyncGenerator {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = request({ socketPath: socketOf(data), path: `/${ask}`, method: 'POST', ...(signal && { signal }) }, resolve);
  asking.on('error', reject);
  asking.end(JSON.stringify(body));
  const answer = await promise;
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode ?? ''}`);
  for await (const line of createInterface({ input: answer.setEncoding('utf8') }))
    if (line !== '') yield JSON.parse(line) as unknown;
}
