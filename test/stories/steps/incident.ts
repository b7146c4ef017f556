import type { Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentMove } from '@yihu/device-profiles/vocabulary/incident.ts';
import { openIncidentDesk } from '../../../cloud/records/incident-desk.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

async function move(
  town: Town,
  { person = '', kind = '', place = '' }: Said,
  name: IncidentMove,
  more: object = {},
): Promise<void> {
  const { id, version } = await town.incident(kind, place);
  const command = { move: name, version, key: town.newKey(), ...more };
  await town.outcome(town.records.moveIncident(town.scope, town.person(person), id, command));
}

/** 事件: taking it up, sending somebody, ending it. */
export const part: Part = {
  steps: {
    '<person> confirms <kind> <place>': (town, said) => move(town, said, 'confirm'),
    '<person> sends <other> to <kind> <place>': (town, said) =>
      move(town, said, 'dispatch', { person: town.person(said['other'] ?? '').id }),
    '<person> arrives at <kind> <place>': (town, said) =>
      move(town, said, 'arrive', { person: town.person(said['person'] ?? '').id }),
    '<person> resolves <kind> <place>': (town, said) => move(town, said, 'resolve'),
    '<person> closes <kind> <place> as <disposition>': (town, said) =>
      move(town, said, 'close', { disposition: said['disposition'] as Disposition }),
    '<person> calls <kind> <place> a false alarm': (town, said) => move(town, said, 'false-alarm', { reason: '现场查看无异常' }),

    '<person> merges <kind> <place> into <other> <there>': async (town, said) => {
      const from = await town.incident(said['kind'] ?? '', said['place'] ?? '');
      const into = await town.incident(said['other'] ?? '', said['there'] ?? '');
      const command = { into: into.id, version: from.version, reason: '同一处', key: town.newKey() };
      await town.outcome(openIncidentDesk(town.desk).merge(town.scope, town.person(said['person'] ?? ''), from.id, command));
    },
    '<person> splits off <kind> <place>': async (town, { person = '', kind = '', place = '' }) => {
      const alarm = await town.alarm(kind, place);
      const { id, version } = await town.incident(kind, place);
      const command = { alarms: [alarm.id], version, reason: '另一件事', key: town.newKey() };
      await town.outcome(openIncidentDesk(town.desk).split(town.scope, town.person(person), id, command));
    },

    'expect incident <kind> <place> <state>': async (town, { kind = '', place = '', state }) =>
      same('incident', (await town.incident(kind, place)).state, state),
    'expect incident <kind> <place> with <count> alarms': async (town, { kind = '', place = '', count }) =>
      same('alarms', (await town.incident(kind, place)).alarmCount, count),
    'expect <count> open incidents': async (town, { count }) =>
      same('open incidents', (await town.records.listIncidents(town.scope, { open: true })).total, count),
  },
};
