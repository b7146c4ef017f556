import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import { createSweeper, sweepBeat, sweepRuns } from '../../../cloud/records/sweeper.ts';
import { embeddedServer } from './servers.ts';
import { all, useStage } from './stage.ts';
import { alarmRecord, site, smoke502, t0, transition } from './workshop.ts';

const stage = useStage(embeddedServer);
const db = () => stage.bench.database.db;

describe('the sweep accounts for itself', () => {
  it('idle runs are one line with their number; what was done has its own, with how late it was', async () => {
    const sweeper = createSweeper(stage.desk(), 'w1');
    for (let second = 0; second < 5; second += 1) await sweeper.run(t0 + second * 1000);
    await stage.raise();
    await sweeper.run(t0 + 30_400);
    await sweeper.run(t0 + 31_000);
    expect(await sweepRuns(db(), 10)).toMatchObject([
      { worker: 'w1', from: t0 + 31_000, runs: 1, done: 0 },
      { from: t0 + 30_400, runs: 1, done: 1, lateMs: 400, error: null },
      { from: t0, to: t0 + 4000, runs: 5, done: 0 },
    ]);
    expect(await sweepBeat(db())).toBe(t0 + 31_000);
  });

  it('a row that cannot be carried out is said, stays due, holds up no other, and stops the heartbeat until it can', async () => {
    const sweeper = createSweeper(stage.desk(), 'w1');
    await sweeper.run(t0);
    await stage.raise();
    await sql`insert into due (kind, subject, step, due_at) values ('no such kind', 'x', 0, ${t0 + 1})`.execute(db());
    await expect(sweeper.run(t0 + 30_000)).rejects.toThrow(/no such kind x 0/);
    expect((await stage.onlyIncident()).timeline.filter(({ kind }) => kind === 'escalation')).toHaveLength(1);
    expect(await sweepBeat(db())).toBe(t0);
    const [line] = await sweepRuns(db(), 1);
    expect(line).toMatchObject({ done: 1, error: expect.stringContaining('no such kind') as unknown });
    await sql`delete from due where kind = 'no such kind'`.execute(db());
    await sweeper.run(t0 + 31_000);
    expect(await sweepBeat(db())).toBe(t0 + 31_000);
  });

  it('a chain under way stays as it began, whatever the table of chains says later', async () => {
    await stage.raise();
    await sql`update due set data = jsonb_set(data, '{who,zh}', '"当时的值班长"') where kind = 'escalation'`.execute(db());
    await createSweeper(stage.desk(), 'w1').run(t0 + 30_000);
    const lines = (await stage.onlyIncident()).timeline.filter(({ kind }) => kind === 'escalation');
    expect(lines[0]?.text.zh).toContain('通知当时的值班长');
  });
});

const incidents = 40;

class Worker {
  readonly name: string;
  readonly did: string[] = [];
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;

  constructor(name: string, connection: unknown) {
    this.name = name;
    const program = new URL('./sweeper-process.ts', import.meta.url).pathname;
    this.#child = spawn(process.execPath, [program, JSON.stringify(connection), name], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ready = new Promise((resolve, reject) => {
      this.#child.once('exit', () => reject(new Error(`${name} ended`)));
      const { stdout } = this.#child;
      if (!stdout) throw new Error('no output');
      createInterface({ input: stdout }).on('line', (line) => (line === 'ready' ? resolve() : this.did.push(line)));
    });
    this.ready.catch(() => undefined);
  }

  async kill(): Promise<void> {
    if (this.#child.signalCode !== null || this.#child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

describe('two sweepers, one of them killed in the middle', () => {
  it('no step is skipped and none is done twice', async () => {
    const rooms = Array.from({ length: incidents }, (_each, nth) => ({
      ...smoke502,
      id: `smoke-${nth}`,
      place: { building: '1', unit: '1', room: String(100 + nth) },
    }));
    await stage.commit(stage.log.batch('alarm', { ...site(t0, ...rooms), partial: true } as ReturnType<typeof site>));
    for (const room of rooms) await stage.commit(stage.log.batch('alarm', alarmRecord(room, t0, transition('raised', 1, t0))));
    const spread = (from: number) =>
      sql`update due set due_at = ${from}::bigint + step * 500 + (id % 500) where kind = 'escalation'`.execute(db());
    await spread(systemClock.now() + 3_600_000);
    const workers = [1, 2].map((nth) => new Worker(`w${nth}`, stage.bench.database.connection));
    try {
      await Promise.all(workers.map(({ ready }) => ready));
      // Three steps each, over two seconds from now.
      await spread(systemClock.now());
      await expect.poll(() => workers[0]?.did.length, { timeout: 20_000 }).toBeGreaterThan(10);
      await workers[0]?.kill();
      const left = async () =>
        (await sql`select 1 from due where kind = 'escalation' and not (data ? 'again')`.execute(db())).rows.length;
      await expect.poll(left, { timeout: 30_000 }).toBe(0);
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
    }
    const { items } = await stage.records.listIncidents(all, { limit: 200 });
    expect(items).toHaveLength(incidents);
    for (const { id } of items) {
      const detail = await stage.records.incidentDetail(all, id);
      const steps = detail?.timeline.filter(({ kind }) => kind === 'escalation').map(({ data }) => data['step']);
      expect(steps, id).toEqual([1, 2, 3]);
    }
  });
});
