import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { answerCall, peopleOf, rollCallMs, silentOf } from '../incident/roll-call.ts';
import { type Desk, notFound } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { plan } from './due.ts';
import { onIncident } from './incident-moves.ts';
import { selectLegs } from './incident-rows.ts';
import { once } from './once.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import { inTransaction } from './retry.ts';
import { tellAskedOfRoll, tellDeskOfRoll } from './roll-call-telling.ts';
import type { Rules, StoredIncident } from './rules.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

export async function selectRollCalls(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<RollCall[]> {
  const { rows } = await sql<RollCall>`select r.id, r.incident, r.at, r.by_name as "byName", r.answer_by as "answerBy", r.people
    from roll_call r where ${condition} order by r.at desc, r.id`.execute(db);
  return rows;
}

/** Asks everybody sent whether they are safe; refused where nobody is under way. */
export function startRollCall(desk: Desk, scope: Scope, actor: Actor, id: string, key: string): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, { scope, actor, id, key, what: 'roll-call' }, async ({ trx, work, incident, at }) => {
    const people = peopleOf(await selectLegs(trx, id));
    if (people.length === 0) {
      return { code: 'not-allowed', message: { zh: '没有在途或在场的人员', en: 'Nobody is on the way or on scene' } };
    }
    const call = derivedId('roll', id, actor.id, key);
    const answerBy = at + rollCallMs;
    await sql`insert into roll_call (id, incident, at, by_name, answer_by, people)
      values (${call}, ${id}, ${at}, ${actor.name}, ${answerBy}, ${json(people)})`.execute(trx);
    await plan(trx, [{ kind: 'roll-call', subject: call, step: 0, dueAt: answerBy }]);
    const names = people.map(({ name }) => name).join('、');
    work.say(id, {
      kind: 'dispatch',
      text: {
        zh: `清点 ${people.length} 人：${names}`.slice(0, 120),
        en: `Roll call of ${people.length}: ${names}`.slice(0, 120),
      },
      data: { rollCall: 'asked', people: people.map(({ person }) => person) },
      actor,
    });
    work.putIncident(desk.rules.incident.touched(incident, at));
    await tellAskedOfRoll(trx, desk.rules, { incident, call, at }, { people, answerBy });
    await work.flush();
    return null;
  });
}

/** Every roll call of an incident, the newest first; null where the incident is not seen. */
export async function rollCallsOf({ database: { db } }: Desk, scope: Scope, id: string): Promise<RollCall[] | null> {
  const { rows } = await sql`select 1 from incident i where i.id = ${id} and ${within('i.area', scope)}`.execute(db);
  return rows.length === 0 ? null : selectRollCalls(db, sql`r.incident = ${id}`);
}

/** The newest roll calls that ask this person and that are not over for long. */
export function ownRollCalls({ database: { db }, clock }: Desk, person: string): Promise<RollCall[]> {
  const since = clock.now() - 30 * 60_000;
  return selectRollCalls(db, sql`r.at >= ${since} and r.people @> ${json([{ person }])}`);
}

/** "I am safe" or "I need help"; the last word counts, and the same key is one answer. */
export function answerRollCall(
  { database: { db }, clock, rules }: Desk,
  actor: Actor,
  id: string,
  answer: { state: 'safe' | 'help'; note?: string | undefined; key: string },
): Promise<Outcome<RollCall>> {
  return inTransaction(db, async (trx): Promise<Outcome<RollCall>> => {
    await lockResponse(trx);
    const at = clock.now();
    const [call] = await selectRollCalls(trx, sql`r.id = ${id}`);
    const answered =
      call && answerCall(call.people, { person: actor.id, state: answer.state, note: answer.note?.trim() ?? null, at });
    if (!call || !answered) return notFound();
    const done = await once(trx, { actor: actor.id, key: answer.key, about: 'roll-call', at }, async () => {
      await sql`update roll_call set people = ${json(answered.people)} where id = ${id}`.execute(trx);
      const incident = await writeLine(trx, rules, call.incident, answered.line, at);
      const help = { what: `help-${actor.id}`, text: answered.line.text.zh };
      if (answer.state === 'help') await tellDeskOfRoll(trx, rules, { incident, call: id, at }, help);
      return id;
    });
    const [now] = await selectRollCalls(trx, sql`r.id = ${id}`);
    if (typeof done === 'string' || !now) return notFound();
    return { ok: true, value: now, repeated: done.repeated };
  });
}

/** The time of a roll call is over. */
export async function rollCallIsDue(trx: Kysely<Tables>, rules: Rules, id: string, now: number): Promise<string> {
  const [call] = await selectRollCalls(trx, sql`r.id = ${id}`);
  const silent = call && silentOf(call.people);
  if (!call || !silent) return 'everybody answered';
  await sql`update roll_call set people = ${json(silent.people)} where id = ${id}`.execute(trx);
  const incident = await writeLine(trx, rules, call.incident, silent.line, now);
  await tellDeskOfRoll(trx, rules, { incident, call: id, at: now }, { what: 'silent', text: silent.line.text.zh });
  return 'somebody is silent';
}

async function writeLine(
  trx: Kysely<Tables>,
  rules: Rules,
  id: string,
  line: Parameters<ResponseWork['say']>[1],
  at: number,
): Promise<StoredIncident> {
  const work = new ResponseWork(trx, rules, at);
  await work.loadIncident(id);
  const incident = work.incident(id);
  if (!incident) throw new Error(`incident ${id} is gone`);
  work.say(id, line);
  work.putIncident(rules.incident.touched(incident, at));
  await work.flush();
  return incident;
}
