import type { AreaRefusal, AreaResult } from '../registry/areas-records.ts';

export function refuse<T>(code: Exclude<AreaRefusal['code'], 'grid'>, path: string): AreaResult<T> {
  return { ok: false, refusal: { code, path } };
}
