import { type RawBuilder, sql } from 'kysely';
import type { Scope } from './records.ts';

/**
 * SQL: the area in `column`, written `table.column` (a bare `area` would name the granted one inside, and hold for every row), one of the scope's
 * or lies below one; the empty path is the whole tree. An empty scope is false for every row.
 */
export function within(column: string, scope: Scope): RawBuilder<boolean> {
  if (!column.includes('.')) throw new Error(`within(${column}): the column is named with its table`);
  const path = sql.ref(column);
  return sql<boolean>`exists (select 1 from unnest(${[...scope.areas]}::text[]) as granted(area)
    where granted.area = '' or ${path} = granted.area or starts_with(${path}, granted.area || '/'))`;
}

/** SQL: the area in `column` holds one of the scope's: who answers for it answers for that one as well. */
export function above(column: string, scope: Scope): RawBuilder<boolean> {
  const path = sql.ref(column);
  return sql<boolean>`exists (select 1 from unnest(${[...scope.areas]}::text[]) as granted(area)
    where ${path} = '' or starts_with(granted.area, ${path} || '/'))`;
}

/** SQL: all of them. */
export function every(conditions: readonly RawBuilder<unknown>[]): RawBuilder<boolean> {
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join([...conditions], sql` and `)}`;
}

/** Rows of a bulk statement travel as one JSON parameter. */
export function json(value: unknown): RawBuilder<string> {
  return sql`${JSON.stringify(value)}::jsonb`;
}
