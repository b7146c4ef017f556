import { systemClock } from '../../cloud/clock.ts';
import { openMigratedDatabase } from '../../cloud/records/database.ts';
import { Cluster, killed } from '../cloud/scale/cluster.ts';
import { dueTimes, makeChains, quantile, spreadSteps, watchSteps } from '../cloud/scale/deadlines.ts';
import { ownServer } from '../cloud/records/servers.ts';
import type { Bench, Row } from './run.ts';

const incidents = 80;
const overMs = 24_000;
const killEveryMs = 3_000;

/**
 * 240 steps become due within 24 s while `yihu-cloud run --role sweep` is killed every 3 s: one alone, started again at once as a
 * supervisor does; and two, killed in turn. Late is from the due time until another connection sees the step done.
 */
async function measure(workers: number): Promise<Row[]> {
  const server = await ownServer('debian');
  const cluster = await Cluster.start(async () => server);
  const database = await openMigratedDatabase(cluster.connection ?? '');
  try {
    await makeChains(database, incidents);
    const running = [];
    let nth = 0;
    const start = () => cluster.worker(`s${++nth}`, 'sweep');
    for (let worker = 0; worker < workers; worker += 1) running.push(await start());
    await spreadSteps(database, systemClock.now() + 1000, overMs);
    const due = await dueTimes(database);
    const watching = watchSteps(database, due, systemClock.mono() + overMs + 60_000);
    let kills = 0;
    const restarts: number[] = [];
    const until = systemClock.mono() + overMs;
    while (systemClock.mono() + killEveryMs < until) {
      await systemClock.sleep(killEveryMs);
      const [victim] = running.splice(0, 1);
      if (victim) await killed(victim.process);
      kills += 1;
      const beganMono = systemClock.mono();
      running.push(await start());
      restarts.push(systemClock.mono() - beganMono);
    }
    const { late, doubled } = await watching;
    const what = workers === 1 ? 'one worker, restarted' : `${workers} workers, one killed`;
    return [
      { what: `${what}: deadlines`, value: late.length, unit: `of ${due.size}` },
      { what: `${what}: SIGKILLs`, value: kills, unit: '' },
      { what: `${what}: longest restart`, value: Math.max(...restarts) / 1000, unit: 's' },
      { what: `${what}: late p50`, value: quantile(late, 0.5) / 1000, unit: 's' },
      { what: `${what}: late p99`, value: quantile(late, 0.99) / 1000, unit: 's' },
      { what: `${what}: late max`, value: (late.at(-1) ?? 0) / 1000, unit: 's', aim: '<= 5' },
      { what: `${what}: steps done twice`, value: doubled, unit: '', aim: '0' },
    ];
  } finally {
    await database.close();
    await cluster.stop();
    await server.stop();
  }
}

export const deadlines: Bench = {
  name: 'deadlines',
  title: 'Escalation deadlines across SIGKILL (PostgreSQL 15)',
  run: async () => [...(await measure(1)), ...(await measure(2))],
};
