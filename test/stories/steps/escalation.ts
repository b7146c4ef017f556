import { sql } from 'kysely';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

async function steps(town: Town, { kind = '', place = '' }: Said): Promise<unknown[]> {
  const { timeline } = await town.incident(kind, place);
  return timeline.filter((line) => line.kind === 'escalation' && !('again' in line.data)).map((line) => line.data['step']);
}

function told(town: Town, { person = '', channel }: Said): number {
  return town.providers.heard.filter((each) => each.to === town.person(person).id && each.channel === channel).length;
}

/** 升级与送达: who was told by which way, and what the chain has done so far. */
export const part: Part = {
  steps: {
    '<channel> is down': (town, { channel = '' }) => void town.providers.down.add(channel),
    '<channel> is back': (town, { channel = '' }) => void town.providers.down.delete(channel),
    'cloud is killed': (town) => void (town.cloudUp = false),
    'cloud is back': async (town) => {
      town.cloudUp = true;
      await town.handOver();
      await town.round();
    },

    'expect no escalation of <kind> <place>': async (town, said) => same('steps', (await steps(town, said)).join(','), ''),
    'expect escalations <list> of <kind> <place>': async (town, said) =>
      same('steps', (await steps(town, said)).join(','), said['list']),
    'expect <count> rounds more of <kind> <place>': async (town, { count, kind = '', place = '' }) => {
      const { timeline } = await town.incident(kind, place);
      same('rounds', timeline.filter((line) => 'again' in line.data).length, count);
    },
    'expect nothing due': async (town) => {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count from due where kind = 'escalation'`.execute(
        town.desk.database.db,
      );
      same('steps to come', rows[0]?.count, 0);
    },
    'expect <person> told by <channel>': (town, said) => same('told', told(town, said) > 0, true),
    'expect <person> not told by <channel>': (town, said) => same('told', told(town, said), 0),
    'expect <person> told by <channel> <count> times': (town, said) => same('told', told(town, said), said['count']),
    'expect <count> failed by <channel>': async (town, { count, channel = '' }) => {
      const page = await sql<{ count: number }>`select count(*)::int as count from delivery
        where channel = ${channel} and state = 'failed'`.execute(town.desk.database.db);
      same('failed in sight', page.rows[0]?.count, count);
    },
    'expect <count> waiting by <channel>': async (town, { count, channel = '' }) => {
      const page = await sql<{ count: number }>`select count(*)::int as count from delivery
        where channel = ${channel} and state in ('queued', 'held') and code is not null`.execute(town.desk.database.db);
      same('being tried again', page.rows[0]?.count, count);
    },
  },
};
