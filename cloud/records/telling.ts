import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type Kysely, sql } from 'kysely';
import { order, type Who } from './delivery-rows.ts';
import type { Audience, Rules, StoredIncident } from './rules.ts';
import type { Tables } from './tables.ts';

/**
 * Orders the messages to staff for one step of an incident, in the transaction that decided it: what was decided is told, and
 * nothing is told that was not decided. Returns how many people; 0 where this installation has no channel.
 */
export async function tellStaff(
  trx: Kysely<Tables>,
  rules: Rules,
  incident: StoredIncident,
  step: number,
  now: number,
  tell?: readonly Audience[],
): Promise<number> {
  const { telling } = rules;
  const lifeSafety = isLifeSafety(incident.hazard);
  const ladder = lifeSafety ? telling.ladders.lifeSafety : telling.ladders.other;
  if (ladder.length === 0) return 0;
  const people = await audience(trx, tell ?? telling.audienceOf(step, incident.hazard), incident.area);
  const message = telling.incidentMessage(incident, step, now);
  await order(
    trx,
    people.map((who) => ({
      source: 'incident' as const,
      subject: incident.id,
      who,
      area: incident.area,
      ladder,
      // A chain that begins afresh (a rise, a return) tells the same people again.
      occasion: `step-${step}@${incident.lastAlarmAt}`,
      lifeSafety,
      priority: Math.min(step, 9),
      message,
      at: now,
      expiresAt: now + telling.livesMs(incident.hazard),
    })),
  );
  return people.length;
}

/** The people of these roles whose area holds `area`, each once. */
export async function audience(trx: Kysely<Tables>, audiences: readonly Audience[], area: string): Promise<Who[]> {
  const found = new Map<string, Who>();
  for (const { role, onDuty } of audiences) {
    const { rows } = await sql<{ id: string; name: string; on_duty: boolean }>`select distinct u.id, u.name, u.on_duty
      from app_user u join app_grant g on g.user_id = u.id
      where u.disabled_at is null and g.role = ${role} and (g.area = '' or ${area} = g.area or starts_with(${area}, g.area || '/'))
      order by u.id`.execute(trx);
    const ready = rows.filter((row) => row.on_duty);
    for (const { id, name } of onDuty && ready.length > 0 ? ready : rows) found.set(id, { kind: 'user', id, name });
  }
  return [...found.values()];
}
