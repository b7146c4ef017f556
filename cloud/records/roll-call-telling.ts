import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { Kysely } from 'kysely';
import { order, type Who } from './delivery-rows.ts';
import type { Rules, StoredIncident } from './rules.ts';
import type { Tables } from './tables.ts';
import { audience } from './telling.ts';

/** A word of a roll call lives so long where nobody is waiting for an answer to it. */
const livesMs = 30 * 60_000;

interface Said {
  readonly incident: Pick<StoredIncident, 'id' | 'area' | 'number'>;
  readonly call: string;
  readonly at: number;
}

/** Asks everybody by the ways that wake people: a phone in a pocket shows no page. */
export async function tellAskedOfRoll(
  trx: Kysely<Tables>,
  rules: Rules,
  { incident, call, at }: Said,
  { people, answerBy }: Pick<RollCall, 'people' | 'answerBy'>,
): Promise<void> {
  const who = people.map(({ person, name }): Who => ({ kind: 'user', id: person, name }));
  const text = `【一呼】清点人员（${incident.number}）：请立即在手机上按“平安”或“需要帮助”。`;
  await tell(trx, rules, who, { incident, call, at, text, occasion: `roll-${call}`, expiresAt: answerBy });
}

/** Somebody needs help, or is silent: who is on duty at the desk hears it, also away from the screen. */
export async function tellDeskOfRoll(
  trx: Kysely<Tables>,
  rules: Rules,
  { incident, call, at }: Said,
  { what, text }: { readonly what: string; readonly text: string },
): Promise<void> {
  const who = await audience(trx, [{ role: 'dispatcher', onDuty: true }], incident.area);
  const said = { text: `【一呼】${incident.number} ${text}`, occasion: `roll-${call}-${what}`, expiresAt: at + livesMs };
  await tell(trx, rules, who, { incident, call, at, ...said });
}

async function tell(
  trx: Kysely<Tables>,
  { telling }: Rules,
  people: readonly Who[],
  { incident, at, text, occasion, expiresAt }: Said & { text: string; occasion: string; expiresAt: number },
): Promise<void> {
  const ladder = telling.ladders.lifeSafety;
  if (ladder.length === 0) return;
  await order(
    trx,
    people.map((who) => ({
      source: 'incident' as const,
      subject: incident.id,
      who,
      area: incident.area,
      ladder,
      occasion,
      // Whoever is on the ground is in danger themselves, whatever the incident is about.
      lifeSafety: true,
      priority: 0,
      message: { language: 'zh' as const, title: '【一呼】清点人员', text },
      at,
      expiresAt,
    })),
  );
}
