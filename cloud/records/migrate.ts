import { readdir } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Two processes that start at once must not migrate at once; any fixed number will do. */
const migrationLock = 7_204_001;

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The files `NNN-name.ts` of `migrations/`, in order; each exports `sql`. */
async function readMigrations(folder = new URL('./migrations/', import.meta.url)): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-[a-z0-9-]+\.ts$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const module = (await import(new URL(name, folder).href)) as { sql?: unknown };
      if (typeof module.sql !== 'string') throw new Error(`migration ${name} exports no sql`);
      return { name: name.replace(/\.ts$/, ''), sql: module.sql };
    }),
  );
}

/**
 * Brings the database to the newest shape: each migration in its own transaction, under an advisory lock, noted in
 * `migration`. Returns the names that ran now.
 */
export async function migrate(db: Kysely<Tables>, migrations?: readonly Migration[]): Promise<string[]> {
  const all = migrations ?? (await readMigrations());
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${migrationLock})`.execute(connection);
    try {
      return await runMissing(connection, all);
    } finally {
      await sql`select pg_advisory_unlock(${migrationLock})`.execute(connection);
    }
  });
}

async function runMissing(connection: Kysely<Tables>, all: readonly Migration[]): Promise<string[]> {
  await sql`create table if not exists migration (name text primary key, ran_at timestamptz not null default now())`.execute(
    connection,
  );
  const done = await sql<{ name: string }>`select name from migration`.execute(connection);
  const known = new Set(done.rows.map((row) => row.name));
  const missing = all.filter((migration) => !known.has(migration.name));
  for (const migration of missing) {
    await connection.transaction().execute(async (trx) => {
      await sql.raw(migration.sql).execute(trx);
      await sql`insert into migration (name) values (${migration.name})`.execute(trx);
    });
  }
  return missing.map((migration) => migration.name);
}
