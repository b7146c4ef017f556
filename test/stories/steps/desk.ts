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

async function answerRoll(town: Town, { person = '', state }: Said): Promise<void> {
  const desk = openIncidentDesk(town.desk);
  const [call] = await desk.ownRollCalls(town.person(person).id);
  if (!call) throw new Error(`nobody asks ${person}`);
  const answer = { state: state === 'help' ? ('help' as const) : ('safe' as const), key: town.newKey() };
  await town.outcome(desk.answerRollCall(town.person(person), call.id, answer));
}

/** 值班台: 查岗, 清点, and the report of a fire onward. */
export const part: Part = {
  steps: {
    '<person> asks the desk within <seconds> s': async (town, { person = '', seconds }) => {
      const asked = { area: town.area, question, withinMs: Number(seconds) * 1000, key: town.newKey() };
      await town.outcome(openIncidentDesk(town.desk).askPost(town.scope, town.person(person), asked));
    },
    '<person> answers the desk check': (town, { person = '' }) => answer(town, person, question),
    '<person> answers the desk check wrongly': (town, { person = '' }) => answer(town, person, '0000'),
    'expect the desk check <state>': async (town, { state }) => same('desk check', (await check(town)).state, state),
    '<person> calls the roll of <kind> <place>': async (town, { person = '', kind = '', place = '' }) => {
      const { id } = await town.incident(kind, place);
      await town.outcome(openIncidentDesk(town.desk).rollCall(town.scope, town.person(person), id, town.newKey()));
    },
    '<person> answers the roll <state>': (town, said) => answerRoll(town, said),
    'expect <person> told <words>': (town, { person = '', words = '' }) =>
      same('told', town.providers.heard.filter((one) => one.to === town.person(person).id && one.text.includes(words)).length, 1),
    '<person> reports <kind> <place> onward': (town, said) => onward(town, said),
  },
};
