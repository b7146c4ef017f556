import { type Kysely, sql } from 'kysely';
import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { offerMs } from '../task/limits.ts';
import type { TaskCore } from '../task/move.ts';
import type { Actor } from './records.ts';
import { responderDrafts } from './responders.ts';
import type { Rules, StoredIncident } from './rules.ts';
import type { StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';
import { insertTask, middleOf, selectTasks, updateTask, writeTaskLegs } from './task-rows.ts';
import { tellAsked } from './task-telling.ts';
import { planTask, taskDraft } from './task-work.ts';

interface Following {
  readonly trx: Kysely<Tables>;
  readonly rules: Rules;
  readonly at: number;
}

/**
 * What a move of an incident did to its errands, done to their tasks: whoever is sent has a task, whoever is called off has
 * none. Tasks of an incident that is over and that nobody has end with it. Returns what the stream is to hear.
 */
export async function followErrands(
  following: Following,
  incident: StoredIncident,
  legs: readonly Leg[],
  by: Actor,
): Promise<StreamDraft[]> {
  const { trx, at } = following;
  const drafts: StreamDraft[] = [];
  for (const leg of legs) drafts.push(taskDraft(await followOne(following, incident, leg, by), at));
  const people = legs.map((leg) => leg.person);
  if (people.length > 0) drafts.push(...(await responderDrafts(trx, people, at)));
  if (['closed', 'false-alarm', 'cancelled', 'merged'].includes(incident.state))
    drafts.push(...(await endLooking(following, incident.id)));
  return drafts;
}

async function followOne({ trx, rules, at }: Following, incident: StoredIncident, leg: Leg, by: Actor): Promise<TaskCore> {
  const [known] = await selectTasks(trx, sql`t.id = (select task from leg where id = ${leg.id})`);
  const task = known ? errandOf(known, leg, at) : await newErrand(trx, incident, leg, by, at);
  if (known) await updateTask(trx, task);
  else await insertTask(trx, task);
  await writeTaskLegs(trx, task, [leg]);
  await planTask(trx, task, at);
  if (task.state === 'offered') await tellAsked(trx, rules, task, at);
  return task;
}

/** An errand of the dispatcher's own choosing becomes what the incident's move said of it. */
function errandOf(task: TaskCore, leg: Leg, at: number): TaskCore {
  const state = leg.state === 'declined' || leg.state === 'expired' ? 'created' : leg.state;
  return { ...task, state, offeredUntil: null, updatedAt: at, version: task.version + 1 };
}

async function newErrand(trx: Kysely<Tables>, incident: StoredIncident, leg: Leg, by: Actor, at: number): Promise<TaskCore> {
  const lifeSafety = isLifeSafety(incident.hazard);
  return {
    id: `task-${leg.id}`,
    kind: 'dispatch',
    state: 'offered',
    title: incident.title,
    note: null,
    area: incident.area,
    place: incident.place,
    position: await middleOf(trx, incident.area),
    source: { kind: 'incident', id: incident.id },
    incident: incident.id,
    lifeSafety,
    roles: ['grid-worker', 'property', 'dispatcher'],
    person: leg.person,
    personName: leg.personName,
    leg: leg.id,
    offeredUntil: at + offerMs('dispatch', lifeSafety),
    dueAt: null,
    createdAt: at,
    createdByName: by.name,
    updatedAt: at,
    trouble: null,
    checked: false,
    checks: [],
    version: 1,
  };
}

async function endLooking({ trx, at }: Following, incident: string): Promise<StreamDraft[]> {
  const open = await selectTasks(trx, sql`t.incident = ${incident} and t.state = 'created'`);
  const drafts: StreamDraft[] = [];
  for (const task of open) {
    const ended: TaskCore = { ...task, state: 'cancelled', trouble: null, updatedAt: at, version: task.version + 1 };
    await updateTask(trx, ended);
    await planTask(trx, ended, at);
    drafts.push(taskDraft(ended, at));
  }
  return drafts;
}
