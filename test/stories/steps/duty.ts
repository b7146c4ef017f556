import { type Duty, openDuty } from '../../../cloud/records/duty.ts';
import type { DutyRole, HandOver, IncidentNeed } from '@yihu/device-profiles/vocabulary/duty.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

const hour = 3_600_000;
const day = 24 * hour;

function duty(town: Town): Duty {
  return openDuty(town.desk);
}

async function newest(town: Town): Promise<HandOver> {
  const [note] = await duty(town).handOvers(town.scope);
  if (!note) throw new Error('there is no hand-over');
  return note;
}

async function lineOf(town: Town, { kind = '', place = '', role }: Said) {
  const { id } = await town.incident(kind, place);
  const lines = (await duty(town).runCard(town.scope, id)) ?? [];
  const line = lines.find((one) => one.role === role);
  if (!line) throw new Error(`the run card asks for no ${role}`);
  return line;
}

/** 值班: the roster and its gaps, the hand-over, run cards and needs. */
export const part: Part = {
  steps: {
    'at least <least> <role> must be on duty': (town, { least, role = '' }) =>
      void duty(town).putNeed({ area: town.area, role: role as DutyRole, least: Number(least) }),
    '<person> puts <other> as <role> on the roster for <hours> h': async (town, { person = '', other = '', role = '', hours }) =>
      town.outcome(
        duty(town).addShift(town.person(person), {
          area: town.area,
          role: role as DutyRole,
          person: town.person(other).id,
          from: town.now,
          to: town.now + Number(hours) * hour,
          key: town.newKey(),
        }),
      ),
    '<person> puts <other> as <role> on the roster in <after> h for <hours> h': async (town, said) =>
      town.outcome(
        duty(town).addShift(town.person(said['person'] ?? ''), {
          area: town.area,
          role: said['role'] as DutyRole,
          person: town.person(said['other'] ?? '').id,
          from: town.now + Number(said['after']) * hour,
          to: town.now + (Number(said['after']) + Number(said['hours'])) * hour,
          key: town.newKey(),
        }),
      ),
    'expect <count> gaps of <role>': async (town, { count, role }) => {
      const gaps = await duty(town).gaps(town.scope, { from: town.now, to: town.now + day });
      same('gaps', gaps.filter((gap) => gap.role === role).length, count);
    },
    'expect <person> <state> by the roster': async (town, { person = '', state }) => {
      const found = (await duty(town).onDuty(town.scope)).find((one) => one.person === town.person(person).id);
      same('on duty', found?.state ?? 'off', state);
    },

    '<person> hands over': async (town, { person = '' }) =>
      town.outcome(duty(town).draftHandOver(town.person(person), { area: town.area, key: town.newKey() })),
    '<person> notes <text...>': async (town, { person = '', text = '' }) =>
      town.outcome(
        duty(town).noteHandOver(town.scope, town.person(person), (await newest(town)).id, { text, key: town.newKey() }),
      ),
    '<person> signs the hand-over': async (town, { person = '' }) =>
      town.outcome(duty(town).signHandOver(town.scope, town.person(person), (await newest(town)).id, town.newKey())),
    'expect the hand-over <state>': async (town, { state }) => same('hand-over', (await newest(town)).state, state),
    'expect the hand-over to name <count> <kind>': async (town, { count, kind }) =>
      same('items', (await newest(town)).items.filter((item) => item.kind === kind).length, count),
    'expect the hand-over to say <text...>': async (town, { text = '' }) =>
      same(
        'said',
        (await newest(town)).items.some((item) => item.text.zh === text),
        true,
      ),
    'expect the hand-over to have <count> notes': async (town, { count }) =>
      same('notes', (await newest(town)).notes.length, count),

    'expect <role> short by <count> of <kind> <place> because <reason>': async (town, said) => {
      const { missing, reason } = await lineOf(town, said);
      same('shortfall', `${missing} ${reason}`, `${said['count']} ${said['reason']}`);
    },
    'expect <role> complete at <kind> <place>': async (town, said) => same('missing', (await lineOf(town, said)).missing, 0),
    '<person> needs <count> <need> at <kind> <place>': async (town, { person = '', count, need, kind = '', place = '' }) => {
      const { id } = await town.incident(kind, place);
      const asked = { kind: need as IncidentNeed['kind'], count: Number(count), key: town.newKey() };
      await town.outcome(duty(town).addIncidentNeed(town.scope, town.person(person), id, asked));
    },
    'expect need <nth> of <kind> <place> <state>': async (town, { nth, kind = '', place = '', state }) => {
      const { id } = await town.incident(kind, place);
      same('need', (await duty(town).needs(town.scope, id))?.[Number(nth) - 1]?.state, state);
    },
  },
};
