import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentState } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Kysely, sql } from 'kysely';
import { selectAlarms } from './alarm-rows.ts';
import { capIsOver } from './cap-alarms.ts';
import type { Desk } from './commands.ts';
import { cancel, type Due, plan, type TakenDue, takeDue } from './due.ts';
import { lookAtFlood } from './flood.ts';
import { selectIncidents } from './incident-rows.ts';
import { moveWindow } from './maintenance.ts';
import { isAnythingLoud } from './response-timers.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Decided, Rules } from './rules.ts';
import type { Tables } from './tables.ts';
import { postCheckIsDue } from './post-checks.ts';
import { callLineIsDue } from './call-chain.ts';
import { needFollows } from './call-need-tasks.ts';
import { callTaskIsDue } from './call-tasks.ts';
import { lookAtRoster } from './roster.ts';
import { parentIsBack } from './root-cause.ts';
import { rollCallIsDue } from './roll-calls.ts';
import { sosIsDue } from './resident-sos.ts';
import { taskIsDue } from './task-work.ts';
import { tellStaff } from './telling.ts';

/** What one due row came to. */
export type Swept = { readonly due: Due; readonly outcome: string };

/** Runs everything that is due. Returns what was done, oldest first. @throws where something could not be carried out. */
export async function sweep(desk: Desk, now: number): Promise<Swept[]> {
  const { done, failed } = await sweepAll(desk, now);
  if (failed.length > 0) throw new Error(failed.join('; '));
  return done;
}

/**
 * Runs everything that is due, each row in its own transaction: the row goes and its effect stays, or neither. Any number
 * of workers may sweep at once. A row that cannot be carried out stays due and holds up no other.
 */
export async function sweepAll(desk: Desk, now: number): Promise<{ done: Swept[]; failed: string[] }> {
  const done: Swept[] = [];
  const failed: string[] = [];
  const left: number[] = [];
  while (await isAnythingDue(desk, now, left)) {
    let taken: TakenDue | null = null;
    try {
      const one = await inTransaction(desk.database.db, async (trx) => {
        await lockResponse(trx);
        taken = await takeDue(trx, now, left);
        return taken && { due: taken, outcome: await runs[taken.kind](trx, desk.rules, taken, now) };
      });
      if (one !== null) done.push(one);
    } catch (error) {
      left.push(idOf(taken, error));
      failed.push(`${nameOf(taken)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { done, failed };
}

/** @throws the error itself where no row was reached: then it is the database that is away. */
function idOf(taken: TakenDue | null, error: unknown): number {
  if (taken === null) throw error;
  return taken.id;
}

function nameOf(taken: TakenDue | null): string {
  return taken === null ? 'due' : `${taken.kind} ${taken.subject} ${taken.step}`;
}

/** Asked without a lock, so that the sweep of an idle second holds up nobody. */
async function isAnythingDue({ database: { db } }: Desk, now: number, not: readonly number[]): Promise<boolean> {
  const { rows } = await sql`select 1 from due where due_at <= ${now} and not (id = any(${[...not]}::bigint[])) limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

type Run = (trx: Kysely<Tables>, rules: Rules, due: Due, now: number) => Promise<string>;

const runs: Record<Due['kind'], Run> = {
  escalation: escalate,
  'shelf-end': (trx, rules, due, now) => endAxis(trx, rules, due, now, (alarm) => rules.alarm.endShelf(alarm, now)),
  'service-end': (trx, rules, due, now) => endAxis(trx, rules, due, now, (alarm) => rules.alarm.endService(alarm, now)),
  'window-start': moveWindow,
  'window-end': moveWindow,
  'flood-look': lookAtFlood,
  'ack-end': (trx, rules, due, now) =>
    endAxis(trx, rules, due, now, (alarm, incident) => rules.alarm.endAck(alarm, now, incident !== null && incident !== 'open')),
  task: (trx, rules, { subject }, now) => taskIsDue(trx, rules, subject, now),
  'roll-call': (trx, rules, { subject }, now) => rollCallIsDue(trx, rules, subject, now),
  'parent-back': parentIsBack,
  'roster-look': (trx, rules, { subject }, now) => lookAtRoster(trx, rules, subject, now),
  'call-task': callTaskIsDue,
  'call-need': needFollows,
  'call-line': callLineIsDue,
  'cap-end': capIsOver,
  sos: sosIsDue,
  'post-check': (trx, _rules, { subject }) => postCheckIsDue(trx, subject),
};

async function escalate(trx: Kysely<Tables>, rules: Rules, due: Due, now: number): Promise<string> {
  const [incident] = await selectIncidents(trx, sql`i.id = ${due.subject}`);
  if (!incident) return 'gone';
  const quiet = !(await isAnythingLoud(trx, rules, incident.id));
  const decision = rules.escalation.decideStep({ ...incident, quiet }, due.step, now, due.rung);
  if (decision.act === 'stop') {
    await cancel(trx, 'escalation', [due.subject]);
    return decision.reason;
  }
  const work = new ResponseWork(trx, rules, now);
  await work.loadIncidentRow(incident.id);
  const told = await tellStaff(trx, rules, incident, due.step, now, due.rung?.tell);
  const text = told > 0 ? decision.text : toldNobody(decision.text);
  work.say(incident.id, { kind: 'escalation', text, data: { ...decision.data, told } });
  work.putIncident(rules.incident.touched(incident, now));
  const next = due.rung && rules.escalation.nextRound(due.step, due.rung, now);
  if (next) await plan(trx, [{ kind: 'escalation', subject: incident.id, ...next }]);
  await work.flush();
  return 'escalated';
}

/** Rule 8: a step that reached nobody says so, because the one who reads it must go on by other means. */
function toldNobody({ zh, en }: { zh: string; en?: string | undefined }): { zh: string; en: string } {
  const [after, afterEn] = ['（没有渠道或没有这样的人，未能发出）', ' (nothing sent: no channel, or nobody)'];
  // `Text` holds at most 120 characters.
  return { zh: `${zh.slice(0, 120 - after.length)}${after}`, en: `${(en ?? zh).slice(0, 120 - afterEn.length)}${afterEn}` };
}

/** An axis that ends by the clock, where it is still as it was when the row was written. */
async function endAxis(
  trx: Kysely<Tables>,
  rules: Rules,
  due: Due,
  now: number,
  end: (alarm: Alarm, incident: IncidentState | null) => Decided | null,
): Promise<string> {
  const [row] = await selectAlarms(trx, rules.alarm, sql`a.id = ${due.subject}`);
  if (!row) return 'gone';
  const work = new ResponseWork(trx, rules, now);
  const { incident } = row.alarm;
  if (incident !== null) await work.loadIncidentRow(incident);
  const ended = end(row.alarm, incident === null ? null : (work.incident(incident)?.state ?? null));
  if (!ended) return 'moved on';
  await work.follow(ended.alarm, row.epoch, ended.effects, {});
  await work.flush();
  return 'ended';
}
