import { type Kysely, sql } from 'kysely';
import type { TaskState } from '@yihu/device-profiles/vocabulary/task.ts';
import type { TaskCore } from '../task/move.ts';
import { addCallLine, holdCall } from './call-rows.ts';
import { streamOf } from './call-stream.ts';
import { currentCallTask } from './call-tasks.ts';
import type { Due } from './due.ts';
import type { Rules } from './rules.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';
import { selectLeg, selectTasks } from './task-rows.ts';

type NeedState = 'open' | 'taken' | 'done';

const needAfter: Readonly<Partial<Record<TaskState, NeedState>>> = {
  created: 'open',
  offered: 'open',
  accepted: 'taken',
  'en-route': 'taken',
  'on-scene': 'taken',
  done: 'done',
  verified: 'done',
};

interface Need {
  readonly id: string;
  readonly person: string;
  readonly state: NeedState;
  /** It was taken by somebody who has or had this task, and not at the desk. */
  readonly isByTask: boolean;
  readonly at: number;
  readonly place: string;
}

/**
 * 求助随任务: who takes the task has taken the need, and where it is done the need is. What somebody at the desk said of it
 * themselves stands, and who asked again after the task was done waits for a new one.
 */
export async function needFollows(trx: Kysely<Tables>, _rules: Rules, { subject }: Due, now: number): Promise<string> {
  const [task] = await selectTasks(trx, sql`t.id = ${subject}`);
  const to = task && needAfter[task.state];
  if (!task || to === undefined) return 'as it was';
  const call = await holdCall(trx, sql`c.id = ${task.source.id}`);
  const need = call && (await needOf(trx, task));
  if (!call || !need) return 'gone';
  if (!follows(need, task, to)) return 'as it was';
  const leg = await selectLeg(trx, task.leg);
  const [by, name] = to === 'open' ? [null, null] : [leg?.person ?? null, leg?.personName ?? null];
  await sql`update call_need set state = ${to}, by = ${by}, by_name = ${name}, done_at = ${to === 'done' ? task.updatedAt : null},
    version = version + 1 where id = ${need.id}`.execute(trx);
  await addCallLine(
    trx,
    call.id,
    { kind: 'note', text: lineOf(to, need.place, name), data: { need: need.id, task: task.id } },
    now,
  );
  await emit(trx, await streamOf(trx, call.id, now));
  return to;
}

async function needOf(trx: Kysely<Tables>, task: TaskCore): Promise<Need | null> {
  const { rows } = await sql<Need>`select id, person, state, at, area_label(area) as place,
      exists (select 1 from leg l where l.task = ${task.id} and l.person = call_need.by) as "isByTask" from call_need
    where call = ${task.source.id} and area = ${task.area} and state <> 'done'`.execute(trx);
  for (const need of rows) {
    const current = await currentCallTask(trx, 'need', task.source.id, need.person);
    if (current?.id === task.id) return need;
  }
  return null;
}

function follows(need: Need, task: TaskCore, to: NeedState): boolean {
  if (to === need.state) return false;
  if (to === 'open') return need.state === 'taken' && need.isByTask;
  return to === 'taken' || need.at <= task.updatedAt;
}

function lineOf(to: NeedState, place: string, name: string | null): { zh: string; en: string } {
  const who = name ?? '';
  const [zh, en] = {
    open: [`无人前往，重新派人：${place}`, `Nobody is on the way any more to ${place}: somebody else is asked`],
    taken: [`${who} 去帮：${place}`, `${who} is on the way to ${place}`],
    done: [`求助已办：${place}（${who}）`, `Help was given at ${place} (${who})`],
  }[to] as [string, string];
  return { zh: zh.slice(0, 120), en: en.slice(0, 120) };
}
