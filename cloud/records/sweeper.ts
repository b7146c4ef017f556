import { type Kysely, sql } from 'kysely';
import type { Desk } from './commands.ts';
import type { SweepRun } from './records.ts';
import { type Swept, sweepAll } from './sweep.ts';
import type { Tables } from './tables.ts';

export interface Sweeper {
  /** Carries out what is due and writes down that it did; the heartbeat is written only where nothing went wrong. */
  run(now: number): Promise<readonly Swept[]>;
}

/** A worker of the sweep under its own name; any number may run at once. */
export function createSweeper(desk: Desk, worker: string): Sweeper {
  const { db } = desk.database;
  /** The row of idle runs that is still being added to. */
  let idle: number | null = null;
  return {
    run: async (now) => {
      const { done, failed } = await sweepAll(desk, now);
      const lateMs = Math.max(0, ...done.map(({ due }) => now - due.dueAt));
      const isIdle = done.length === 0 && failed.length === 0;
      if (isIdle && idle !== null) await goOn(db, idle, now);
      else
        idle = await begin(
          db,
          { worker, from: now, to: now, runs: 1, done: done.length, lateMs, error: failed[0] ?? null },
          isIdle,
        );
      if (failed.length > 0) throw new Error(failed.join('; '));
      await sql`insert into sweep_beat (worker, at) values (${worker}, ${now})
        on conflict (worker) do update set at = greatest(sweep_beat.at, excluded.at)`.execute(db);
      return done;
    },
  };
}

async function goOn(db: Kysely<Tables>, id: number, now: number): Promise<void> {
  await sql`update sweep_run set to_at = ${now}, runs = runs + 1 where id = ${id}`.execute(db);
}

async function begin(db: Kysely<Tables>, run: SweepRun, idle: boolean): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`insert into sweep_run (worker, from_at, to_at, runs, done, late_ms, error)
    values (${run.worker}, ${run.from}, ${run.to}, ${run.runs}, ${run.done}, ${run.lateMs}, ${run.error}) returning id`.execute(
    db,
  );
  return idle ? (rows[0]?.id ?? null) : null;
}

/** The newest lines of the account. */
export async function sweepRuns(db: Kysely<Tables>, limit: number): Promise<SweepRun[]> {
  const { rows } = await sql<SweepRun>`select worker, from_at as "from", to_at as "to", runs, done, late_ms as "lateMs", error
    from sweep_run order by to_at desc, id desc limit ${limit}`.execute(db);
  return rows;
}

/** When any worker last carried out everything that was due; null where none ever did. */
export async function sweepBeat(db: Kysely<Tables>): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select max(at) as at from sweep_beat`.execute(db);
  return rows[0]?.at ?? null;
}

export async function dropOldSweeps(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const gone =
    await sql`delete from sweep_run where id in (select id from sweep_run where to_at < ${before} order by to_at limit ${most})`.execute(
      db,
    );
  await sql`delete from sweep_beat where at < ${before}`.execute(db);
  return Number(gone.numAffectedRows ?? 0);
}
