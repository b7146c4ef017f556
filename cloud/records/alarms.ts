import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { selectAlarms } from './alarm-rows.ts';
import { type Desk, runCommand } from './commands.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import type { Actor, AlarmCommand, AlarmFilter, Outcome, Page, Refusal, Scope } from './records.ts';
import { ResponseWork } from './response-work.ts';
import { every, within } from './scope.ts';
import type { Tables } from './tables.ts';

function conditions(scope: Scope, filter: AlarmFilter): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [within('a.area', scope)];
  if (filter.open !== undefined) found.push(sql`a.open = ${filter.open}`);
  if (filter.active !== undefined) found.push(sql`a.active = ${filter.active}`);
  if (filter.shelved !== undefined) found.push(sql`(a.shelf is not null) = ${filter.shelved}`);
  if (filter.area !== undefined) found.push(within('a.area', { areas: [filter.area] }));
  if (filter.gateway !== undefined) found.push(sql`a.gateway = ${filter.gateway}`);
  if (filter.device !== undefined) found.push(sql`a.device = ${filter.device}`);
  if (filter.severity) found.push(sql`a.severity = any(${[...filter.severity]})`);
  if (filter.from !== undefined) found.push(sql`a.raised_at >= ${filter.from}`);
  if (filter.to !== undefined) found.push(sql`a.raised_at < ${filter.to}`);
  return found;
}

export async function listAlarms({ database: { db }, rules }: Desk, scope: Scope, filter: AlarmFilter): Promise<Page<Alarm>> {
  const limit = pageSize(filter.limit);
  const where = every(conditions(scope, filter));
  const paged = every([where, olderThan('a.raised_at', 'a.id', filter.after)]);
  const rows = await selectAlarms(db, rules.alarm, paged, sql`order by a.raised_at desc, a.id limit ${limit + 1}`);
  const counted = await sql<{ total: number }>`select count(*)::int as total from alarm a where ${where}`.execute(db);
  const alarms = rows.map((row) => row.alarm);
  return pageOf(alarms, limit, counted.rows[0]?.total ?? 0, (alarm) => `${alarm.raisedAt}~${alarm.id}`);
}

export async function readAlarm(desk: Desk, db: Kysely<Tables>, scope: Scope, id: string): Promise<Alarm | null> {
  const rows = await selectAlarms(db, desk.rules.alarm, sql`a.id = ${id} and ${within('a.area', scope)}`);
  return rows[0]?.alarm ?? null;
}

export function moveAlarm(desk: Desk, scope: Scope, actor: Actor, id: string, command: AlarmCommand): Promise<Outcome<Alarm>> {
  return runCommand<Alarm>(desk, {
    visible: within('t.area', scope),
    actor,
    key: command.key,
    table: 'alarm',
    id,
    what: command.move,
    read: (trx) => readAlarm(desk, trx, scope, id),
    act: (trx, at) => carryOut(desk, trx, actor, id, command, at),
  });
}

async function carryOut(
  { rules }: Desk,
  trx: Kysely<Tables>,
  actor: Actor,
  id: string,
  command: AlarmCommand,
  at: number,
): Promise<Refusal | null> {
  const [row] = await selectAlarms(trx, rules.alarm, sql`a.id = ${id}`);
  if (!row) throw new Error(`alarm ${id} is visible and cannot be read`);
  const { key: _once, ...asked } = command;
  const result = rules.alarm.applyMove(row.alarm, { ...asked, by: actor, at });
  if ('refused' in result) return result.refused;
  const work = new ResponseWork(trx, rules, at);
  await work.follow(result.alarm, row.epoch, result.effects, { actor });
  await work.flush();
  return null;
}
