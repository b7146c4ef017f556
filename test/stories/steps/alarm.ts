import { sql } from 'kysely';
import type { AlarmMove, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { same } from '../harness/expect.ts';
import { deviceAt } from '../harness/things.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

/** The version of an alarm that somebody has on the screen, until they act on it. */
const seen = new WeakMap<Town, Map<string, number>>();

const minute = 60_000;

async function move(town: Town, { person = '', kind = '', place = '' }: Said, name: AlarmMove, more: object = {}): Promise<void> {
  const alarm = await town.alarm(kind, place);
  const looked = `${person} ${alarm.id}`;
  const version = seen.get(town)?.get(looked) ?? alarm.version;
  seen.get(town)?.delete(looked);
  const command = { move: name, version, key: town.newKey(), ...more };
  await town.outcome(town.records.moveAlarm(town.scope, town.person(person), alarm.id, command));
}

const until = (town: Town, minutes: string | undefined) => ({ until: town.now + Number(minutes) * minute });

/** 告警: what devices say, what people do with one alarm, and how it then stands. */
export const part: Part = {
  steps: {
    'alarm <kind> <place>': (town, { kind = '', place = '' }) => town.transition(kind, place, 'raised'),
    'alarm <kind> <place> <severity>': (town, { kind = '', place = '', severity }) =>
      town.transition(kind, place, 'raised', { severity: severity as Severity }),
    /** The device's own clock is wrong by so much. */
    'alarm <kind> <place> by a clock <minutes> min off': (town, { kind = '', place = '', minutes }) =>
      town.transition(kind, place, 'raised', { at: town.now + Number(minutes) * minute }),
    'change <kind> <place> <severity>': (town, { kind = '', place = '', severity }) =>
      town.transition(kind, place, 'changed', { severity: severity as Severity }),
    'clear <kind> <place>': (town, { kind = '', place = '' }) => town.transition(kind, place, 'cleared'),
    /** Said before either has spoken. */
    '<kind> <place> hangs on <other> <there>': (town, { kind = '', place = '', other = '', there = '' }) =>
      void town.parents.set(deviceAt(kind, place).id, deviceAt(other, there).id),
    'expect alarm <kind> <place> with <count> devices unknown': async (town, { kind = '', place = '', count }) =>
      same('children', (await town.alarm(kind, place)).children, count),
    'expect <count> devices unknown for what they hang on': async (town, { count }) => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from device
        where gateway = ${town.gateway} and parent_down is not null`.execute(town.desk.database.db);
      same('unknown', rows[0]?.n, count);
    },
    'test alarm <kind> <place>': (town, { kind = '', place = '' }) => town.transition(kind, place, 'raised', { test: true }),

    '<person> looks at <kind> <place>': async (town, { person, kind = '', place = '' }) => {
      const { id, version } = await town.alarm(kind, place);
      const mine = seen.get(town) ?? new Map<string, number>();
      seen.set(town, mine.set(`${person} ${id}`, version));
    },
    '<person> acks <kind> <place>': (town, said) => move(town, said, 'ack'),
    '<person> acks <kind> <place> for <minutes> min': (town, said) => move(town, said, 'ack', until(town, said['minutes'])),
    '<person> unacks <kind> <place>': (town, said) => move(town, said, 'unack'),
    '<person> resets <kind> <place>': (town, said) => move(town, said, 'reset'),
    '<person> shelves <kind> <place> for <minutes> min': (town, said) =>
      move(town, said, 'shelve', { reason: '检修', ...until(town, said['minutes']) }),
    '<person> shelves <kind> <place> once': (town, said) =>
      move(town, said, 'shelve', { reason: '检修', once: true, ...until(town, '10') }),
    '<person> unshelves <kind> <place>': (town, said) => move(town, said, 'unshelve'),
    '<person> takes <kind> <place> out of service for <minutes> min': (town, said) =>
      move(town, said, 'out-of-service', { reason: '工单 12', ...until(town, said['minutes']) }),
    '<person> brings <kind> <place> back into service': (town, said) => move(town, said, 'in-service'),
    '<person> judges <kind> <place> as <disposition>': (town, said) =>
      move(town, said, 'judge', { disposition: said['disposition'] as Disposition }),
    /** Both at the same moment, both having seen the same. */
    '<person> and <other> ack <kind> <place> at once': async (town, { person = '', other = '', kind = '', place = '' }) => {
      const { id, version } = await town.alarm(kind, place);
      const outcomes = await Promise.all(
        [person, other].map((each) =>
          town.records.moveAlarm(town.scope, town.person(each), id, { move: 'ack', version, key: town.newKey() }),
        ),
      );
      same('acknowledgements that counted', outcomes.filter(({ ok }) => ok).length, 1);
      const lost = outcomes.find(({ ok }) => !ok);
      same('what the other hears', lost && !lost.ok && lost.refusal.code, 'version-conflict');
    },

    'expect refused <code>': (town, { code }) => same('refusal', town.takeRefusal()?.split(':')[0] ?? 'none', code),
    'expect alarm <kind> <place> <state>': async (town, { kind = '', place = '', state }) =>
      same('alarm', (await town.alarm(kind, place)).isa, state),
    'expect alarm <kind> <place> <state> count <count>': async (town, { kind = '', place = '', state, count }) => {
      const alarm = await town.alarm(kind, place);
      same('alarm', `${alarm.isa} count ${alarm.occurrences}`, `${state} count ${count}`);
    },
    'expect <count> alarms of <kind> <place>': async (town, { count, kind = '', place = '' }) =>
      same('alarms', await town.alarmsOf(kind, place), count),
    'expect alarm <kind> <place> judged <disposition>': async (town, { kind = '', place = '', disposition }) =>
      same('verdict', (await town.alarm(kind, place)).disposition, disposition),
    'expect alarm <kind> <place> marked <cause>': async (town, { kind = '', place = '', cause = '' }) => {
      const { suppressedBy } = await town.alarm(kind, place);
      same(
        'marked',
        suppressedBy.some((each) => each.startsWith(cause)),
        true,
      );
    },
    'expect alarm <kind> <place> in no incident': async (town, { kind = '', place = '' }) =>
      same('incident', (await town.alarm(kind, place)).incident, null),
  },
};
