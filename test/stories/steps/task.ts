import type { TaskKind, TaskMove } from '@yihu/device-profiles/vocabulary/task.ts';
import { openTasks } from '../../../cloud/records/task-records.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

async function only(town: Town, kind: string | undefined) {
  const { items } = await openTasks(town.desk).list(town.scope, { kind: kind as TaskKind });
  const [task] = items;
  if (!task) throw new Error(`there is no ${kind}`);
  return task;
}

async function move(town: Town, { person = '', kind }: Said, name: TaskMove, more: object = {}): Promise<void> {
  const { id } = await only(town, kind);
  await town.outcome(openTasks(town.desk).moveOwn(town.person(person), id, { move: name, key: town.newKey(), ...more }));
}

/** 任务: who is asked, who declines, who does it. */
export const part: Part = {
  steps: {
    '<person> orders a <kind>': async (town, { person = '', kind }) =>
      town.outcome(
        openTasks(town.desk).order(town.scope, town.person(person), {
          kind: kind as Exclude<TaskKind, 'dispatch'>,
          title: { zh: '上门查看' },
          area: town.area,
          key: town.newKey(),
        }),
      ),
    '<person> orders the <kind> for <other>': async (town, { person = '', kind, other = '' }) => {
      const { id, version } = await only(town, kind);
      const command = { move: 'offer' as const, version, person: town.person(other).id, key: town.newKey() };
      await town.outcome(openTasks(town.desk).move(town.scope, town.person(person), id, command));
    },
    '<person> accepts the <kind>': (town, said) => move(town, said, 'accept'),
    '<person> declines the <kind>': (town, said) => move(town, said, 'decline', { reason: '正在别处' }),
    '<person> arrives for the <kind>': (town, said) => move(town, said, 'arrive'),
    '<person> finishes the <kind>': (town, said) => move(town, said, 'finish'),
    'expect the <kind> <state>': async (town, { kind, state }) => same('task', (await only(town, kind)).state, state),
    'expect the <kind> with <person>': async (town, { kind, person = '' }) =>
      same('asked', (await only(town, kind)).person, town.person(person).id),
    'expect the <kind> in the incident of <other> <place>': async (town, { kind, other = '', place = '' }) =>
      same('incident', (await only(town, kind)).incident, (await town.incident(other, place)).id),
    'expect <count> tasks of kind <kind>': async (town, { count, kind }) =>
      same('tasks', (await openTasks(town.desk).list(town.scope, { kind: kind as TaskKind })).total, count),
  },
};
