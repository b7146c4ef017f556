import { mkdtempSync, rmSync } from 'node:fs';
import { sql } from 'kysely';
import { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { answerTokens } from '../../cloud/call/token.ts';
import { usualWaits } from '../../cloud/call/silent.ts';
import { createCalling } from '../../cloud/calling.ts';
import { systemClock } from '../../cloud/clock.ts';
import type { Channels, OpenChannel } from '../../cloud/notify/channels.ts';
import { openRegistryDesk } from '../../cloud/open-registry.ts';
import { startPipeline } from '../../cloud/pipeline.ts';
import { seededChance } from '../../cloud/random.ts';
import { type Database, openMigratedDatabase } from '../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../cloud/records/embedded.ts';
import { settleStreet, writeStreet } from '../../cloud/records/seed.ts';
import { createReach } from '../../cloud/registry/reach.ts';
import { seedStreet } from '../../cloud/registry/seed/seed.ts';
import type { Bench, Row } from './run.ts';

const size = { communities: 2, grids: 14, households: 4_000, people: 10_000, devices: 10 };
const perSecond = 1_000;
/** What a provider takes for one message. */
const providerMs = 50;
const secret = Buffer.alloc(32, 7);

/** 10,000 residents called at once, and a thousand answers a second; the database with fsync, as it comes. */
export const calls: Bench = {
  name: 'calls',
  title: 'One call to 10,000 residents of 4,000 households',
  async run() {
    const folder = mkdtempSync('/tmp/yihu-bench-calls-');
    const quiet = { info: () => undefined, warn: () => undefined };
    const server = await startEmbeddedPostgres({ folder: `${folder}/postgres`, log: quiet, clock: systemClock });
    const database = await openMigratedDatabase(server.connection);
    try {
      return await measure(database, `${folder}/people.key`);
    } finally {
      await database.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function fakeChannels(taken: { count: number }): Channels {
  const sms: OpenChannel = {
    id: 'sms',
    action: 'bench',
    reaches: 'phone',
    test: undefined,
    channel: {
      send: async () => {
        await systemClock.sleep(providerMs);
        taken.count += 1;
        return { state: 'accepted', receipt: false };
      },
      close: async () => undefined,
    },
  };
  return {
    all: new Map([['sms', sms]]),
    ladders: { lifeSafety: [['sms']], other: [['sms']] },
    allowPrivate: [],
    close: async () => undefined,
  };
}

async function measure(database: Database, keyFile: string): Promise<Row[]> {
  const desk = await openRegistryDesk({ database, clock: systemClock, keyFile });
  const street = seedStreet({ chance: seededChance(1), sealer: desk.sealer, street: 'heping', size, at: Date.now() });
  await writeStreet(database.db, street, Date.now());
  await settleStreet(database.db);
  const taken = { count: 0 };
  const tokens = answerTokens(secret);
  const reach = createReach(desk);
  const log = { warn: (message: string) => void process.stderr.write(`${message}\n`) };
  const pipeline = await startPipeline({
    database,
    profiles: new Map(),
    clock: systemClock,
    log,
    channels: fakeChannels(taken),
    publicUrl: 'https://example.test',
    reach,
    tokens,
  });
  const calling = createCalling({ desk: pipeline.calls, reach, tokens, phoneChannels: ['sms'] });
  try {
    return await callEverybody(database, calling, taken);
  } finally {
    await pipeline.stop();
  }
}

type Calling = ReturnType<typeof createCalling>;
const scope = { areas: ['heping'] };

async function callEverybody(database: Database, calling: Calling, taken: { count: number }): Promise<Row[]> {
  const audience = CallAudience.parse({ areas: ['heping'] });
  const reader = { id: 'u-1', grants: [{ area: 'heping', role: 'dispatcher' as const }], scope };
  const previewed = performance.now();
  const preview = await calling.preview(reader, audience);
  const rows: Row[] = [{ what: 'preview of the audience', value: performance.now() - previewed, unit: 'ms' }];
  const draft = { kind: 'actual', lifeSafety: true, template: null, title: '报平安', text: '请报平安。' } as const;
  const rest = { audience, waits: usualWaits.lifeSafety, startsAt: null, incident: null, supersedes: null };
  const author = { id: 'u-1', name: '一' };
  const made = await calling.create({ scope, actor: author, key: 'key-create' }, { ...draft, ...rest });
  if (!('id' in made)) throw new Error(JSON.stringify(made));
  const press = (actor: typeof author, move: 'submit' | 'approve', version: number) =>
    calling.press({ scope, actor, key: `key-${move}` }, { id: made.id, move, version });
  await press(author, 'submit', 1);
  const began = performance.now();
  await press({ id: 'u-2', name: '二' }, 'approve', 2);
  const reached = preview?.channels[0]?.people ?? 0;
  while (taken.count < reached) await systemClock.sleep(20);
  rows.push({ what: 'messages taken by the channel', value: reached, unit: 'people' });
  rows.push({
    what: 'approved → the channel took the last message',
    value: (performance.now() - began) / 1000,
    unit: 's',
    aim: '≤ 60 s',
  });
  return [...rows, ...(await answerAll(database, calling, made.id))];
}

async function answerAll(database: Database, calling: Calling, id: string): Promise<Row[]> {
  const tokens = answerTokens(secret);
  const { rows: people } = await sql<{ nth: number }>`select nth from call_recipient where call = ${id} order by nth`.execute(
    database.db,
  );
  const at: number[] = [];
  const state = { over: false, worst: 0 };
  const counted = async () => (await calling.detail(scope, id, 'u-1'))?.count.safe ?? 0;
  const watch = (async () => {
    while (!state.over || (await counted()) < people.length) {
      const asked = performance.now();
      const seen = await counted();
      // The first answer that is not in the roll-up yet has waited since it was kept.
      const oldest = at[seen];
      if (oldest !== undefined && oldest < asked) state.worst = Math.max(state.worst, asked - oldest);
      await systemClock.sleep(50);
    }
  })();
  const began = performance.now();
  const slow: number[] = [];
  const answers: Promise<void>[] = [];
  for (const [index, { nth }] of people.entries()) {
    const wait = (index / perSecond) * 1000 - (performance.now() - began);
    if (wait > 1) await systemClock.sleep(wait);
    const asked = performance.now();
    const given = { answer: 'safe', household: false, people: null, note: null, key: `key-${nth}` } as const;
    answers.push(
      calling.answer(tokens.sign(nth), given).then(() => {
        at.push(performance.now());
        slow.push(performance.now() - asked);
      }),
    );
  }
  await Promise.all(answers);
  const seconds = (performance.now() - began) / 1000;
  state.over = true;
  await watch;
  const sorted = slow.toSorted((a, b) => a - b);
  const left = (await calling.detail(scope, id, 'u-1'))?.count.silent ?? -1;
  return [
    { what: 'answers kept, as they came', value: people.length / seconds, unit: '/s', aim: '1,000/s' },
    { what: 'an answer is kept: p99', value: sorted[Math.floor(sorted.length * 0.99)] ?? 0, unit: 'ms' },
    { what: 'the roll-up behind the answers, at worst', value: state.worst / 1000, unit: 's', aim: '≤ 2 s' },
    { what: 'nobody is missing at the end: silent people', value: left, unit: 'people', aim: '0' },
  ];
}
