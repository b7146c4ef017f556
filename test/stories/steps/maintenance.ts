import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

const minute = 60_000;

async function plan(town: Town, { person = '', place = '', after = '0', minutes = '' }: Said, hazards: string): Promise<void> {
  const startsAt = town.now + Number(after) * minute;
  const outcome = town.records.planWindow(town.person(person), {
    name: '检修',
    reason: '年度检修',
    areas: [place === 'all' ? town.area : `${town.area}/${place.replaceAll('-', '/')}`],
    ...(hazards === '' ? {} : { hazards: hazards.split(',') as Hazard[] }),
    startsAt,
    endsAt: startsAt + Number(minutes) * minute,
    key: town.newKey(),
  });
  await town.outcome(outcome);
}

async function only(town: Town) {
  const { items } = await town.records.listWindows(town.scope, {});
  const [window] = items;
  if (!window) throw new Error('there is no window');
  return window;
}

/** 维护窗口: planned, running, ended early; and how often a device was wrong. */
export const part: Part = {
  steps: {
    '<person> plans maintenance of <place> for <minutes> min': (town, said) => plan(town, said, ''),
    '<person> plans maintenance of <place> in <after> min for <minutes> min': (town, said) => plan(town, said, ''),
    '<person> plans maintenance of <hazards> in <place> for <minutes> min': (town, said) =>
      plan(town, said, said['hazards'] ?? ''),
    '<person> ends the maintenance': async (town, { person = '' }) =>
      town.outcome(town.records.endWindow(town.scope, town.person(person), (await only(town)).id)),
    'expect maintenance <state>': async (town, { state }) => same('window', (await only(town)).state, state),
    'expect maintenance holding <count> alarms': async (town, { count }) => same('held', (await only(town)).alarmCount, count),
    'expect false alarm rate <rate> of <kind> <place>': async (town, { rate, kind, place }) => {
      const devices = await town.records.falseAlarms(town.scope, { from: 0, to: town.now + 1 });
      same('rate', devices.find(({ device }) => device === `${kind}-${place}`)?.rate, rate);
    },
  },
};
