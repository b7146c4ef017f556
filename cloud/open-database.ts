import type { Clock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { createLog } from './log.ts';
import type { Connection } from './records/database.ts';
import { startEmbeddedPostgres } from './records/embedded.ts';
import { embeddedProblem } from './start-problem.ts';

/** A PostgreSQL that can be connected to, and how to let go of it. */
export interface Engine {
  readonly connection: Connection;
  stop(): Promise<void>;
}

interface Opening {
  readonly data: DataFolder;
  readonly databaseUrl: string | null;
  readonly clock: Clock;
  readonly log: ReturnType<typeof createLog>;
  /** The embedded server ended by itself; the process cannot go on. */
  readonly onDeath: (error: Error) => void;
}

/** The PostgreSQL that was named, or the embedded one as a child process. @throws StartProblem */
export async function openEngine({ data, databaseUrl, clock, log, onDeath }: Opening): Promise<Engine> {
  if (databaseUrl !== null) return { connection: databaseUrl, stop: async () => undefined };
  const said = { info: (message: string) => log.debug(message), warn: (message: string) => log.warn(message) };
  return startEmbeddedPostgres({ folder: data.postgres, log: said, clock, onDeath }).catch((error: unknown) => {
    throw embeddedProblem(data.folder, error);
  });
}
