import { sql } from 'kysely';
import { graver } from '@yihu/device-profiles/vocabulary/severity.ts';
import { gravestOf, maySplit, mergeIncidents, tookOver } from '../incident/merge.ts';
import type { Desk } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { cancel, handOver } from './due.ts';
import { onIncident } from './incident-moves.ts';
import { nextNumber } from './incident-number.ts';
import { linkAlarms, selectHeads, writeForces, writeIncidents, writeSteps } from './incident-rows.ts';
import type { Actor, Outcome, Refusal, Scope } from './records.ts';
import { within } from './scope.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';

export interface MergeCommand {
  readonly into: string;
  readonly version: number;
  readonly reason: string;
  readonly key: string;
}

export interface SplitCommand {
  readonly alarms: readonly string[];
  readonly version: number;
  readonly reason: string;
  readonly key: string;
}

/** Answers with the incident that is left: the one it became part of. */
export function mergeIncident(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  command: MergeCommand,
): Promise<Outcome<IncidentDetail>> {
  const { into: target, key, reason, version } = command;
  return onIncident(desk, { scope, actor, id: target, key, what: `merge ${id}` }, async ({ trx, work, incident: into, at }) => {
    const { rows } = await sql`select 1 from incident i where i.id = ${id} and ${within('i.area', scope)}`.execute(trx);
    if (rows.length === 0) return notThere;
    await work.loadIncident(id);
    const from = work.incident(id);
    if (!from) return notThere;
    if (from.version !== version) return stale;
    const said = { by: actor, at, reason };
    const merged = mergeIncidents(from, into, said);
    if ('refused' in merged) return merged.refused;
    work.say(id, merged.line);
    await work.writeLines();
    const head = (await selectHeads(trx, [id])).get(id);
    if (!head) throw new Error(`incident ${id} has no line after one was written`);
    work.say(target, tookOver(from, said, head));
    for (const alarm of work.alarmsOf(id)) work.putAlarm({ ...alarm, incident: target }, work.epochOf(alarm.id));
    work.putIncident(merged.from);
    work.putIncident(merged.into);
    await sql`insert into incident_alarm (incident, alarm, joined_at)
      select ${target}, alarm, ${at} from incident_alarm where incident = ${id} on conflict do nothing`.execute(trx);
    await sql`delete from incident_alarm where incident = ${id}`.execute(trx);
    await sql`update leg set incident = ${target} where incident = ${id}`.execute(trx);
    await sql`update roll_call set incident = ${target} where incident = ${id}`.execute(trx);
    await sql`update incident_need set incident = ${target} where incident = ${id}`.execute(trx);
    // What was said to the fire command centre was said of this fire, so it is not said again.
    await sql`update onward_report set incident = ${target} where incident = ${id}
      and not exists (select 1 from onward_report o where o.incident = ${target})`.execute(trx);
    await sql`update task set incident = ${target} where incident = ${id}`.execute(trx);
    await sql`update incident set merged_into = ${target} where id = ${id}`.execute(trx);
    if (merged.into.ackedAt === null && merged.chainOf === 'from') await handOver(trx, 'escalation', { from: id, to: target });
    await cancel(trx, 'escalation', [id]);
    await work.flush();
    return null;
  });
}

/** Alarms that turn out to be of something else get an incident of their own, with the plan that fits them. */
export function splitIncident(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  command: SplitCommand,
): Promise<Outcome<IncidentDetail>> {
  const { alarms: leaving, key, reason, version } = command;
  return onIncident(desk, { scope, actor, id, key, what: 'split' }, async ({ trx, work, incident, at }) => {
    if (incident.version !== version) return stale;
    const refused = maySplit(
      incident,
      work.alarmsOf(id).map((alarm) => alarm.id),
      leaving,
    );
    if (refused) return refused.refused;
    const gone = work.alarmsOf(id).filter((alarm) => leaving.includes(alarm.id));
    const gravest = gravestOf(gone);
    if (!gravest) throw new Error(`incident ${id}: nothing to split off`);
    const plan = desk.rules.incident.planFor(gravest, at);
    const severity = gone.reduce((worst, alarm) => (graver(alarm.severity, worst) ? alarm.severity : worst), gravest.severity);
    const opened = desk.rules.incident.openIncident(gravest, {
      id: derivedId('inc', id, ...leaving.toSorted(), key),
      number: await nextNumber(trx, desk.rules.timeZone, at),
      place: incident.place,
      at,
      childCount: 0,
      plan: plan && { id: plan.id, version: plan.version },
    });
    const own = { ...opened, severity };
    const text = (zh: string, en: string) => ({ zh: `${zh}：${reason}`.slice(0, 120), en: `${en}: ${reason}`.slice(0, 120) });
    await writeIncidents(trx, [own]);
    await linkAlarms(
      trx,
      gone.map((alarm) => ({ incident: own.id, alarm: alarm.id })),
      at,
    );
    await sql`delete from incident_alarm where incident = ${id} and alarm = any(${[...leaving]})`.execute(trx);
    await writeSteps(
      trx,
      (plan?.steps ?? []).map((step, position) => ({ ...step, position, incident: own.id })),
    );
    if (plan) await writeForces(trx, new Map([[own.id, plan.force]]));
    for (const alarm of gone) work.putAlarm({ ...alarm, incident: own.id }, work.epochOf(alarm.id));
    const names = gone.map((alarm) => alarm.id);
    work.say(id, {
      kind: 'state',
      text: text(`拆出 ${own.number}`, `${own.number} was split off`),
      data: { move: 'split', incident: own.id, alarms: names, reason },
      actor,
    });
    work.say(own.id, {
      kind: 'state',
      text: text(`由 ${incident.number} 拆出`, `Split off from ${incident.number}`),
      data: { move: 'split', of: id, alarms: names, reason },
      actor,
    });
    work.putIncident({ ...incident, updatedAt: at, version: incident.version + 1 });
    work.putIncident(own);
    // What was acknowledged together was seen; what was not is told of anew.
    if (gone.some((alarm) => alarm.ack === null)) work.tell(own.id, true);
    await work.flush();
    return null;
  });
}

const notThere: Refusal = {
  code: 'not-found',
  message: { zh: '没有找到，可能已被移走或不在您的管辖范围', en: 'Not found: it was moved or lies outside of your area' },
};

const stale: Refusal = {
  code: 'version-conflict',
  message: {
    zh: '事件刚被其他人更新，请看清当前状态后再操作',
    en: 'Somebody has just changed this incident. Look at its present state, then act again',
  },
};
