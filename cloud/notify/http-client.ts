import { type Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Sent } from './action.ts';

/** One request to a provider. No redirects; a bounded answer; one time-out around it all. */
export interface HttpRequest {
  readonly url: string;
  readonly method: 'POST' | 'GET' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Why no answer came. */
export interface HttpFailure {
  readonly failed: 'blocked' | 'unreachable' | 'timeout' | 'too-large';
  readonly detail: string;
}

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer | HttpFailure>;
  close(): void;
}

export interface HttpClientOptions {
  /** Private addresses that may be reached nevertheless: a provider's gateway in the own network. Single addresses. */
  readonly allowPrivate: readonly string[];
  readonly timeoutMs: number;
}

const httpDefaults: HttpClientOptions = { allowPrivate: [], timeoutMs: 5_000 };

/** An answer longer than this is not read on. */
const answerBytes = 64 * 1024;
const socketsPerHost = 64;

/**
 * Speaks HTTP to the outside. Addresses of the own network are refused after the name was resolved, so that an address
 * typed in by a user reaches no inner service (SSRF).
 */
export function createHttpClient({ allowPrivate, timeoutMs }: HttpClientOptions = httpDefaults): HttpClient {
  const options = { keepAlive: true, maxSockets: socketsPerHost, allowIPAddressList: [...allowPrivate] };
  const http: HttpAgent = new RequestFilteringHttpAgent(options);
  const https: HttpsAgent = new RequestFilteringHttpsAgent(options);
  return {
    request: (request) => send(request, { http, https }, timeoutMs),
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function send(
  { url, method, headers, body }: HttpRequest,
  agents: { http: HttpAgent; https: HttpsAgent },
  timeoutMs: number,
): Promise<HttpAnswer | HttpFailure> {
  const isTls = url.startsWith('https:');
  const agent = isTls ? agents.https : agents.http;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const given: RequestOptions = {
    method,
    agent,
    headers: { ...headers, ...(bytes && { 'content-length': String(bytes.length) }) },
    signal: AbortSignal.timeout(timeoutMs),
  };
  return new Promise((resolve) => {
    const onAnswer = (answer: IncomingMessage) => void read(answer).then(resolve, (error: Error) => resolve(failure(error)));
    const call = isTls ? httpsRequest(url, given, onAnswer) : httpRequest(url, given, onAnswer);
    call.on('error', (error) => resolve(failure(error)));
    call.end(bytes);
  });
}

async function read(answer: IncomingMessage): Promise<HttpAnswer | HttpFailure> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > answerBytes) {
      answer.destroy();
      return { failed: 'too-large', detail: `an answer of more than ${answerBytes} bytes` };
    }
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString('utf8') };
}

function failure(error: Error): HttpFailure {
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || code === 'ABORT_ERR')
    return { failed: 'timeout', detail: 'no answer in time' };
  if (/is not allowed|private/i.test(error.message)) return { failed: 'blocked', detail: 'an address of the own network' };
  return { failed: 'unreachable', detail: code || error.message };
}

/** What a failed request means for the message: nothing was certainly delivered, so it is tried again, except where we refuse ourselves. */
export function sentOfFailure({ failed, detail }: HttpFailure): Sent {
  if (failed === 'blocked')
    return {
      state: 'never',
      code: 'blocked',
      reason: {
        zh: '目标是内网地址，不予连接；确属自有网关时请写入 allowPrivate',
        en: 'The target is an address of the own network and is not contacted; list it in allowPrivate if it is yours',
      },
    };
  const words: Record<Exclude<HttpFailure['failed'], 'blocked'>, Text> = {
    unreachable: { zh: `连不上服务商（${detail}）`, en: `The provider cannot be reached (${detail})` },
    timeout: { zh: '服务商没有及时应答', en: 'The provider did not answer in time' },
    'too-large': { zh: '服务商的应答过大', en: 'The answer of the provider is too large' },
  };
  return { state: 'try-again', code: failed, reason: words[failed] };
}

/** What a status alone says: taken, come again, or never. Undefined: taken, the body may say more. */
export function sentOfStatus({ status, headers }: HttpAnswer): Sent | undefined {
  if (status >= 200 && status < 300) return undefined;
  const code = `http-${status}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const afterMs = retryAfterMs(headers['retry-after']);
    return {
      state: 'try-again',
      code,
      reason: { zh: `服务商暂时不接受（HTTP ${status}）`, en: `The provider does not take it now (HTTP ${status})` },
      ...(afterMs !== undefined && { afterMs }),
    };
  }
  return {
    state: 'never',
    code,
    reason: { zh: `服务商拒绝（HTTP ${status}）`, en: `The provider refuses it (HTTP ${status})` },
  };
}

/** RFC 9110 §10.2.3, in seconds; a date is not worth a clock here. At most an hour. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined ? undefined : Math.min(seconds, 3_600) * 1_000;
}
