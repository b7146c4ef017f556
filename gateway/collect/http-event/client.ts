import { createHash, randomBytes } from 'node:crypto';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { Egress } from '../driver.ts';
import { readSecret } from './credentials.ts';
import { answerTo, type Challenge, challengeOf, type Login } from './digest.ts';
import { limits } from './limits.ts';
import type { HttpEventAddress } from './port.ts';
import { type Trouble, troubles } from './trouble.ts';

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path and query. */
  readonly path: string;
  readonly type?: string | undefined;
  readonly body?: string | undefined;
}

export interface Whole {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
}

export interface Answer extends Whole {
  readonly text: string;
}

export interface Bounds {
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** Where a device is and who we are to it. */
export type DeviceAddress = Pick<HttpEventAddress, 'host' | 'port' | 'fingerprint' | 'username' | 'passwordFile' | 'auth'>;

export interface ClientParts {
  readonly address: DeviceAddress;
  readonly folder: string;
  readonly egress: Egress | undefined;
  readonly clock: Clock;
}

interface Session {
  readonly challenge: Challenge;
  count: number;
}

/** A head that has come; its body is still to be read from `incoming`. */
interface Opened {
  readonly incoming: IncomingMessage;
  close(): void;
}

/**
 * Goes to one device: only where the site allows, to the address that was resolved, never where the device would send us
 * (a redirect), and with the login in a digest. One connection per request: devices keep few, and close them as they like.
 */
export class DeviceClient {
  readonly #parts: ClientParts;
  /** The nonce of the last good exchange. One exchange uses it at a time: a device that counts takes no number twice, or late. */
  #session: Session | null = null;
  /** A login that was refused, so that it is not tried until the account is locked. */
  #refused: { readonly login: string; readonly untilMono: number } | null = null;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** The whole answer as text, whatever its status; or why there is none. Never rejects. */
  async ask(ask: Ask, signal: AbortSignal, timeoutMs: number = limits.answerMs): Promise<Answer | Trouble> {
    const whole = await this.fetch(ask, signal, { timeoutMs, mostBytes: limits.answerBytes });
    return 'code' in whole ? whole : { ...whole, text: whole.bytes.toString() };
  }

  /** The whole answer, whatever its status; or why there is none. Never rejects. */
  async fetch(ask: Ask, signal: AbortSignal, { timeoutMs, mostBytes }: Bounds): Promise<Whole | Trouble> {
    const own = new AbortController();
    const whole = AbortSignal.any([signal, own.signal]);
    const timer = this.#parts.clock.after(timeoutMs, () => own.abort());
    try {
      const opened = await this.open(ask, whole);
      return 'code' in opened ? opened : await readWhole(opened, mostBytes);
    } finally {
      timer.cancel();
    }
  }

  /** The answer with its body still to come; the caller closes it. Never rejects. */
  async open(ask: Ask, signal: AbortSignal): Promise<Opened | Trouble> {
    const login = this.#login();
    if (login !== null && 'code' in login) return login;
    let session = this.#session;
    this.#session = null;
    for (let attempt = 1; ; attempt++) {
      const isOld = attempt === 1 && session !== null;
      const opened = await this.#once(ask, this.#authorization(ask, login, session), signal);
      if ('code' in opened) return opened;
      const { statusCode = 0, headers } = opened.incoming;
      if (statusCode >= 300 && statusCode < 400) return discarded(opened, troubles.redirect());
      if (statusCode !== 401) {
        this.#session = session;
        return opened;
      }
      opened.close();
      const next = this.#challenged(headers['www-authenticate'] ?? '', login, session !== null && !isOld, attempt);
      if ('code' in next) return next;
      session = next;
    }
  }

  #login(): Login | Trouble | null {
    const { address, folder, clock } = this.#parts;
    if (address.username === undefined || address.passwordFile === undefined) return null;
    const read = readSecret(folder, address.passwordFile);
    if ('wrong' in read) return troubles.secret(read.wrong.zh, read.wrong.en);
    const login = { username: address.username, password: read.secret };
    if (this.#refused?.login === fingerprintOf(login) && clock.mono() < this.#refused.untilMono) return troubles.wrongLogin();
    return login;
  }

  #authorization(ask: Ask, login: Login | null, session: Session | null): string | undefined {
    if (login === null) return undefined;
    if (this.#parts.address.auth === 'basic')
      return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (session === null) return undefined;
    const clientNonce = randomBytes(12).toString('hex');
    return answerTo(session.challenge, login, { method: ask.method, uri: ask.path, nonceCount: ++session.count, clientNonce });
  }

  /** After a 401: the session for the next attempt, or why there is none. `hasAnswered`: a challenge of this very exchange. */
  #challenged(header: string, login: Login | null, hasAnswered: boolean, attempt: number): Session | Trouble {
    if (login === null) return troubles.noLogin();
    const isBasic = this.#parts.address.auth === 'basic';
    const challenge = isBasic ? undefined : challengeOf([header]);
    if (challenge === undefined && !isBasic) return troubles.unknownLogin();
    const mayStillFit = challenge !== undefined && (!hasAnswered || challenge.isStale) && attempt < limits.attempts;
    if (mayStillFit) return { challenge, count: 0 };
    this.#refused = { login: fingerprintOf(login), untilMono: this.#parts.clock.mono() + limits.wrongLoginMs };
    return troubles.wrongLogin();
  }

  async #once(ask: Ask, authorization: string | undefined, signal: AbortSignal): Promise<Opened | Trouble> {
    const { address, egress } = this.#parts;
    if (egress === undefined) return troubles.noEgress();
    const host = address.host as string;
    const allowed = await egress.resolve(host);
    if ('refused' in allowed) return troubles.egress(allowed.refused.zh, allowed.refused.en ?? allowed.refused.zh);
    const connected = await this.#connect(allowed.address, signal);
    if ('code' in connected) return connected;
    const port = portOf(address);
    const isUsual = port === (address.fingerprint === undefined ? 80 : 443);
    return exchange(connected.socket, ask, isUsual ? host : `${host}:${port}`, authorization, signal);
  }

  /** A socket to that very address; over TLS only to the holder of the certificate that the site names. */
  #connect(address: string, signal: AbortSignal): Promise<{ socket: Socket } | Trouble> {
    const { fingerprint } = this.#parts.address;
    const target = { host: address, port: portOf(this.#parts.address) };
    const { promise, resolve } = Promise.withResolvers<{ socket: Socket } | Trouble>();
    const socket: Socket | TLSSocket =
      fingerprint === undefined ? connectTcp(target) : connectTls({ ...target, rejectUnauthorized: false });
    const fail = (trouble: Trouble) => {
      socket.destroy();
      resolve(trouble);
    };
    const onAbort = () => fail(troubles.silent(false));
    const timer = this.#parts.clock.after(limits.connectMs, onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    };
    socket.setNoDelay(true);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      done();
      fail(troubles.unreachable(error.code ?? error.message));
    });
    socket.once(fingerprint === undefined ? 'connect' : 'secureConnect', () => {
      done();
      const shown = 'getPeerCertificate' in socket ? socket.getPeerCertificate().fingerprint256?.replaceAll(':', '') : undefined;
      if (shown === fingerprint) resolve({ socket });
      else fail(troubles.fingerprint());
    });
    return promise;
  }
}

function exchange(
  socket: Socket,
  ask: Ask,
  host: string,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<Opened | Trouble> {
  const body = ask.body === undefined ? undefined : Buffer.from(ask.body);
  const { promise, resolve } = Promise.withResolvers<Opened | Trouble>();
  const request = httpRequest({
    method: ask.method,
    path: ask.path,
    createConnection: () => socket,
    maxHeaderSize: limits.answerHeadBytes,
    headers: {
      Host: host,
      Accept: '*/*',
      Connection: 'close',
      'User-Agent': 'yihu-gateway',
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { 'Content-Type': ask.type ?? 'text/plain', 'Content-Length': body.length }),
    },
  });
  const close = () => {
    signal.removeEventListener('abort', onAbort);
    request.destroy();
    socket.destroy();
  };
  const onAbort = () => {
    close();
    resolve(troubles.silent(true));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  request.once('response', (incoming) => resolve({ incoming, close }));
  // Later errors belong to who reads the body; here they only must not be unheard.
  request.on('error', (error: NodeJS.ErrnoException) => {
    close();
    resolve(troubles.broken(error.code ?? error.message, true));
  });
  if (signal.aborted) onAbort();
  else request.end(body);
  return promise;
}

async function readWhole(opened: Opened, mostBytes: number): Promise<Whole | Trouble> {
  const { incoming } = opened;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) return troubles.tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    return troubles.broken((error as NodeJS.ErrnoException).code ?? String(error), true);
  } finally {
    opened.close();
  }
  const { statusCode = 0, headers } = incoming;
  return { status: statusCode, type: headers['content-type'] ?? '', bytes: Buffer.concat(chunks) };
}

function discarded(opened: Opened, trouble: Trouble): Trouble {
  opened.close();
  return trouble;
}

function portOf({ port, fingerprint }: DeviceAddress): number {
  return port ?? (fingerprint === undefined ? 80 : 443);
}

/** Tells one login from another without keeping it. */
function fingerprintOf({ username, password }: Login): string {
  return createHash('sha256').update(`${username}\n${password}`).digest('hex');
}
