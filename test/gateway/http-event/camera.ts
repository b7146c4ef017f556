import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

interface Manners {
  /** Instead of the usual answer; false: nothing of it, go on as usual. */
  answer?: (request: Heard, response: ServerResponse) => boolean;
  password?: string;
  algorithm?: 'MD5' | 'SHA-256';
  /** A nonce is good for so many requests. */
  nonceUses?: number;
  tls?: { key: string; cert: string };
}

/** A camera written for these tests, with a digest of its own. Streams are written to by hand. */
export async function camera(manners: Manners = {}) {
  const heard: Heard[] = [];
  const streams: ServerResponse[] = [];
  const sockets = new Set<Socket>();
  const nonces = new Map<string, number>();
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server: Server = manners.tls ? createTlsServer(manners.tls, listener) : createServer(listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  async function serve(request: IncomingMessage, response: ServerResponse) {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const said = { method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization, body };
    heard.push(said);
    if (manners.password !== undefined) {
      const verdict = judge(said, manners.password, manners.algorithm ?? 'MD5');
      if (verdict !== 'good') return challenge(response, verdict);
    }
    if (manners.answer?.(said, response)) return;
    response.writeHead(200, { 'Content-Type': 'multipart/mixed; boundary=MIME_boundary' });
    response.flushHeaders();
    streams.push(response);
  }
  function challenge(response: ServerResponse, verdict: 'stale' | 'wrong') {
    const nonce = randomBytes(8).toString('hex');
    nonces.set(nonce, 0);
    const stale = verdict === 'stale' ? ', stale="true"' : '';
    const algorithm = manners.algorithm === undefined ? '' : `, algorithm=${manners.algorithm}`;
    response.writeHead(401, { 'WWW-Authenticate': `Digest realm="cam", qop="auth", nonce="${nonce}"${algorithm}${stale}` }).end();
  }
  function judge({ method, url, authorization = '' }: Heard, password: string, algorithm: 'MD5' | 'SHA-256') {
    const said = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
    const hash = (text: string) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const nonce = said('nonce');
    const uses = nonces.get(nonce);
    if (uses === undefined) return 'wrong';
    const proof = [hash(`admin:cam:${password}`), nonce, said('nc'), said('cnonce'), 'auth', hash(`${method}:${url}`)].join(':');
    if (hash(proof) !== said('response') || said('username') !== 'admin' || Number.parseInt(said('nc'), 16) !== uses + 1)
      return 'wrong';
    if (uses >= (manners.nonceUses ?? Infinity)) return 'stale';
    nonces.set(nonce, uses + 1);
    return 'good';
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { port, heard, streams, manners, latest: () => streams.at(-1) as ServerResponse };
}

/** A part of an alertStream, as Hikvision writes it. */
export function part(body: unknown, length?: number | null, type = 'application/json'): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const size = length === null ? '' : `Content-Length: ${length ?? Buffer.byteLength(text)}\r\n`;
  return `--MIME_boundary\r\nContent-Type: ${type}; charset="UTF-8"\r\n${size}\r\n${text}\r\n`;
}

export const heartbeat =
  '<EventNotificationAlert><eventType>videoloss</eventType><eventState>inactive</eventState></EventNotificationAlert>';

/** Answers searches for events out of a memory of numbers, as Hikvision does: no order, so many at a time. */
export function searching(memory: () => readonly Record<string, unknown>[]) {
  return ({ url, body }: Heard, response: ServerResponse): boolean => {
    if (!url.startsWith('/ISAPI/AccessControl/AcsEvent')) return false;
    const { AcsEventCond: asked } = JSON.parse(body) as { AcsEventCond: Record<string, number> };
    const { beginSerialNo = 0, endSerialNo = 0, maxResults = 0 } = asked;
    const matches = memory().filter(({ serialNo }) => Number(serialNo) >= beginSerialNo && Number(serialNo) <= endSerialNo);
    const page = matches.toSorted((a, b) => Number(a['serialNo']) - Number(b['serialNo'])).slice(0, maxResults);
    const status = page.length === 0 ? 'NO MATCH' : page.length < matches.length ? 'MORE' : 'OK';
    const AcsEvent = {
      responseStatusStrg: status,
      numOfMatches: page.length,
      totalMatches: matches.length,
      ...(page.length > 0 && { InfoList: page.toReversed() }),
    };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ AcsEvent }));
    return true;
  };
}
