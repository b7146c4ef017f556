import { type Kysely, sql } from 'kysely';
import type { TaskCore } from '../task/move.ts';
import { order } from './delivery-rows.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** Tells whoever is asked, by the ladder of its kind; once per errand. */
export async function tellAsked(trx: Kysely<Tables>, { telling }: Rules, task: TaskCore, at: number): Promise<void> {
  const { person, personName, leg, lifeSafety, offeredUntil } = task;
  const ladder = lifeSafety ? telling.ladders.lifeSafety : telling.ladders.other;
  if (person === null || leg === null || ladder.length === 0) return;
  if (await isToldOfAll(trx, task)) return;
  await order(trx, [
    {
      source: 'task',
      subject: task.id,
      who: { kind: 'user', id: person, name: personName ?? '' },
      area: task.area,
      ladder,
      occasion: `offer-${leg}`,
      lifeSafety,
      priority: 0,
      message: telling.taskMessage(task, at),
      at,
      // Who is asked no more need not hear of it.
      expiresAt: offeredUntil ?? at + 60_000,
    },
  ]);
}

/** 敲门 of a call: whoever works in the grid has one message with all its homes; only who is asked after them has one for each. */
async function isToldOfAll(trx: Kysely<Tables>, { id, kind, source }: TaskCore): Promise<boolean> {
  if (kind !== 'door-knock' || source.kind !== 'call') return false;
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from leg where task = ${id}`.execute(trx);
  return (rows[0]?.n ?? 0) <= 1;
}
