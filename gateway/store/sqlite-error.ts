import { StoreError, type StoreErrorCode } from './log.ts';

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const codes: Readonly<Record<number, StoreErrorCode>> = { 13: 'disk-full', 8: 'read-only' };
const [ioError, corrupt, notADatabase] = [10, 11, 26];

/** What SQLite said, as a StoreError; null where it was not SQLite that spoke. */
export function storeError(error: unknown): StoreError | null {
  if (error instanceof StoreError) return error;
  const code = resultCode(error);
  if (code === null || !(error instanceof Error)) return null;
  return new StoreError(codes[code & 0xff] ?? 'io', error.message, { cause: error });
}

/** The file is damaged: not a passing trouble. */
export function isCorrupt(error: unknown): boolean {
  const code = resultCode(error instanceof StoreError ? error.cause : error);
  return code !== null && ((code & 0xff) === corrupt || (code & 0xff) === notADatabase);
}

/** The file system failed underneath: what it holds is not known until it is read again. */
export function isIoError(error: unknown): boolean {
  const code = resultCode(error instanceof StoreError ? error.cause : error);
  return code !== null && (code & 0xff) === ioError;
}

function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
}
