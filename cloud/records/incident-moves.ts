import { type Kysely, sql } from 'kysely';
import type { Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Desk, runCommand } from './commands.ts';
import { selectLegs, selectSteps } from './incident-rows.ts';
import { readIncident } from './incidents.ts';
import type { Actor, IncidentCommand, Outcome, Refusal, Scope, StepCommand } from './records.ts';
import { responderName } from './responders.ts';
import { derivedId } from './derived-id.ts';
import { ResponseWork } from './response-work.ts';
import { within } from './scope.ts';
import { followErrands } from './task-errands.ts';
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

export interface OnIncident {
  readonly scope: Scope;
  readonly actor: Actor;
  readonly id: string;
  readonly key: string;
  /** See `Command`. */
  readonly what: string;
}

/** One command on one incident, once; `act` ends with the work's flush. */
export function onIncident(desk: Desk, { scope, actor, id, key, what }: OnIncident, act: Act): Promise<Outcome<IncidentDetail>> {
  return runCommand<IncidentDetail>(desk, {
    visible: within('t.area', scope),
    actor,
    key,
    table: 'incident',
    id,
    what,
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
  return onIncident(desk, { scope, actor, id, key: command.key, what: command.move }, async ({ trx, work, incident, at }) => {
    const { move, version, reason, disposition } = command;
    const name = command.person === undefined ? null : await responderName(trx, scope, command.person);
    if (command.person !== undefined && name === null) return unknownPerson;
    const person = command.person === undefined || name === null ? undefined : { id: command.person, name };
    const legs = await selectLegs(trx, id);
    const legId = derivedId('leg', id, actor.id, command.key);
    const request = { move, version, reason, disposition, person, by: actor, at, legId };
    const moved = desk.rules.incident.applyIncidentMove(incident, request, { alarms: work.alarmsOf(id), legs });
    if ('refused' in moved) return moved.refused;
    work.putIncident(moved.incident);
    for (const line of moved.lines) work.say(id, line);
    for (const effect of moved.effects) await carryOut(desk.rules, work, id, effect, actor, at);
    await work.flush(await followErrands({ trx, rules: desk.rules, at }, moved.incident, moved.legs, actor));
    return null;
  });
}

export const unknownPerson: Refusal = {
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
  return onIncident(desk, { scope, actor, id, key: note.key, what: 'note' }, async ({ work, incident, at }) => {
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
  return onIncident(
    desk,
    { scope, actor, id, key: command.key, what: `step ${step} ${command.to}` },
    async ({ trx, work, incident, at }) => {
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
    },
  );
}

const stepRefusals = {
  'not-allowed': {
    code: 'not-allowed',
    message: { zh: '这一步已经处理过，请看当前状态', en: 'This step was dealt with already; look at its present state' },
  },
  'reason-needed': { code: 'reason-needed', message: { zh: '请写明跳过或受阻的原因', en: 'Say why it is skipped or blocked' } },
} as const;

/** Forgets command keys older than `before`: a phone that comes back later than that starts anew. */
export async function dropOldCommands(db: Kysely<Tables>, before: number): Promise<void> {
  await sql`delete from command where at < ${before}`.execute(db);
}
