import path from 'node:path';
import { systemClock } from '../clock.ts';
import type { CloudConfig } from '../config.ts';
import { openDataFolder, type DataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { type Engine, openEngine } from '../open-database.ts';
import { type Connection, type Database, openMigratedDatabase } from '../records/database.ts';
import { readRunFile } from '../run-file.ts';
import { databaseProblem, dataProblem, StartProblem } from '../start-problem.ts';

/**
 * The records for one command: of the cloud that runs on this folder, of the PostgreSQL that was named, or of the
 * embedded one, started for the moment. @throws StartProblem
 */
export async function withDatabase<T>(
  config: CloudConfig,
  run: (database: Database, data: DataFolder) => Promise<T>,
): Promise<T> {
  const folder = path.resolve(config.data);
  const data = await openDataFolder(folder).catch((error: unknown) => {
    throw dataProblem(folder, error);
  });
  const running = config.databaseUrl === null ? await readRunFile(folder) : null;
  // The cloud that runs here has a PostgreSQL of its own, and its address is kept in no file of ours.
  if (running?.connection === '') throw namelessDatabase();
  const engine =
    running === null ? await startEngine(config, data) : { connection: running.connection, stop: async () => undefined };
  try {
    return await onDatabase(engine.connection, (database) => run(database, data));
  } finally {
    await engine.stop();
  }
}

function namelessDatabase(): StartProblem {
  const zh = '这里运行的云端用的是外部数据库，请加上它的 --database-url。';
  return new StartProblem('database', { zh, en: 'The cloud that runs here uses a database of its own; add its --database-url.' });
}

function startEngine(config: CloudConfig, data: DataFolder): Promise<Engine> {
  const log = createLog('error');
  const onDeath = (error: Error): void => log.error({ err: error }, 'the database ended');
  return openEngine({ data, databaseUrl: config.databaseUrl, clock: systemClock, log, onDeath });
}

async function onDatabase<T>(connection: Connection, run: (database: Database) => Promise<T>): Promise<T> {
  const database = await openMigratedDatabase(connection).catch((error: unknown) => {
    throw databaseProblem(error);
  });
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}
