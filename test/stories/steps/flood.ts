import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part } from '../harness/words.ts';

/** Where the stream stood when the flood came. */
const streamBefore = new WeakMap<Town, string>();

async function events(town: Town) {
  const found = [];
  let from = streamBefore.get(town) ?? '0';
  for (;;) {
    const page = await town.records.streamAfter(town.scope, from, 1000);
    found.push(...page.events.map(({ event }) => event));
    if (page.last === from) return found;
    from = page.last;
  }
}

const togetherS = 5;

/** `count` devices in ten buildings say it, spread over so many seconds and handed over every five. */
async function burst(town: Town, kind: string, count: number, seconds: number): Promise<void> {
  streamBefore.set(town, await town.records.latestStreamId());
  const began = town.now;
  for (let second = 0; second < seconds; second += togetherS) {
    await town.advance(began + second * 1000);
    const records: LogRecord[] = [];
    for (let nth = Math.floor((count * second) / seconds); nth < Math.floor((count * (second + togetherS)) / seconds); nth += 1) {
      records.push(
        ...town.recordOf(kind, `${(nth % 10) + 1}-${(Math.floor(nth / 10) % 4) + 1}-${100 + Math.floor(nth / 40)}`, 'raised'),
      );
    }
    if (records.length > 0) await town.log(...together(records));
  }
}

/** One inventory for all that are new. */
function together(records: readonly LogRecord[]): LogRecord[] {
  const sites = records.filter((record) => record.kind === 'site');
  const [first] = sites;
  const rest = records.filter((record) => record.kind !== 'site');
  return first ? [{ ...first, devices: sites.flatMap(({ devices }) => devices) }, ...rest] : rest;
}

/** 洪峰: it begins and ends by itself, and nothing is lost in it. */
export const part: Part = {
  steps: {
    'flood of <count> <kind> in <seconds> s': (town, { count, kind = '', seconds }) =>
      burst(town, kind, Number(count), Number(seconds)),
    'expect flood': async (town) => same('floods', (await town.records.snapshot(town.scope)).floods?.length, 1),
    'expect no flood': async (town) => same('floods', (await town.records.snapshot(town.scope)).floods?.length, 0),
    'expect <count> open alarms': async (town, { count }) =>
      same('open alarms', (await town.records.listAlarms(town.scope, { open: true })).total, count),
    'expect at most <count> groups on the stream': async (town, { count }) => {
      const sizes = (await events(town)).flatMap((event) => (event.type === 'flood' ? [event.flood.groups.length] : []));
      same('floods were said', sizes.length > 0, true);
      same('groups', Math.max(...sizes) <= Number(count), true);
    },
    'expect the last groups to hold <count> alarms': async (town, { count }) => {
      const floods = (await events(town)).flatMap((event) => (event.type === 'flood' ? [event.flood] : []));
      same(
        'alarms',
        floods.at(-1)?.groups.reduce((sum, { alarms }) => sum + alarms, 0),
        count,
      );
    },
    'expect at most <count> alarms one by one on the stream': async (town, { count }) => {
      const single = (await events(town)).filter((event) => event.type === 'alarm').length;
      if (single > Number(count)) throw new Error(`${single} alarms came one by one`);
    },
    'expect the end of the flood on the stream': async (town) => {
      const ends = (await events(town)).filter((event) => event.type === 'flood' && event.flood.endedAt !== null);
      same('ends', ends.length, 1);
    },
  },
};
