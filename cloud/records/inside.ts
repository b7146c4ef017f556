import { type RawBuilder, sql } from 'kysely';
import type { Scope } from './records.ts';

/**
 * SQL: the area in `column` is `path` or lies below it, written so that an index with `text_pattern_ops` is used whatever
 * the collation: `0` is the character after `/`.
 */
export function isOrBelow(column: string, path: string): RawBuilder<boolean> {
  const area = sql.ref(column);
  return sql<boolean>`(${area} = ${path} or (${area} ~>=~ ${`${path}/`} and ${area} ~<~ ${`${path}0`}))`;
}

/** SQL: within the scope, for tables with many rows; `within` in `scope.ts` says the same row by row. */
export function inside(column: string, scope: Scope): RawBuilder<boolean> {
  if (scope.areas.includes('')) return sql<boolean>`true`;
  if (scope.areas.length === 0) return sql<boolean>`false`;
  return sql<boolean>`(${sql.join(
    scope.areas.map((area) => isOrBelow(column, area)),
    sql` or `,
  )})`;
}
