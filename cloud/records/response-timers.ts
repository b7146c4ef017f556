import { type Kysely, sql } from 'kysely';
import { selectAlarms } from './alarm-rows.ts';
import { cancel, type Due, plan, planned } from './due.ts';
import type { Rules, StoredIncident, TimedAxis } from './rules.ts';
import type { Tables } from './tables.ts';
import { tellStaff } from './telling.ts';

/** An incident people must hear of. `fresh`: with a new chain even where one runs, because it is graver than what they know. */
export interface Told {
  readonly incident: StoredIncident;
  readonly fresh: boolean;
}

/** One axis of an alarm and when to look at it again; null: not any more. */
export interface AxisTimer {
  readonly alarm: string;
  readonly axis: TimedAxis;
  readonly at: number | null;
}

/** What a transaction changes about who is to be told when; incidents by id unless whole. */
export interface TimerChanges {
  readonly tell: readonly Told[];
  /** Something in them was answered: perhaps all of it. */
  readonly settle: ReadonlySet<string>;
  /** Taken up or over, whatever their alarms say. */
  readonly answered: ReadonlySet<string>;
  readonly timers: readonly AxisTimer[];
}

/** Alarms are written already: what is left to answer is read from their rows. */
export async function writeTimers(trx: Kysely<Tables>, rules: Rules, at: number, changes: TimerChanges): Promise<void> {
  const answered = [...changes.answered];
  for (const id of changes.settle) if (await isAnswered(trx, rules, id, at)) answered.push(id);
  await cancel(trx, 'escalation', answered);
  const told = await toBeTold(trx, changes.tell);
  await cancel(
    trx,
    'escalation',
    told.map(({ id }) => id),
  );
  for (const incident of told) await tellStaff(trx, rules, incident, 0, at);
  await plan(
    trx,
    told.flatMap((incident) => chain(rules, incident, at)),
  );
  await setTimers(trx, changes.timers);
}

/** A chain that runs is left alone: a detector that comes and goes must not put its first step off for ever. */
async function toBeTold(trx: Kysely<Tables>, tell: readonly Told[]): Promise<StoredIncident[]> {
  const running = await planned(
    trx,
    'escalation',
    tell.filter(({ fresh }) => !fresh).map(({ incident }) => incident.id),
  );
  return tell.filter(({ incident, fresh }) => fresh || !running.has(incident.id)).map(({ incident }) => incident);
}

async function setTimers(trx: Kysely<Tables>, timers: readonly AxisTimer[]): Promise<void> {
  for (const axis of ['shelf', 'ack', 'service'] as const) {
    const mine = timers.filter((timer) => timer.axis === axis);
    const kind = `${axis}-end` as const;
    await cancel(
      trx,
      kind,
      mine.filter(({ at }) => at === null).map(({ alarm }) => alarm),
    );
    await plan(
      trx,
      mine.flatMap(({ alarm, at: dueAt }) => (dueAt === null ? [] : [{ kind, subject: alarm, step: 0, dueAt }])),
    );
  }
}

function chain(rules: Rules, incident: StoredIncident, at: number): Due[] {
  const rungs = rules.escalation.chainFor(incident.hazard, at);
  return rungs.map(({ step, dueAt, rung }) => ({ kind: 'escalation', subject: incident.id, step, dueAt, rung }));
}

/** No alarm of it is left that is neither acknowledged nor quiet; the clock on the board stops at the first answer. */
async function isAnswered(trx: Kysely<Tables>, rules: Rules, id: string, at: number): Promise<boolean> {
  if (await isAnythingLoud(trx, rules, id)) return false;
  await sql`update incident set acked_at = coalesce(acked_at, ${at}) where id = ${id}
    and exists (select 1 from alarm where incident = ${id} and ack is not null)`.execute(trx);
  return true;
}

/** An incident of a flood has thousands of alarms; the first one that waits for an answer will do. */
const looked = 200;

/** True where an alarm of the incident waits for an answer and is not quiet; also of one without any alarm. */
export async function isAnythingLoud(trx: Kysely<Tables>, rules: Rules, incident: string): Promise<boolean> {
  const waiting = sql`a.incident = ${incident} and a.ack is null and a.shelf is null and a.out_of_service is null`;
  const some = await selectAlarms(trx, rules.alarm, waiting, sql`limit ${looked}`);
  const isLoud = ({ alarm }: (typeof some)[number]) => !rules.alarm.isQuiet(alarm);
  if (some.some(isLoud)) return true;
  if (some.length === looked) return (await selectAlarms(trx, rules.alarm, waiting)).some(isLoud);
  const any = await sql`select 1 from alarm where incident = ${incident} limit 1`.execute(trx);
  return any.rows.length === 0;
}
