import { type Kysely, sql } from 'kysely';
import type { IncidentReport, OnwardReport } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { clocksOf } from '../incident/clocks.ts';
import { onwardText, whyNotOnward } from '../incident/onward.ts';
import { selectCallChains } from './call-chain.ts';
import type { Desk } from './commands.ts';
import { partsOf } from './incident-family.ts';
import { onIncident } from './incident-moves.ts';
import { readIncident } from './incidents.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { selectRollCalls } from './roll-calls.ts';
import type { Tables } from './tables.ts';
import { selectTaskViews } from './task-rows.ts';

async function selectOnward(db: Kysely<Tables>, incident: string): Promise<OnwardReport | null> {
  const { rows } = await sql<OnwardReport>`select incident, receiver, how, text, by_name as "byName", at from onward_report
    where incident = ${incident}`.execute(db);
  return rows[0] ?? null;
}

/** 上报 a confirmed fire, once. What was said is kept word for word. */
export function reportOnward(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  said: { receiver: string; how: OnwardReport['how']; text?: string | undefined; key: string },
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, { scope, actor, id, key: said.key, what: 'onward' }, async ({ trx, work, incident, at }) => {
    const why = whyNotOnward(incident);
    if (why) return { code: 'not-allowed', message: why };
    const before = await selectOnward(trx, id);
    if (before) {
      const message = { zh: `${before.byName} 已上报`, en: `${before.byName} has reported it already` };
      return { code: 'not-allowed', message };
    }
    const text = said.text?.trim() ?? onwardText(incident, desk.rules.timeZone);
    await sql`insert into onward_report (incident, receiver, how, text, by, by_name, at)
      values (${id}, ${said.receiver}, ${said.how}, ${text}, ${actor.id}, ${actor.name}, ${at})`.execute(trx);
    work.say(id, {
      kind: 'note',
      text: { zh: `已上报 ${said.receiver}`.slice(0, 120), en: `Reported to ${said.receiver}`.slice(0, 120) },
      data: { onward: said.receiver, how: said.how, text },
      actor,
    });
    work.putIncident(desk.rules.incident.touched(incident, at));
    await work.flush();
    return null;
  });
}

/** 事后报告 of one incident with those that became part of it; null where the scope does not see it. */
export async function incidentReport(desk: Desk, scope: Scope, id: string): Promise<IncidentReport | null> {
  const { db } = desk.database;
  const detail = await readIncident(desk, db, scope, id);
  if (!detail) return null;
  const parts = await partsOf(db, id);
  // What became part of it is of this story, also where its own place lies outside of the reader's areas.
  const merged = await Promise.all(parts.map((part) => readIncident(desk, db, { areas: [''] }, part)));
  const tasks = await selectTaskViews(db, sql`t.incident = ${id}`, sql`order by t.created_at, t.id`);
  return {
    ...detail,
    schema: 'yihu-report/1',
    madeAt: desk.clock.now(),
    clocks: clocksOf(detail),
    tasks: tasks.map((task) => ({ ...task, timeline: [] })),
    onward: await selectOnward(db, id),
    rollCalls: await selectRollCalls(db, sql`r.incident = ${id}`),
    merged: merged.filter((one) => one !== null),
    calls: await selectCallChains(db, [id, ...parts]),
  };
}
