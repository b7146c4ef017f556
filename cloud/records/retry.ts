import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

const attempts = 4;

/** Serialization failure, deadlock, and a unique key that another transaction took first: true once, gone when tried again. */
const passing = new Set(['40001', '40P01', '23505']);

/** Runs `body` in a transaction, again where the database asks for it; the last error is the caller's. */
export async function inTransaction<T>(db: Kysely<Tables>, body: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(body);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (attempt >= attempts || !passing.has(code)) throw error;
    }
  }
}
