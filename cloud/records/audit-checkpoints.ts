import { type Kysely, sql } from 'kysely';
import type { AuditSigner, SignedCheckpoint } from '../registry/audit-signing.ts';
import type { Tables } from './tables.ts';

/** Signs where the audit stands now; nothing where nothing was written since the last time. Two workers that do so at once make one. */
export async function signAudit(db: Kysely<Tables>, signer: AuditSigner, at: number): Promise<SignedCheckpoint | null> {
  const { rows } = await sql<{ seq: number; hash: string }>`select seq, hash from audit
    where seq > coalesce((select max(seq) from audit_checkpoint), 0) order by seq desc limit 1`.execute(db);
  const [head] = rows;
  if (!head) return null;
  const { seq, hash, signature } = signer.sign({ ...head, at });
  const { numAffectedRows } =
    await sql`insert into audit_checkpoint (seq, hash, at, signature) values (${seq}, ${hash}, ${at}, ${signature})
    on conflict (seq) do nothing`.execute(db);
  return Number(numAffectedRows ?? 0) > 0 ? { seq, hash, at, signature } : null;
}

/** Oldest first, after `after`, at most `limit`. */
export async function listCheckpoints(db: Kysely<Tables>, after: number, limit: number): Promise<SignedCheckpoint[]> {
  const { rows } = await sql<SignedCheckpoint>`select seq, hash, at, signature from audit_checkpoint where seq > ${after}
    order by seq limit ${limit}`.execute(db);
  return rows;
}

/** The first checkpoint the audit does not agree with: its row was changed, or cut off; null where it agrees with all. */
export async function firstDisagreeing(
  db: Kysely<Tables>,
  checkpoints: readonly SignedCheckpoint[],
): Promise<SignedCheckpoint | null> {
  const { rows } = await sql<{
    seq: number;
    hash: string;
  }>`select seq, hash from audit where seq = any(${checkpoints.map(({ seq }) => seq)})`.execute(db);
  const hashes = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  return checkpoints.find(({ seq, hash }) => hashes.get(seq) !== hash) ?? null;
}
