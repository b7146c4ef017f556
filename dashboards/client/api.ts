import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';

/** What the cloud refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  /** The object as it is now, where somebody was first (409). */
  readonly current: unknown;

  constructor(status: number, problem: Problem, current: unknown) {
    super(problem.code);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
    this.current = current;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

let csrf = '';

/** The token of the session, sent back with every unsafe request. */
export function keepCsrf(token: string): void {
  csrf = token;
}

/** Whom this page talks to, for what is said when it does not answer. */
let server = { zh: '云端', en: 'The cloud' };

export function talkTo(named: { zh: string; en: string }): void {
  server = named;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type AnswerBody = { code?: unknown; message?: unknown; current?: unknown };

const answerTimeoutMs = 10_000;
/** A photo on a stairwell's network. */
const pictureTimeoutMs = 60_000;

/** One request, its body as JSON or, where it is a file, as it is; resolves to the body (or undefined where there is none) and rejects with an ApiError and nothing else. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  return answered<T>(await reach(method, path, { ...sendingOf(body), withinMs: answerTimeoutMs }));
}

function sendingOf(body: unknown): Pick<Sending, 'body' | 'type'> {
  if (body === undefined) return {};
  return body instanceof Blob ? { body, type: body.type } : { body: JSON.stringify(body), type: 'application/json' };
}

/** Sends one JPEG as it is; else as `call`. */
export async function sendPicture<T>(path: string, picture: ArrayBuffer): Promise<T> {
  return answered<T>(await reach('POST', path, { body: picture, type: 'image/jpeg', withinMs: pictureTimeoutMs }));
}

async function answered<T>({ response, text }: { response: Response; text: string }): Promise<T> {
  const answer = parse(text);
  if (response.ok) return answer as T;
  throw refusal(response.status, answer);
}

interface Sending {
  body?: string | ArrayBuffer | Blob;
  type?: string;
  withinMs: number;
}

async function reach(
  method: Method,
  path: string,
  { body, type, withinMs }: Sending,
): Promise<{ response: Response; text: string }> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  if (type !== undefined) headers['content-type'] = type;
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: AbortSignal.timeout(withinMs) };
  if (body !== undefined) init.body = body;
  try {
    // The time-out holds also while the body is on its way.
    const response = await fetch(path, init);
    return { response, text: await response.text() };
  } catch (error) {
    throw new ApiError(0, unreachable(error), undefined);
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy's HTML page: the status says what matters, the text is not for people.
    return undefined;
  }
}

function refusal(status: number, answer: unknown): ApiError {
  const body = (typeof answer === 'object' && answer !== null ? answer : {}) as AnswerBody;
  const known = typeof body.code === 'string' && typeof body.message === 'object' && body.message !== null;
  return new ApiError(status, known ? (body as Problem) : unnamed(status), body.current);
}

function unreachable(error: unknown): Problem {
  const slow = error instanceof DOMException && error.name === 'TimeoutError';
  return {
    code: slow ? 'cloud-slow' : 'cloud-unreachable',
    message: {
      zh: `连不上${server.zh}。请检查本机网络；恢复后会自动重连，也可以点“重试”。`,
      en: `${server.en} cannot be reached. Check the network here; it reconnects by itself, or press Retry.`,
    },
  };
}

function unnamed(status: number): Problem {
  return {
    code: `http-${status}`,
    message: {
      zh: `${server.zh}出错了，没有给出原因。请重试；仍不行请把代码告诉管理员。`,
      en: `${server.en} failed without giving a reason. Retry; if it fails again, give the code to your administrator.`,
    },
  };
}
