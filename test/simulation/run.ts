import { runSeed } from './world.ts';
import { mutants } from './mutants.ts';

/** `node test/simulation/run.ts [first] [count] [mutant]`: a campaign by hand; prints what failed and the speed. */
const [first = '1', count = '200', name] = process.argv.slice(2);
const started = performance.now();
let failed = 0;
let acked = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const outcome = await runSeed(seed, name === undefined ? null : (mutants[name] ?? null));
  acked += outcome.acked;
  if (outcome.violations.length === 0) continue;
  failed++;
  if (failed <= 10)
    process.stdout.write(`seed ${seed}: ${outcome.violations.join(' | ')}\n  ${JSON.stringify(outcome.schedule.faults)}\n`);
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${count} seeds, ${failed} failed, ${acked} acked readings, ${(Number(count) / seconds).toFixed(1)} seeds/s\n`,
);
