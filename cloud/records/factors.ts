import { type Kysely, sql, type Transaction } from 'kysely';
import type { Confirmed, FactorRecords, LockRule, StoredFactor } from '../registry/factors-records.ts';
import type { Tables } from './tables.ts';

/** Second factors in the database: every use of a code is one statement, so that of two that come at once one holds. */
export function factorRecords(db: Kysely<Tables>): FactorRecords {
  return {
    factor: (user) => factor(db, user),
    putPending: async (user, sealed, at) => {
      await sql`insert into second_factor (user_id, pending, pending_at) values (${user}, ${sealed}, ${at})
        on conflict (user_id) do update set pending = excluded.pending, pending_at = excluded.pending_at`.execute(db);
    },
    confirm: (user, confirmed) => db.transaction().execute((trx) => confirm(trx, user, confirmed)),
    useStep: async (user, step) => {
      const { numAffectedRows } = await sql`update second_factor set last_step = ${step}, failures = 0, locked_until = null
        where user_id = ${user} and last_step < ${step}`.execute(db);
      return numAffectedRows === 1n;
    },
    useRecovery: (user, hash, at) => db.transaction().execute((trx) => useRecovery(trx, user, hash, at)),
    countFailure: (user, rule, at) => countFailure(db, user, rule, at),
    dropFactor: (user) =>
      db.transaction().execute(async (trx) => {
        const { numAffectedRows } = await sql`delete from second_factor where user_id = ${user}`.execute(trx);
        if (numAffectedRows === 1n) await sql`delete from app_session where user_id = ${user}`.execute(trx);
        return numAffectedRows === 1n;
      }),
  };
}

async function factor(db: Kysely<Tables>, user: string): Promise<StoredFactor | null> {
  const { rows } = await sql<StoredFactor>`
    select secret, confirmed_at as "confirmedAt", pending, pending_at as "pendingAt", last_step as "lastStep",
      locked_until as "lockedUntil",
      (select count(*)::int from recovery_code c where c.user_id = f.user_id and c.used_at is null) as "recoveryLeft"
    from second_factor f where user_id = ${user}`.execute(db);
  return rows[0] ?? null;
}

async function confirm(
  trx: Transaction<Tables>,
  user: string,
  { pending, step, at, recovery, keep }: Confirmed,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factor set secret = pending, confirmed_at = ${at}, pending = null, pending_at = null, last_step = ${step},
      failures = 0, locked_until = null
    where user_id = ${user} and pending = ${pending}`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  await sql`delete from recovery_code where user_id = ${user}`.execute(trx);
  for (const hash of recovery) await sql`insert into recovery_code (user_id, hash) values (${user}, ${hash})`.execute(trx);
  await sql`delete from app_session where user_id = ${user} and (${keep}::bytea is null or hash <> ${keep}::bytea)`.execute(trx);
  return true;
}

async function useRecovery(trx: Transaction<Tables>, user: string, hash: Buffer, at: number): Promise<boolean> {
  const { numAffectedRows } = await sql`update recovery_code set used_at = ${at}
    where user_id = ${user} and hash = ${hash} and used_at is null`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  await sql`update second_factor set failures = 0, locked_until = null where user_id = ${user}`.execute(trx);
  return true;
}

async function countFailure(db: Kysely<Tables>, user: string, rule: LockRule, at: number): Promise<number | null> {
  const { after, firstMs, longestMs } = rule;
  const { rows } = await sql<{ until: number | null }>`
    update second_factor set failures = failures + 1, locked_until = case when failures + 1 >= ${after}
      then ${at}::bigint + least(${firstMs}::bigint * (2 ^ least(failures + 1 - ${after}, 20))::bigint, ${longestMs}::bigint) end
    where user_id = ${user} returning locked_until as until`.execute(db);
  return rows[0]?.until ?? null;
}
