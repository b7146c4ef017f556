import type { Point } from '../vocabulary/point.ts';

/** What a point's value is once decoded; rules and deadbands need to know. */
export function valueKind({ type, kind, enum: names, oneHot }: Point): 'number' | 'name' | 'boolean' | 'text' {
  if (names !== undefined) return 'name';
  if (type === 'string' || type?.includes('time') === true || (type === undefined && kind === 'text')) return 'text';
  if (oneHot === true) return 'number';
  return type === 'bit' || (type === undefined && kind === 'state') ? 'boolean' : 'number';
}
