import type { Kysely } from 'kysely';
import type { TaskCore } from '../task/move.ts';
import { order } from './delivery-rows.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** Tells whoever is asked, by the ladder of its kind; once per errand. */
export async function tellAsked(trx: Kysely<Tables>, { telling }: Rules, task: TaskCore, at: number): Promise<void> {
  const { person, personName, leg, lifeSafety, offeredUntil } = task;
  const ladder = lifeSafety ? telling.ladders.lifeSafety : telling.ladders.other;
  if (person === null || leg === null || ladder.length === 0) return;
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
      message: telling.taskMessage(task),
      at,
      // Who is asked no more need not hear of it.
      expiresAt: offeredUntil ?? at + 60_000,
    },
  ]);
}
