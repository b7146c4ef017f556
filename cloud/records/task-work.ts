import { type Kysely, sql } from 'kysely';
import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { choose } from '../task/choose.ts';
import { taskLimits } from '../task/limits.ts';
import { applyTaskMove, type MovedTask, type TaskCore, type TaskLine } from '../task/move.ts';
import { wantOf } from './call-want.ts';
import { derivedId } from './derived-id.ts';
import { cancel, plan } from './due.ts';
import { arrived } from './incident-arrived.ts';
import { responderDrafts } from './responders.ts';
import { ResponseWork } from './response-work.ts';
import type { Rules } from './rules.ts';
import type { StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';
import { selectKnown, selectLeg, selectTasks, updateTask, writeTaskLegs } from './task-rows.ts';
import { tellAsked } from './task-telling.ts';

/** A decision about a task that is to be written. */
interface Deciding {
  readonly trx: Kysely<Tables>;
  readonly rules: Rules;
  readonly at: number;
}

/** A step as decided; the line is null where all that is to be done is to look for somebody. */
type Decided = Omit<MovedTask, 'line'> & { readonly line: TaskLine | null };

/** Writes one decided step with all that follows of it, and puts it on the stream. The last thing before the commit. */
export async function carryTask(deciding: Deciding, moved: Decided): Promise<TaskCore> {
  const { trx, rules, at } = deciding;
  const work = new ResponseWork(trx, rules, at);
  const { incident } = moved.task;
  if (incident !== null) await work.loadIncident(incident);
  if (moved.line) sayOf(work, moved.task, moved.line);
  await writeTaskLegs(trx, moved.task, moved.legs);
  const sought = moved.seek ? await seek(deciding, work, moved.task) : { task: moved.task, legs: [] };
  const { task } = sought;
  await updateTask(trx, task);
  await planTask(trx, task, at);
  await wantOf(trx, task, at);
  if (task.state === 'offered') await tellAsked(trx, rules, task, at);
  const kept = incident === null ? null : work.incident(incident);
  if (kept) {
    const to = moved.legs.some((leg) => leg.state === 'on-scene') ? 'on-scene' : task.state;
    const by = moved.line?.actor;
    work.putIncident(by ? arrived(rules, work, kept, to, by, at) : rules.incident.touched(kept, at));
  }
  const people = [...moved.legs, ...sought.legs].map((leg) => leg.person);
  await work.flush([...(people.length > 0 ? await responderDrafts(trx, people, at) : []), taskDraft(task, at)]);
  return task;
}

/** On the chain of the incident it belongs to, or else on its own. */
export function sayOf(work: ResponseWork, task: Pick<TaskCore, 'id' | 'incident'>, line: TaskLine): void {
  work.say(task.incident ?? task.id, line);
}

export function taskDraft(
  { id, area, state, person }: Pick<TaskCore, 'id' | 'area' | 'state' | 'person'>,
  at: number,
): StreamDraft {
  return { area, event: { type: 'task', at, task: id, state, person } };
}

/** Asks the next candidate, or says why there is none. What was decided before is written already. */
export async function seek(
  { trx, at }: Deciding,
  work: ResponseWork,
  task: TaskCore,
): Promise<{ task: TaskCore; legs: readonly Leg[] }> {
  const choice = choose(await selectKnown(trx, task, at), task.position, at);
  if ('nobody' in choice) {
    // Looked for every minute, said once.
    if (task.trouble?.zh !== choice.nobody.zh)
      sayOf(work, task, { kind: 'dispatch', text: choice.nobody, data: { task: task.id } });
    return { task: { ...task, trouble: choice.nobody }, legs: [] };
  }
  const { person } = choice;
  const legId = derivedId('leg', task.id, task.version, person.id);
  const moved = applyTaskMove(task, null, { move: 'offer', by: null, at, person, legId, found: person });
  if ('refused' in moved) throw new Error(`task ${task.id} cannot be offered: ${moved.refused.code}`);
  sayOf(work, task, moved.line);
  await writeTaskLegs(trx, task, moved.legs);
  return { task: moved.task, legs: moved.legs };
}

/** One row per task: when the offer ends, or when it is looked again for somebody. */
export async function planTask(trx: Kysely<Tables>, task: TaskCore, at: number): Promise<void> {
  if (task.state === 'offered' && task.offeredUntil !== null)
    return plan(trx, [{ kind: 'task', subject: task.id, step: 0, dueAt: task.offeredUntil }]);
  if (task.state === 'created')
    return plan(trx, [{ kind: 'task', subject: task.id, step: 0, dueAt: at + taskLimits.seekAgainMs }]);
  return cancel(trx, 'task', [task.id]);
}

/** The time of a task has come: an offer nobody answered goes to the next; a task nobody has looks for somebody again. */
export async function taskIsDue(trx: Kysely<Tables>, rules: Rules, id: string, now: number): Promise<string> {
  const [task] = await selectTasks(trx, sql`t.id = ${id}`);
  if (!task) return 'gone';
  if (task.state === 'offered') {
    const leg = await selectLeg(trx, task.leg);
    const moved = applyTaskMove(task, leg, { move: 'expire', by: null, at: now, legId: '' });
    if ('refused' in moved) return moved.refused.code;
    const next = await carryTask({ trx, rules, at: now }, moved);
    return next.state === 'offered' ? 'offered to the next' : 'nobody left';
  }
  if (task.state !== 'created') return 'has somebody';
  const work = new ResponseWork(trx, rules, now);
  const sought = await seek({ trx, rules, at: now }, work, task);
  await updateTask(trx, sought.task);
  await planTask(trx, sought.task, now);
  if (sought.task.state !== 'offered') {
    await work.flush();
    return 'nobody';
  }
  await tellAsked(trx, rules, sought.task, now);
  const people = sought.legs.map((leg) => leg.person);
  if (task.incident !== null) {
    await work.loadIncident(task.incident);
    const incident = work.incident(task.incident);
    if (incident) work.putIncident(rules.incident.touched(incident, now));
  }
  await work.flush([...(await responderDrafts(trx, people, now)), taskDraft(sought.task, now)]);
  return 'offered';
}
