import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import { startPipeline } from '../../gateway/pipeline.ts';
import { type Commit, type Log, StoreError } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { HandClock } from '../hand-clock.ts';

const windowMs = 3_600_000;
const rules = compileRules({
  category: 'other',
  availability: { offlineAfter: 86_400_000 },
  alarms: {},
} as unknown as Profile);

/** `key words…`: one event for each word, unless the key was seen. */
const decoder: Decoder = {
  decode: ({ at, body }, isSeen = () => false) => {
    const [key = '', ...words] = body.kind === 'message' ? Buffer.from(body.payload).toString().split(' ') : [];
    if (isSeen(key)) return { readings: [], events: [] };
    return { readings: [], events: words.map((type) => ({ type, at })), keys: [key] };
  },
};

async function rig({ memory, clock = new HandClock() }: { memory?: MemoryLog; clock?: HandClock } = {}) {
  const disk = { fails: false };
  const own = memory ?? new MemoryLog({ readers: ['uplink'], clock });
  const append = async (commit: Commit) => {
    if (disk.fails) throw new StoreError('disk-full', 'no space');
    return own.append(commit);
  };
  const log = new Proxy<Log>(own, {
    get: (target, key) => (key === 'append' ? append : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key))),
  });
  const devices = [{ id: 'a', profile: 'p', decoder, rules, saidWithinMs: windowMs }];
  const pipeline = await startPipeline({ log, clock, devices, inventory: [], inventoryHash: 'h', onTrouble: () => {} });
  const say = async (...texts: string[]) => {
    const frames = texts.map((text): Frame => ({
      device: 'a',
      at: clock.now(),
      body: { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(text) },
    }));
    const kept = pipeline.emit(frames).then(
      () => 'kept',
      (error: StoreError) => error.code,
    );
    await clock.advance(limits.groupMs);
    return kept;
  };
  const records = async () => {
    const batches = await own.read('uplink', 'alarm', 1e9, 0);
    const all = batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => record));
    return all.flatMap((record) => (record.kind === 'alarm' ? [record] : []));
  };
  const events = async () => (await records()).flatMap((record) => record.events.map(({ type }) => type));
  return { clock, disk, memory: own, pipeline, say, records, events };
}

describe('what a device says again', () => {
  it('is acked and left out, within one delivery too, until its window is over', async () => {
    const { clock, say, events } = await rig();
    expect(await say('1 open', '1 open', '2 shut')).toBe('kept');
    expect(await say('1 open')).toBe('kept');
    expect(await events()).toEqual(['open', 'shut']);
    await clock.advance(windowMs);
    await say('1 open');
    expect(await events()).toEqual(['open', 'shut', 'open']);
  });

  it('is taken where what it said first was not kept', async () => {
    const { disk, say, events } = await rig();
    disk.fails = true;
    expect(await say('1 open')).toBe('disk-full');
    disk.fails = false;
    expect(await say('1 open')).toBe('kept');
    expect(await events()).toEqual(['open']);
  });

  it('is known after a restart, and though the wall clock was put back by a day', async () => {
    const before = await rig();
    await before.say('1 open');
    await before.pipeline.stop();
    const clock = new HandClock();
    clock.stepWall(-86_400_000);
    const after = await rig({ memory: before.memory, clock });
    await after.say('1 open');
    await after.say('2 shut');
    expect(await after.events()).toEqual(['open', 'shut']);
  });

  it('is acked where the first said nothing at all', async () => {
    const { say } = await rig();
    expect(await say('1')).toBe('kept');
    expect(await say('1')).toBe('kept');
  });
});

it('more events at once than one record holds become several, in order', async () => {
  const { say, records, events } = await rig();
  const names = Array.from({ length: 600 }, (_, i) => `e${i}`);
  await say(`1 ${names.join(' ')}`);
  expect((await records()).filter((record) => record.events.length > 0).map((record) => record.events.length)).toEqual([
    256, 256, 88,
  ]);
  expect(await events()).toEqual(names);
});
