import { type Kysely, sql } from 'kysely';
import type { KeyRecords } from '../registry/open-keys.ts';
import type { Tables } from './tables.ts';

/** Two processes that start at once must not make two keys; any fixed number will do. */
const keyLock = 7_204_040;

/** What the database knows of the keys: their ids and a proof of each, never a key. */
export function keyRecords(db: Kysely<Tables>): KeyRecords {
  return {
    alone: (run) =>
      db.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(${keyLock})`.execute(trx);
        const { rows } = await sql<{ id: string; proof: Buffer }>`select id, proof from sealing_key`.execute(trx);
        return run({
          proofs: new Map(rows.map(({ id, proof }) => [id, proof])),
          add: async (id, proof, at) => {
            await sql`insert into sealing_key (id, proof, made_at) values (${id}, ${proof}, ${at})`.execute(trx);
          },
        });
      }),
  };
}
