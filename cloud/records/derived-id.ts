import { createHash } from 'node:crypto';

/** Ids derived from what they stand for, so that a replay makes the same one. */
export function derivedId(prefix: string, ...parts: readonly (string | number)[]): string {
  return `${prefix}-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20)}`;
}
