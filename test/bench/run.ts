import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

/** One line of a benchmark. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What we aim for, in words; said beside the figure, never asserted. */
  readonly aim?: string;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  run(): Promise<readonly Row[]>;
}

const benches = [
  'path',
  'modbus',
  'lines',
  'scan',
  'polls',
  'latency',
  'memory',
  'http-event',
  'calls',
  'deadlines',
  'live-rows',
  'charts',
];

/** `npm run bench [name…]`: a table for people, one JSON file for programs (bench-results/). Never a test. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const results: Record<string, readonly Row[]> = {};
  for (const name of wanted.length > 0 ? wanted : benches) {
    const module = (await import(`./${name}.ts`)) as Record<string, Bench>;
    const bench = module[name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (!bench) throw new Error(`test/bench/${name}.ts does not export its benchmark`);
    process.stdout.write(`\n${bench.title}\n`);
    const rows = await bench.run();
    results[name] = rows;
    for (const { what, value, unit, aim } of rows) {
      const number = Math.abs(value) >= 100 ? Math.round(value).toString() : value.toPrecision(3);
      process.stdout.write(`  ${what.padEnd(52)} ${number.padStart(10)} ${unit}${aim ? `   (aim ${aim})` : ''}\n`);
    }
  }
  const folder = resolve(import.meta.dirname, '../../bench-results');
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryMegabytes: Math.round(totalmem() / 1024 / 1024),
    node: process.version,
  };
  const file = resolve(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, JSON.stringify({ schema: 'yihu.bench/1', machine, results }, null, 2));
  process.stdout.write(`\n${file}\n`);
}

if (import.meta.main) await main();
