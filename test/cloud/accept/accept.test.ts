import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { encodeUp } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { type AcceptOptions, createAccept } from '../../../cloud/accept/accept.ts';
import type { ReceivedBatch } from '../../../cloud/accept/ingest.ts';
import { IngestError } from '../../../cloud/accept/ingest-error.ts';
import { createMemoryIngest } from '../../../cloud/accept/memory-ingest.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { entriesOf, headerOf } from './entries.ts';

const silent = { info: () => undefined, warn: () => undefined };
const helloOf = (last = { alarm: 100, telemetry: 100 }, gateway = 'gw-1') =>
  Buffer.from(
    JSON.stringify({
      schema: 'yihu-uplink/1',
      gateway,
      epoch: 'e1',
      last,
      first: { alarm: 1, telemetry: 1 },
      version: '1',
      at: 5,
    }),
  );

function upOf(lane: Lane, first: number, last: number, entries: Entry[] = entriesOf(lane, first, last)): Buffer {
  return encodeUp(headerOf(lane, first, last), pack(entries));
}

function start(options: Partial<AcceptOptions> = {}) {
  const ingest = createMemoryIngest();
  const replies: Cursor[] = [];
  const poison: unknown[] = [];
  const accept = createAccept({
    ingest,
    clock: systemClock,
    logger: silent,
    reply: (_gateway, cursor) => replies.push(cursor),
    poison: (_gateway, item) => poison.push(item),
    ...options,
    limits: { retryMinMs: 5, retryMaxMs: 20, ...options.limits },
  });
  const say = (word: 'hello' | 'up' | 'beat', payload: Buffer) => accept.receive('gw-1', word, payload);
  const settled = () => new Promise<void>((resolve) => accept.whenIdle('gw-1', resolve));
  const stored = (lane: Lane = 'telemetry') => ingest.stored('gw-1', 'e1', lane);
  return { ingest, replies, poison, accept, say, settled, stored };
}

describe('accept', () => {
  it('answers a hello with the cursor and the time, and every commit with the new one', async () => {
    const { say, settled, replies, stored } = start();
    say('hello', helloOf());
    await settled();
    expect(replies).toEqual([{ epoch: 'e1', alarm: 0, telemetry: 0, at: expect.any(Number) }]);
    expect(say('up', upOf('telemetry', 1, 4))).toBe('taken');
    await settled();
    expect(replies.at(-1)).toEqual({ epoch: 'e1', alarm: 0, telemetry: 4 });
    expect(stored()).toEqual(entriesOf('telemetry', 1, 4));
  });

  it('commits what has piled up at once, alarms in front and by themselves', async () => {
    const commits: (readonly ReceivedBatch[])[] = [];
    const memory = createMemoryIngest();
    const { say, settled } = start({
      ingest: {
        ...memory,
        commit: (gateway, batches, at) => {
          commits.push(batches);
          return memory.commit(gateway, batches, at);
        },
      },
    });
    for (let first = 1; first <= 46; first += 5) say('up', upOf('telemetry', first, first + 4));
    say('up', upOf('alarm', 1, 2));
    await settled();
    expect(commits.map((batches) => batches.map(({ header }) => header.lane))).toEqual([
      ['alarm'],
      Array.from({ length: 10 }, () => 'telemetry'),
    ]);
  });

  it('answers nothing before the commit, and keeps trying while the database is away', async () => {
    const memory = createMemoryIngest();
    let away = 3;
    const { say, settled, replies, accept } = start({
      ingest: {
        ...memory,
        commit: (gateway, batches, at) => {
          expect(replies).toEqual([]);
          away -= 1;
          return away >= 0 ? Promise.reject(new Error('connection refused')) : memory.commit(gateway, batches, at);
        },
      },
    });
    say('up', upOf('telemetry', 1, 4));
    await settled();
    expect(replies).toEqual([{ epoch: 'e1', alarm: 0, telemetry: 4 }]);
    expect(accept.counters()).toMatchObject({ unavailable: 3, commits: 1, poison: 0 });
  });

  it('sends the gateway back over a hole once, not for everything that was under way behind it', async () => {
    const { say, settled, replies, accept, stored } = start();
    say('up', upOf('telemetry', 1, 2));
    await settled();
    for (let first = 5; first <= 13; first += 2) {
      say('up', upOf('telemetry', first, first + 1));
      await settled();
    }
    expect(replies.filter((cursor) => cursor.rewind)).toEqual([{ epoch: 'e1', alarm: 0, telemetry: 2, rewind: true }]);
    expect(accept.counters().rewinds).toBe(1);
    say('up', upOf('telemetry', 3, 6));
    await settled();
    expect(stored()).toEqual(entriesOf('telemetry', 1, 6));
  });

  it('drops what does not fit its queue and says where to go on', async () => {
    const memory = createMemoryIngest();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { say, settled, replies, accept } = start({
      limits: { queuedBatches: 2 },
      ingest: { ...memory, commit: async (gateway, batches, at) => gate.then(() => memory.commit(gateway, batches, at)) },
    });
    expect([1, 2, 3, 4].map((seq) => say('up', upOf('telemetry', seq, seq)))).toEqual(['taken', 'taken', 'dropped', 'dropped']);
    open();
    await settled();
    expect(replies.at(-1)).toMatchObject({ rewind: true });
    expect(accept.counters().overflow).toBe(2);
    for (const seq of [2, 3, 4]) {
      say('up', upOf('telemetry', seq, seq));
      await settled();
    }
    expect(memory.stored('gw-1', 'e1', 'telemetry')).toEqual(entriesOf('telemetry', 1, 4));
  });

  it('puts one unreadable record aside, says so in its place, and keeps its neighbours', async () => {
    const { say, settled, poison, stored, replies, accept } = start();
    const rows = entriesOf('telemetry', 1, 5).map((entry) => [entry.seq, entry.through, entry.record] as unknown[]);
    rows[2] = [3, 3, { kind: 'readings', device: 7, nonsense: true }];
    say('up', encodeUp(headerOf('telemetry', 1, 5), deflateRawSync(JSON.stringify(rows))));
    await settled();
    expect(stored().map(({ seq, record }) => [seq, record.kind])).toEqual([
      [1, 'readings'],
      [2, 'readings'],
      [3, 'gap'],
      [4, 'readings'],
      [5, 'readings'],
    ]);
    expect(poison).toMatchObject([{ lane: 'telemetry', first: 3, last: 3, content: rows[2] }]);
    expect(replies.at(-1)?.telemetry).toBe(5);
    expect(accept.counters().poison).toBe(1);
  });

  it.each([
    ['noise', Buffer.from('not deflated at all')],
    ['JSON of another kind', deflateRawSync('{"a":1}')],
    ['a bomb', deflateRawSync(Buffer.alloc(64 * 1024 * 1024))],
    ['fewer records than its header says', pack(entriesOf('telemetry', 1, 2))],
    ['records from elsewhere', pack(entriesOf('telemetry', 101, 105))],
  ])('a blob that is %s ends as a gap, so that the gateway does not send it for ever', async (_name, blob) => {
    const { say, settled, stored, replies } = start();
    say('up', encodeUp(headerOf('telemetry', 1, 5), blob));
    say('up', upOf('telemetry', 6, 7));
    await settled();
    expect(replies.at(-1)).toMatchObject({ telemetry: 7 });
    const lost = stored().reduce((sum, { record }) => sum + (record.kind === 'gap' ? record.count : 0), 0);
    expect(lost + stored().filter(({ record }) => record.kind === 'readings').length).toBe(7);
    expect(stored().some(({ record }) => record.kind === 'gap')).toBe(true);
  });

  it('finds the one record the database will not take, among many batches', async () => {
    const memory = createMemoryIngest();
    const bad = (batch: ReceivedBatch) => batch.entries.some(({ seq, record }) => seq === 17 && record.kind === 'readings');
    const { say, settled, poison } = start({
      ingest: {
        ...memory,
        commit: async (gateway, batches, at) => {
          if (batches.some(bad)) throw new IngestError('refused', 'invalid byte sequence');
          return memory.commit(gateway, batches, at);
        },
      },
    });
    for (let first = 1; first <= 26; first += 5) say('up', upOf('telemetry', first, first + 4));
    await settled();
    const stored = memory.stored('gw-1', 'e1', 'telemetry');
    expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(stored.filter(({ record }) => record.kind === 'gap').map(({ seq }) => seq)).toEqual([17]);
    expect(poison).toMatchObject([{ first: 17, last: 17, reason: 'invalid byte sequence' }]);
  });

  it('tells when a gateway’s log is shorter than what is committed of it', async () => {
    const forks: unknown[] = [];
    const { say, settled } = start({
      forked: (gateway, hello, cursor) => forks.push([gateway, hello.last.telemetry, cursor.telemetry]),
    });
    say('up', upOf('telemetry', 1, 9));
    await settled();
    say('hello', helloOf({ alarm: 0, telemetry: 6 }));
    await settled();
    expect(forks).toEqual([['gw-1', 6, 9]]);
  });

  it('counts a replayed batch and changes nothing', async () => {
    const { say, settled, accept, stored, ingest } = start();
    for (let turn = 0; turn < 3; turn++) {
      say('up', upOf('telemetry', 1, 4));
      await settled();
    }
    expect(accept.counters()).toMatchObject({ duplicates: 2, records: 4 });
    expect(stored()).toEqual(entriesOf('telemetry', 1, 4));
    expect(ingest.conflicts('gw-1')).toBe(0);
  });

  it('answers a beat with the cursor once it knows the log', async () => {
    const { say, settled, replies, ingest } = start();
    say('hello', helloOf());
    await settled();
    say('beat', Buffer.from(JSON.stringify({ epoch: 'e1', at: 5, last: { alarm: 0, telemetry: 0 } })));
    await settled();
    expect(replies).toHaveLength(2);
    expect(ingest.lastSeenAt('gw-1')).toBeGreaterThan(1_700_000_000_000);
  });

  it.each([
    ['hello', helloOf({ alarm: 0, telemetry: 0 }, 'gw-2')],
    ['hello', Buffer.from('{}')],
    ['hello', Buffer.from('"')],
    ['beat', Buffer.from('[]')],
    ['up', Buffer.alloc(0)],
    ['up', Buffer.from([0xff])],
    ['up', Buffer.from([0xff, 0xff, 1, 2, 3])],
    ['up', Buffer.concat([Buffer.from([0, 2]), Buffer.from('{}')])],
    ['up', encodeUp({ ...headerOf('telemetry', 5, 6), last: 4 }, Buffer.alloc(0))],
    ['up', encodeUp({ ...headerOf('telemetry', 1, 2), first: 0 }, Buffer.alloc(0))],
    ['up', encodeUp({ ...headerOf('telemetry', 1, 2), last: 2 ** 60 }, Buffer.alloc(0))],
  ] as const)('a %s that is none is malformed and changes nothing', async (word, payload) => {
    const { say, settled, replies, accept } = start();
    expect(say(word, payload)).toBe('malformed');
    await settled();
    expect(replies).toEqual([]);
    expect(accept.counters().malformed).toBe(1);
  });

  it('stops while the database is away', async () => {
    const memory = createMemoryIngest();
    const { say, accept } = start({
      ingest: { ...memory, commit: () => Promise.reject(new Error('away')) },
      limits: { retryMinMs: 60_000 },
    });
    say('up', upOf('telemetry', 1, 4));
    await accept.stop();
    expect(accept.counters().commits).toBe(0);
  });
});
