import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import type { Actor, Outcome, Refusal } from './records.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** What every question and command works with. */
export interface Desk {
  readonly database: Database;
  readonly rules: Rules;
  readonly clock: Clock;
}

export function refused<T>(code: Refusal['code'], zh: string, en: string, current: T | null = null): Outcome<T> {
  return { ok: false, refusal: { code, message: { zh, en } }, current };
}

export function notFound<T>(): Outcome<T> {
  return refused('not-found', '没有找到，可能已被移走或不在您的管辖范围', 'Not found: it was moved or lies outside of your area');
}

export interface Command<T> {
  /** SQL: whether the actor may see the row, which is named `t`. */
  readonly visible: RawBuilder<unknown>;
  readonly actor: Actor;
  readonly key: string;
  readonly table: 'incident' | 'alarm' | 'task';
  readonly id: string;
  /** What is done to it, so that one key is never taken for two different things: "confirm", "step call done". */
  readonly what: string;
  /** What is there now, as the caller shall see it. */
  readonly read: (trx: Kysely<Tables>) => Promise<T | null>;
  /** Carries it out; null where it was done. */
  readonly act: (trx: Kysely<Tables>, at: number) => Promise<Refusal | null>;
}

/**
 * One command, once: on what the actor may see, one at a time with everything else that changes alarms and incidents, and
 * a key that was carried out before only answers again. A refused command leaves no trace and may be tried again.
 */
export async function runCommand<T>(desk: Desk, command: Command<T>): Promise<Outcome<T>> {
  return inTransaction(desk.database.db, async (trx) => {
    await lockResponse(trx);
    if (!(await isVisible(trx, command))) return notFound<T>();
    const before = await doneBefore(trx, command);
    const repeated = before === 'this';
    const refusal = before === null ? await command.act(trx, desk.clock.now()) : repeated ? null : keyReused;
    if (!repeated && refusal === null) await remember(trx, command, desk.clock.now());
    const value = await command.read(trx);
    if (value === null) return notFound<T>();
    return refusal ? { ok: false, refusal, current: value } : { ok: true, value, repeated };
  });
}

async function isVisible<T>(trx: Kysely<Tables>, { table, id, visible }: Command<T>): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table)} t where t.id = ${id} and ${visible}`.execute(trx);
  return rows.length > 0;
}

/** Whether this key was carried out before: for `this`, or for something else; null where it never was. */
async function doneBefore<T>(trx: Kysely<Tables>, { actor, key, id, what }: Command<T>): Promise<'this' | 'other' | null> {
  const { rows } = await sql<{ subject: string }>`select subject from command where actor = ${actor.id} and key = ${key}`.execute(
    trx,
  );
  const [done] = rows;
  if (done === undefined) return null;
  // A row from before the word was kept has the id alone.
  return done.subject === `${id} ${what}` || done.subject === id ? 'this' : 'other';
}

async function remember<T>(trx: Kysely<Tables>, { actor, key, id, what }: Command<T>, at: number): Promise<void> {
  await sql`insert into command (actor, key, subject, at) values (${actor.id}, ${key}, ${`${id} ${what}`}, ${at})`.execute(trx);
}

export const keyReused: Refusal = {
  code: 'key-reused',
  message: { zh: '这个请求编号已用于另一个操作', en: 'This request key was used for something else' },
};
