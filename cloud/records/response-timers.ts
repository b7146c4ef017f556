import { type Kysely, sql } from 'kysely';
import { selectAlarms } from './alarm-rows.ts';
import { cancel, type Due, plan } from './due.ts';
import type { Rules, StoredIncident } from './rules.ts';
import type { Tables } from './tables.ts';
import { tellStaff } from './telling.ts';

/** What a transaction changes about who is to be told when; incidents by id unless whole. */
export interface TimerChanges {
  /** A fresh chain each, instead of whatever is left of an old one. */
  readonly tell: readonly StoredIncident[];
  /** Something in them was answered: perhaps all of it. */
  readonly settle: ReadonlySet<string>;
  /** Taken up or over, whatever their alarms say. */
  readonly answered: ReadonlySet<string>;
  readonly shelves: readonly Due[];
  /** Alarms whose shelf was taken off by hand. */
  readonly shelvesOff: readonly string[];
}

/** Alarms are written already: what is left to answer is read from their rows. */
export async function writeTimers(trx: Kysely<Tables>, rules: Rules, at: number, changes: TimerChanges): Promise<void> {
  const answered = [...changes.answered];
  for (const id of changes.settle) if (await isAnswered(trx, rules, id, at)) answered.push(id);
  const told = changes.tell.map((incident) => incident.id);
  await cancel(trx, 'escalation', [...answered, ...told]);
  await cancel(trx, 'shelf-end', changes.shelvesOff);
  for (const incident of changes.tell) await tellStaff(trx, rules, incident, 0, at);
  await plan(trx, [...changes.tell.flatMap((incident) => chain(rules, incident, at)), ...changes.shelves]);
}

function chain(rules: Rules, incident: StoredIncident, at: number): Due[] {
  const rungs = rules.escalation.chainFor(incident.hazard, at);
  return rungs.map(({ step, dueAt }) => ({ kind: 'escalation', subject: incident.id, step, dueAt }));
}

/** No alarm of it is left that is neither acknowledged nor quiet; the clock on the board stops at the first answer. */
async function isAnswered(trx: Kysely<Tables>, rules: Rules, id: string, at: number): Promise<boolean> {
  const alarms = (await selectAlarms(trx, rules.alarm, sql`a.incident = ${id}`)).map((row) => row.alarm);
  if (alarms.some((alarm) => !alarm.ack && !rules.alarm.isQuiet(alarm))) return false;
  if (alarms.some((alarm) => alarm.ack)) {
    await sql`update incident set acked_at = coalesce(acked_at, ${at}) where id = ${id}`.execute(trx);
  }
  return true;
}
