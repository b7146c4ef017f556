import type { Clock } from './clock.ts';
import type { Database } from './records/database.ts';
import { houseRecords } from './records/houses.ts';
import { importRecords } from './records/imports.ts';
import { keyRecords } from './records/keys.ts';
import { mergeRecords } from './records/merges.ts';
import { peopleRecords } from './records/people.ts';
import { shareRecords } from './records/sharing.ts';
import { KeyProblem } from './registry/key-file.ts';
import { openKeys } from './registry/open-keys.ts';
import type { RegistryDesk } from './registry/registry.ts';
import { keyProblem } from './start-problem.ts';

interface Opening {
  readonly database: Database;
  readonly clock: Clock;
  /** The file with the keys that seal personal data. */
  readonly keyFile: string;
  readonly timeZone?: string;
}

/** Everything the registry of people works with; its keys are made at the first start. @throws StartProblem */
export async function openRegistryDesk({ database, clock, keyFile, timeZone = 'Asia/Shanghai' }: Opening): Promise<RegistryDesk> {
  const { db } = database;
  const keys = await openKeys(keyFile, keyRecords(db), clock.now()).catch((error: unknown) => {
    if (error instanceof KeyProblem) throw keyProblem(keyFile, error.code, error);
    throw error;
  });
  return {
    records: peopleRecords(db),
    houses: houseRecords(db, clock),
    imports: importRecords(db),
    merges: mergeRecords(db),
    shares: shareRecords(db, clock),
    sealer: keys.sealer,
    clock,
    timeZone,
  };
}
