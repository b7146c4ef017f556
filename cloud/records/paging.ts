import { type RawBuilder, sql } from 'kysely';

const usual = 50;
const most = 500;

export function pageSize(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? usual), 1), most);
}

/** SQL: what comes after the page that ended at `after`, in lists ordered by a time downwards and then by id. */
export function olderThan(timeColumn: string, idColumn: string, after: string | undefined): RawBuilder<boolean> {
  const found = /^(\d{1,15})~(.{1,80})$/.exec(after ?? '');
  if (!found) return sql<boolean>`true`;
  const [time, id] = [sql.ref(timeColumn), sql.ref(idColumn)];
  return sql<boolean>`(${time} < ${Number(found[1])} or (${time} = ${Number(found[1])} and ${id} > ${found[2]}))`;
}

/** The items of a page and where the next begins; `found` holds one more than the page, if there is one. */
export function pageOf<T>(found: readonly T[], limit: number, total: number, place: (item: T) => string) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, total, next: found.length > limit && last !== undefined ? place(last) : null };
}
