import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Where the chain of a story stood when its lines were forgotten; null where they are here. */
export async function sealOf(db: Kysely<Tables>, incident: string): Promise<{ lines: number; hash: string; at: number } | null> {
  const { rows } = await sql<{ lines: number; hash: string; at: number }>`select lines, hash, sealed_at as at
    from timeline_seal where incident = ${incident}`.execute(db);
  return rows[0] ?? null;
}
