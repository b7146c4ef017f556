import type { Generated, JSONColumnType } from 'kysely';

/**
 * The tables that are read column by column through the query builder. Bulk statements are written as SQL and carry
 * their own row types.
 */
export interface Tables {
  area: { path: string; parent: string | null; kind: string; name: string };
  gateway: {
    id: string;
    area: string;
    name: JSONColumnType<{ zh: string; en?: string }>;
    state: Generated<string>;
    last_seen: number | null;
    epoch: string | null;
  };
}
