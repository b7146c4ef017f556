import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import { type Database, openMigratedDatabase } from '../../../cloud/records/database.ts';
import { embeddedServer, makeDatabase } from '../records/servers.ts';
import { killed } from './cluster.ts';
import { dueTimes, makeChains, spreadSteps, watchSteps } from './deadlines.ts';

const program = new URL('../records/sweeper-process.ts', import.meta.url).pathname;
let database: Database;
let drop: () => Promise<void>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  const { connection } = await embeddedServer();
  const own = await makeDatabase(connection);
  drop = () => own.drop();
  database = await openMigratedDatabase(own.connection);
  await makeChains(database, 30);
});
afterAll(async () => {
  for (const child of children) await killed(child);
  await database.close();
  await drop();
});

async function sweeper(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(database.connection), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`${name} ended`)));
  });
  return child;
}

describe('deadlines of the escalation', () => {
  it('hold to five seconds while the workers are killed one after the other', async () => {
    const pair = [await sweeper('w1'), await sweeper('w2')];
    await spreadSteps(database, systemClock.now() + 500, 6000);
    const due = await dueTimes(database);
    expect(due.size).toBe(90);
    const watching = watchSteps(database, due, systemClock.mono() + 60_000);
    for (let turn = 0; turn < 4; turn += 1) {
      await systemClock.sleep(1200);
      const [victim] = pair.splice(0, 1);
      if (victim) await killed(victim);
      pair.push(await sweeper(`w${turn + 3}`));
    }
    const { late, doubled } = await watching;
    expect(late).toHaveLength(90);
    expect(doubled).toBe(0);
    expect(late.at(-1)).toBeLessThan(5000);
  });
});
