import { openIncidentDesk } from '../../../cloud/records/incident-desk.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

const question = '4711';

async function check(town: Town) {
  const [newest] = await openIncidentDesk(town.desk).postChecks(town.scope, false);
  if (!newest) throw new Error('nobody asked');
  return newest;
}

async function answer(town: Town, person: string, said: string): Promise<void> {
  const { id } = await check(town);
  await town.outcome(
    openIncidentDesk(town.desk).answerPost(town.scope, town.person(person), id, { answer: said, key: town.newKey() }),
  );
}

async function onward(town: Town, { person = '', kind = '', place = '' }: Said): Promise<void> {
  const { id } = await town.incident(kind, place);
  const said = { receiver: '119 指挥中心', how: 'phone' as const, key: town.newKey() };
  await town.outcome(openIncidentDesk(town.desk).reportOnward(town.scope, town.person(person), id, said));
}

/** 值班台: 查岗, and the report of a fire onward. */
export const part: Part = {
  steps: {
    '<person> asks the desk within <seconds> s': async (town, { person = '', seconds }) => {
      const asked = { area: town.area, question, withinMs: Number(seconds) * 1000, key: town.newKey() };
      await town.outcome(openIncidentDesk(town.desk).askPost(town.scope, town.person(person), asked));
    },
    '<person> answers the desk check': (town, { person = '' }) => answer(town, person, question),
    '<person> answers the desk check wrongly': (town, { person = '' }) => answer(town, person, '0000'),
    'expect the desk check <state>': async (town, { state }) => same('desk check', (await check(town)).state, state),
    '<person> reports <kind> <place> onward': (town, said) => onward(town, said),
  },
};
