/** `refused`: the database will never take this content. Everything else may work later. */
export class IngestError extends Error {
  readonly code: 'refused' | 'unavailable';
  constructor(code: 'refused' | 'unavailable', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IngestError';
    this.code = code;
  }
}

/** SQLSTATE classes that speak of the data: 22 data exception, 23 integrity constraint violation. */
const dataState = /^2[23][0-9A-Z]{3}$/;

/** Whether an ingest failed because of what it was given, so that only this has to be put aside. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof IngestError) return error.code === 'refused';
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && dataState.test(error.code);
}
