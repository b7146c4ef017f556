import { type Logger, pino } from 'pino';

/** Keys whose values never reach a log line, wherever they stand. */
const secretKeys = [
  'password',
  'passwordHash',
  'token',
  'csrf',
  'secret',
  'csr',
  'pem',
  'cookie',
  'authorization',
  'databaseUrl',
  'phone',
];
const censored = '[hidden]';

/**
 * The cloud's log: JSON lines on stderr, so that stdout stays for people. Of an error only its type, code, message and
 * stack are written: a database driver hangs the values of a row on its errors.
 */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const settings = {
    level,
    base: null,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]), censor: censored },
    serializers: { err: describeError, error: describeError, req: describeRequest, res: () => undefined },
  };
  return pino(settings, destination ?? pino.destination({ dest: 2, sync: true }));
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { type: name, code, message, stack };
}

/** Method and path; the query may hold what a person typed. */
function describeRequest(request: { method?: string; url?: string; ip?: string }): object {
  return { method: request.method, path: request.url?.split('?', 1)[0], ip: request.ip };
}
