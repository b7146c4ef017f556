import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { wholeStreetLife } from '../bench/street-life.ts';
import { type Desk, dispatcherTasks } from './dispatcher.ts';
import { startLiveGateway } from './gateway.ts';
import { handTasks } from './hands.ts';
import { installerTasks } from './installer.ts';
import { managerTasks } from './manager.ts';
import { plantIn } from './plant.ts';
import { deskIn, handsIn, officeIn } from './stages.ts';
import { measure, type Row, round, tableOf, type Task } from './task.ts';
import { openTown, smallStreet, type Town } from './town.ts';

const root = resolve(import.meta.dirname, '../..');

/** One kind of person: where they work, and what they do there, in this order. */
interface Part {
  readonly name: string;
  readonly rows: (town: Town) => Promise<Row[]>;
}

function part<Stage>(name: string, open: (town: Town) => Promise<Stage>, tasks: readonly Task<Stage>[]): Part {
  return {
    name,
    rows: async (town) => {
      const stage = await open(town);
      const rows: Row[] = [];
      for (const task of tasks) {
        const row = await measure(task, stage);
        process.stdout.write(`  ${row.id}: ${row.seconds.toFixed(2)} s ${row.why}\n`);
        rows.push(row);
      }
      return rows;
    },
  };
}

/** Under the load of the whole street, which comes over a real wire through a real gateway. */
async function deskOfLive(town: Town): Promise<Desk> {
  const gateway = await startLiveGateway(town);
  town.beforeClose.push(() => gateway.stop());
  return deskIn(town, gateway);
}

/** Who does tasks; another kind of person is another line here. */
export const parts: readonly Part[] = [
  part('manager', officeIn, managerTasks),
  part('dispatcher', deskOfLive, dispatcherTasks),
  part('hands', handsIn, handTasks),
  part('installer', plantIn, installerTasks),
];

/**
 * `npm run tasks [part…] [--small]`: every task of every kind of person on the seed community, with a real cloud and a real
 * browser. A table for people, one JSON file for programs (bench-results/). Ends with 1 where a target does not hold.
 */
async function main(given: readonly string[]): Promise<void> {
  const small = given.includes('--small');
  const names = given.filter((each) => !each.startsWith('--'));
  const wanted = parts.filter(({ name }) => names.length === 0 || names.includes(name));
  if (!existsSync(resolve(root, 'dashboards/dist/index.html'))) throw new Error('build the screens first: npm run build');
  const size = small ? smallStreet : wholeStreetLife;
  process.stdout.write(`${size.households} households, ${size.people} people, ${size.devices} devices: a minute or so …\n`);
  const town = await openTown(size, null);
  const rows: Row[] = [];
  try {
    for (const { name, rows: run } of wanted) rows.push(...(await run(town).catch((error: unknown) => [noStage(name, error)])));
  } finally {
    await town.close();
  }
  process.stdout.write(`\n${tableOf(rows)}\n\n${keep(rows, size)}\n`);
  process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;
}

/** Where somebody's place of work does not come up, the others' results are not lost. */
function noStage(id: string, error: unknown): Row {
  const why = error instanceof Error ? error.message : String(error);
  process.stdout.write(`  ${id}: ${why}\n`);
  return { id, name: 'does not come up', target: '', keys: 0, clicks: 0, fields: 0, seconds: 0, holds: false, why };
}

function keep(rows: readonly Row[], street: object): string {
  const folder = resolve(root, 'bench-results');
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryMegabytes: Math.round(totalmem() / 1024 / 1024),
    load: loadavg()[0],
    node: process.version,
  };
  const file = resolve(folder, `tasks-${new Date().toISOString().replaceAll(':', '-')}.json`);
  const told = rows.map((row) => ({ ...row, seconds: round(row.seconds) }));
  writeFileSync(file, JSON.stringify({ schema: 'yihu.tasks/1', machine, street, rows: told }, null, 2));
  return file;
}

if (import.meta.main) await main(process.argv.slice(2));
