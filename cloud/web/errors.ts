import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { Refusal, problemBody, statusOf, type ProblemCode } from './problem.ts';

/** Codes of fastify's and of ours → the problem a person sees. Whatever is not listed is ours to repair: 500, logged. */
const known: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'bad-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_BAD_URL: 'not-found',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
  'hashing-busy': 'busy',
};

/** PostgreSQL is away, starting or shutting down, or the pool waited too long for it. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08006',
  '08001',
]);

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((request, reply) => send(reply, request, 'not-found'));
}

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal) {
    const body = { ...problemBody(error.code, error.issues), ...(error.sentence ? { message: error.sentence } : {}) };
    request.note['code'] = error.named ?? error.code;
    return reply
      .code(statusOf(error.code))
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ ...body, code: error.named ?? error.code, ...(error.current === undefined ? {} : { current: error.current }) });
  }
  if (hasZodFastifySchemaValidationErrors(error)) return send(reply, request, 'bad-request', issuesOf(error));
  const code = isPhoto(request) && codeOf(error) === 'too-large' ? 'photo-too-large' : codeOf(error);
  if (code === 'internal' || code === 'unavailable') request.log.error({ err: error }, 'request failed');
  if (code === 'busy') reply.header('retry-after', '2');
  return send(reply, request, code);
}

function isPhoto(request: FastifyRequest): boolean {
  return /^(?:image|multipart)\//.test(request.headers['content-type'] ?? '');
}

function codeOf(error: FastifyError): ProblemCode {
  const listed = known[error.code];
  if (listed) return listed;
  if (awayCodes.has(error.code) || error.message.startsWith('timeout exceeded when trying to connect')) return 'unavailable';
  return error.statusCode === 400 ? 'bad-json' : 'internal';
}

function send(reply: FastifyReply, request: FastifyRequest, code: ProblemCode, issues?: Refusal['issues']): FastifyReply {
  request.note['code'] = code;
  return reply
    .code(statusOf(code))
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problemBody(code, issues));
}

interface Validation {
  readonly validation: readonly {
    readonly instancePath: string;
    readonly keyword?: string | undefined;
    readonly message?: string | undefined;
    readonly params?: unknown;
  }[];
}

/** A key that does not belong there is an issue at that key, as every other field's is. */
function issuesOf(error: Validation): { path: string; message: string }[] {
  return error.validation.flatMap(({ instancePath, keyword, message, params }) => {
    const path = instancePath === '/' ? '' : instancePath;
    if (keyword !== 'unrecognized_keys') return [{ path: path || '/', message: message ?? '' }];
    const { keys } = params as { keys: string[] };
    return keys.map((key) => ({ path: `${path}/${key}`, message: 'is not a field of this request' }));
  });
}
