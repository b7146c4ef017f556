import { type Kysely, sql } from 'kysely';
import type { Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { canMove, type IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Desk, runCommand } from './commands.ts';
import { selectLegs, selectSteps } from './incident-rows.ts';
import { readIncident } from './incidents.ts';
import type { Actor, IncidentCommand, LegCommand, Outcome, Refusal, Scope, StepCommand } from './records.ts';
import { responderDrafts, responderName } from './responders.ts';
import { derivedId } from './derived-id.ts';
import { ResponseWork } from './response-work.ts';
import type { IncidentEffect, Rules, StoredIncident } from './rules.ts';
import type { Tables } from './tables.ts';

/** An incident inside a command: its rows are read, and nobody else changes them until the commit. */
interface Held {
  readonly trx: Kysely<Tables>;
  readonly work: ResponseWork;
  readonly incident: StoredIncident;
  readonly at: number;
}

type Act = (held: Held) => Promise<Refusal | null>;

function onIncident(desk: Desk, scope: Scope, actor: Actor, id: string, key: string, act: Act): Promise<Outcome<IncidentDetail>> {
  return runCommand<IncidentDetail>(desk, {
    scope,
    actor,
    key,
    table: 'incident',
    id,
    read: (trx) => readIncident(desk, trx, scope, id),
    act: async (trx, at) => {
      const work = new ResponseWork(trx, desk.rules, at);
      await work.loadIncident(id);
      const incident = work.incident(id);
      if (!incident) throw new Error(`incident ${id} is visible and cannot be read`);
      return act({ trx, work, incident, at });
    },
  });
}

export function moveIncident(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  command: IncidentCommand,
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, scope, actor, id, command.key, async ({ trx, work, incident, at }) => {
    const { move, version, reason, disposition } = command;
    const name = command.person === undefined ? null : await responderName(trx, command.person);
    if (command.person !== undefined && name === null) return unknownPerson;
    const person = command.person === undefined || name === null ? undefined : { id: command.person, name };
    const legs = await selectLegs(trx, id);
    const legId = derivedId('leg', id, actor.id, command.key);
    const request = { move, version, reason, disposition, person, by: actor, at, legId };
    const moved = desk.rules.incident.applyIncidentMove(incident, request, { alarms: work.alarmsOf(id), legs });
    if ('refused' in moved) return moved.refused;
    work.putIncident(moved.incident);
    work.putLegs(id, moved.legs);
    for (const line of moved.lines) work.say(id, line);
    for (const effect of moved.effects) await carryOut(desk.rules, work, id, effect, actor, at);
    await work.flush(await legDrafts(trx, work, id, moved.legs, at));
    return null;
  });
}

/** Legs are written before the people's views are read, so that the stream shows whom it takes. */
async function legDrafts(trx: Kysely<Tables>, work: ResponseWork, id: string, legs: readonly { person: string }[], at: number) {
  if (legs.length === 0) return [];
  await work.writeLegsNow(id);
  return responderDrafts(
    trx,
    legs.map((leg) => leg.person),
    at,
  );
}

const unknownPerson: Refusal = {
  code: 'person-needed',
  message: { zh: '没有这个人，请重新选择派谁去', en: 'There is no such person. Choose again whom to send' },
};

async function carryOut(
  rules: Rules,
  work: ResponseWork,
  id: string,
  effect: IncidentEffect,
  by: Actor,
  at: number,
): Promise<void> {
  switch (effect.do) {
    case 'settle':
      return work.answered(id);
    case 'ack-alarms':
      return ackAlarms(rules, work, id, by, at, () => true);
    case 'judge-alarms':
      await ackAlarms(rules, work, id, by, at, (active) => !active);
      return judge(rules, work, id, effect.disposition);
  }
}

async function ackAlarms(
  rules: Rules,
  work: ResponseWork,
  id: string,
  by: Actor,
  at: number,
  wanted: (active: boolean) => boolean,
): Promise<void> {
  for (const alarm of work.alarmsOf(id)) {
    if (alarm.ack || !wanted(alarm.active)) continue;
    const result = rules.alarm.applyMove(alarm, { move: 'ack', by, at, version: alarm.version, lasting: true });
    if ('alarm' in result) await work.follow(result.alarm, work.epochOf(alarm.id), result.effects, { actor: by });
  }
}

function judge(rules: Rules, work: ResponseWork, id: string, disposition: Disposition): void {
  for (const alarm of work.alarmsOf(id)) {
    if (alarm.disposition === disposition) continue;
    work.putAlarm(rules.alarm.withIsa({ ...alarm, disposition, version: alarm.version + 1 }), work.epochOf(alarm.id));
  }
}

/** A line of somebody's own; `Text` holds 120 characters, so the whole note stands in the line's data. */
export function addNote(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  note: { text: string; key: string },
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, scope, actor, id, note.key, async ({ work, incident, at }) => {
    const text = note.text.trim().slice(0, 2000);
    if (text === '') return { code: 'reason-needed', message: { zh: '请先写点什么', en: 'Write something first' } };
    const short = text.length <= 120 ? text : `${text.slice(0, 119)}…`;
    work.say(id, { kind: 'note', text: { zh: short }, data: { note: text }, actor });
    work.putIncident(desk.rules.incident.touched(incident, at));
    await work.flush();
    return null;
  });
}

export function stepMove(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  step: string,
  command: StepCommand,
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, scope, actor, id, command.key, async ({ trx, work, incident, at }) => {
    const found = (await selectSteps(trx, id)).find((one) => one.id === step);
    if (!found) return { code: 'not-found', message: { zh: '预案里没有这一步', en: 'The plan has no such step' } };
    const { position, ...before } = found;
    const moved = desk.rules.incident.moveStep(before, command.to, { by: actor, at, reason: command.reason });
    if ('refused' in moved) return stepRefusals[moved.refused];
    work.putSteps(id, [{ ...moved.step, position }]);
    work.say(id, moved.line);
    work.putIncident(desk.rules.incident.touched(incident, at));
    await work.flush();
    return null;
  });
}

const stepRefusals = {
  'not-allowed': {
    code: 'not-allowed',
    message: { zh: '这一步已经处理过，请看当前状态', en: 'This step was dealt with already; look at its present state' },
  },
  'reason-needed': { code: 'reason-needed', message: { zh: '请写明跳过或受阻的原因', en: 'Say why it is skipped or blocked' } },
} as const;

/** A step of one person sent; the first to arrive brings the incident on scene. */
export function legMove(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  leg: string,
  command: LegCommand,
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, scope, actor, id, command.key, async ({ trx, work, incident, at }) => {
    const found = (await selectLegs(trx, id)).find((one) => one.id === leg);
    if (!found) return { code: 'not-found', message: { zh: '没有这次出动', en: 'There is no such dispatch' } };
    const moved = desk.rules.incident.moveLeg(found, command.to, at, actor, command);
    if (!moved) return legRefusal;
    work.putLegs(id, [{ ...moved.leg, phoneAt: command.phoneAt }]);
    work.say(id, moved.line);
    work.putIncident(arrived(desk.rules, work, incident, command.to, actor, at));
    await work.flush(await legDrafts(trx, work, id, [moved.leg], at));
    return null;
  });
}

const legRefusal: Refusal = {
  code: 'not-allowed',
  message: { zh: '这次出动已经不在这一步，请刷新后再操作', en: 'This dispatch is no longer at that step. Look again, then act' },
};

function arrived(rules: Rules, work: ResponseWork, incident: StoredIncident, to: string, by: Actor, at: number): StoredIncident {
  if (to !== 'on-scene' || !canMove('arrive', incident.state)) return rules.incident.touched(incident, at);
  const request = { move: 'arrive' as const, version: incident.version, by, at, legId: '' };
  const moved = rules.incident.applyIncidentMove(incident, request, { alarms: work.alarmsOf(incident.id), legs: [] });
  if ('refused' in moved) return rules.incident.touched(incident, at);
  for (const line of moved.lines) work.say(incident.id, line);
  return moved.incident;
}

/** Forgets command keys older than `before`: a phone that comes back later than that starts anew. */
export async function dropOldCommands(db: Kysely<Tables>, before: number): Promise<void> {
  await sql`delete from command where at < ${before}`.execute(db);
}
