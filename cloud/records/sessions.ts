import { type Kysely, sql } from 'kysely';
import type { SessionStage, StoredSession, UserRecords } from '../registry/users-records.ts';
import type { Tables } from './tables.ts';
import { toUser, userColumns, type UserRow } from './users-rows.ts';

type SessionRecords = Pick<UserRecords, 'createSession' | 'session' | 'touchSession' | 'endSession' | 'dropExpiredSessions'>;

/** Sessions: opaque tokens known here by their SHA-256 alone, so that a copy of the database opens no door. */
export function sessionRecords(db: Kysely<Tables>): SessionRecords {
  return {
    createSession: (session, keep) => createSession(db, session, keep),
    session: (hash) => session(db, hash),
    touchSession: async (hash, at) => {
      await sql`update app_session set used_at = greatest(used_at, ${at}) where hash = ${hash}`.execute(db);
    },
    endSession: async (hash) => {
      const { numAffectedRows } = await sql`delete from app_session where hash = ${hash}`.execute(db);
      return numAffectedRows === 1n;
    },
    dropExpiredSessions: async (at) => {
      const { numAffectedRows } = await sql`
        delete from app_session where expires_at <= ${at} or used_at + idle_ms <= ${at}`.execute(db);
      return Number(numAffectedRows ?? 0n);
    },
  };
}

async function createSession(db: Kysely<Tables>, session: StoredSession, keep: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into app_session (hash, user_id, stage, created_at, used_at, idle_ms, expires_at, ip)
      values (${session.hash}, ${session.user}, ${session.stage}, ${session.createdAt}, ${session.usedAt},
        ${session.idleMs}, ${session.expiresAt}, ${session.ip})`.execute(trx);
    await sql`
      delete from app_session where hash in (
        select hash from app_session where user_id = ${session.user} and stage = ${session.stage} and hash <> ${session.hash}
        order by created_at desc offset ${keep - 1}
      )`.execute(trx);
  });
}

type SessionRow = UserRow & {
  stage: SessionStage;
  session_created_at: number;
  used_at: number;
  idle_ms: number;
  expires_at: number;
  ip: string;
};

async function session(db: Kysely<Tables>, hash: Buffer) {
  const { rows } = await sql<SessionRow>`
    select ${userColumns}, s.stage, s.created_at as session_created_at, s.used_at, s.idle_ms, s.expires_at, s.ip
    from app_session s join app_user u on u.id = s.user_id where s.hash = ${hash}`.execute(db);
  const row = rows[0];
  if (!row) return null;
  return {
    hash,
    user: row.id,
    stage: row.stage,
    createdAt: row.session_created_at,
    usedAt: row.used_at,
    idleMs: row.idle_ms,
    expiresAt: row.expires_at,
    ip: row.ip,
    who: toUser(row),
  };
}
