import { Kysely, PostgresDialect } from 'kysely';
import { type ClientConfig, type CustomTypesConfig, Pool, types as builtin } from 'pg';
import { migrate } from './migrate.ts';
import type { Tables } from './tables.ts';

/** How to reach a PostgreSQL: a URL, or the parts of one (`host` may be the folder of a socket). */
export type Connection = string | Readonly<{ host: string; port: number; user: string; password?: string; database: string }>;

export interface Database {
  readonly db: Kysely<Tables>;
  readonly connection: Connection;
  close(): Promise<void>;
}

/** Connections one process holds: few, because every commit waits for the same disk anyway. */
const poolSize = 10;

/** `bigint` columns hold milliseconds and sequences, all below 2^53, and are read as numbers. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: typeof builtin.builtins.INT8, format?: 'text') =>
    oid === builtin.builtins.INT8 ? Number : builtin.getTypeParser(oid, format)) as typeof builtin.getTypeParser,
};

/**
 * Debian's and most managed PostgreSQL compile a statement anew each time its estimate is high (`jit`), which made a question of
 * 50 ms one of three seconds. None of ours runs long enough to gain by it.
 */
const sessionOptions = '-c jit=off';

export function clientConfig(connection: Connection): ClientConfig {
  const where = typeof connection === 'string' ? { connectionString: connection } : { ...connection };
  return { ...where, types, application_name: 'yihu-cloud', connectionTimeoutMillis: 10_000, options: sessionOptions };
}

/**
 * Opens the records, embedded or external: the same SQL on both. Nothing is connected before the first query.
 * @param onLost hears of connections that broke, idle or lent out; the pool replaces them by itself.
 */
export function openDatabase(connection: Connection, onLost: (error: Error) => void = () => undefined): Database {
  const pool = new Pool({ ...clientConfig(connection), max: poolSize });
  pool.on('error', onLost);
  // A connection that breaks while it is lent out tells its borrower by the query, and itself by an event: unheard it would
  // end the process.
  pool.on('connect', (client) => client.on('error', onLost));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, connection, close: () => db.destroy() };
}

/** The same, brought to the newest shape first. */
export async function openMigratedDatabase(connection: Connection, onLost?: (error: Error) => void): Promise<Database> {
  const database = openDatabase(connection, onLost);
  try {
    await migrate(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
