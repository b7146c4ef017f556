import { type Kysely, sql } from 'kysely';
import type { StoredRung } from './rules.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** 到期: what must happen at a time, as a row that outlives any process. */
export interface Due {
  readonly kind:
    | 'escalation'
    | 'shelf-end'
    | 'ack-end'
    | 'service-end'
    | 'window-start'
    | 'window-end'
    | 'flood-look'
    | 'task'
    | 'roll-call'
    | 'post-check'
    | 'parent-back'
    | 'roster-look'
    | 'call-task'
    | 'call-need'
    | 'call-line'
    | 'cap-end'
    | 'sos';
  readonly subject: string;
  readonly step: number;
  readonly dueAt: number;
  /** escalation: what is done then, as it was when the chain began. */
  readonly rung?: StoredRung;
}

export async function plan(db: Kysely<Tables>, rows: readonly Due[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into due (kind, subject, step, due_at, data)
    select kind, subject, step, "dueAt", coalesce(rung, '{}') from jsonb_to_recordset(${json(rows)}) as r(kind text, subject text,
      step integer, "dueAt" bigint, rung jsonb)
    on conflict (kind, subject, step) do update set due_at = excluded.due_at, data = excluded.data`.execute(db);
}

export async function cancel(db: Kysely<Tables>, kind: Due['kind'], subjects: readonly string[]): Promise<void> {
  if (subjects.length === 0) return;
  await sql`delete from due where kind = ${kind} and subject = any(${[...subjects]})`.execute(db);
}

/** What was planned for one is for another from now on, at the same times, in place of the other's own; where there is any. */
export async function handOver(
  db: Kysely<Tables>,
  kind: Due['kind'],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const { rows } = await sql`select 1 from due where kind = ${kind} and subject = ${from} limit 1`.execute(db);
  if (rows.length === 0) return;
  await cancel(db, kind, [to]);
  await sql`update due set subject = ${to} where kind = ${kind} and subject = ${from}`.execute(db);
}

/** Those of the subjects for which something of this kind is still to come, but for the last rung of a chain done again. */
export async function planned(db: Kysely<Tables>, kind: Due['kind'], subjects: readonly string[]): Promise<Set<string>> {
  if (subjects.length === 0) return new Set();
  const { rows } = await sql<{ subject: string }>`select distinct subject from due
    where kind = ${kind} and subject = any(${[...subjects]}) and not (data ? 'again')`.execute(db);
  return new Set(rows.map(({ subject }) => subject));
}

/**
 * Takes the earliest row that is due out of the table, but for those in `not`, for this transaction alone: a worker that dies
 * gives it back, two workers never take the same one.
 */
export async function takeDue(trx: Kysely<Tables>, now: number, not: readonly number[] = []): Promise<TakenDue | null> {
  const { rows } = await sql<TakenDue & { data: StoredRung }>`delete from due where id = (
      select id from due where due_at <= ${now} and not (id = any(${[...not]}::bigint[])) order by due_at, id limit 1
      for update skip locked)
    returning id, kind, subject, step, due_at as "dueAt", data`.execute(trx);
  const [row] = rows;
  if (!row) return null;
  const { data, ...due } = row;
  return 'who' in data ? { ...due, rung: data } : due;
}

export type TakenDue = Due & { readonly id: number };
