import type { Clock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { createLog } from './log.ts';
import { type Database, openMigratedDatabase } from './records/database.ts';
import { startEmbeddedPostgres } from './records/embedded.ts';
import { databaseProblem, embeddedProblem } from './start-problem.ts';

export interface RunningDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

interface Opening {
  readonly data: DataFolder;
  readonly databaseUrl: string | null;
  readonly clock: Clock;
  readonly log: ReturnType<typeof createLog>;
  /** The embedded server ended by itself; the process cannot go on. */
  readonly onDeath: (error: Error) => void;
}

/** The PostgreSQL that was named, or the embedded one as a child process; migrated. @throws StartProblem */
export async function openDatabaseOf({ data, databaseUrl, clock, log, onDeath }: Opening): Promise<RunningDatabase> {
  const onLost = (error: Error): void => log.warn({ err: error }, 'a database connection was lost');
  if (databaseUrl !== null) {
    const database = await openMigratedDatabase(databaseUrl, onLost).catch((error: unknown) => {
      throw databaseProblem(error);
    });
    return { database, close: () => database.close() };
  }
  const said = { info: (message: string) => log.debug(message), warn: (message: string) => log.warn(message) };
  const engine = await startEmbeddedPostgres({ folder: data.postgres, log: said, clock, onDeath }).catch((error: unknown) => {
    throw embeddedProblem(data.folder, error);
  });
  try {
    const database = await openMigratedDatabase(engine.connection, onLost);
    return {
      database,
      close: async () => {
        await database.close();
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw databaseProblem(error);
  }
}
