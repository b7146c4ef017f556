import type { Frame, FrameChild } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../gateway/decode/decode.ts';
import type { PipelineDevice } from '../../gateway/device-slot.ts';
import { compilePartRules, compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import type { PartKind } from '../../gateway/parts.ts';
import { startPipeline } from '../../gateway/pipeline.ts';
import type { StoreError } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../gateway/store/memory-rows.ts';
import { HandClock } from '../hand-clock.ts';

const decoder: Decoder = {
  decode: ({ at, body }) =>
    body.kind === 'message'
      ? { readings: [{ point: 'fire', value: Buffer.from(body.payload).toString() === '1', quality: 'good', at }], events: [] }
      : { readings: [], events: [] },
};

const profile = (category: string) =>
  ({
    category,
    availability: { offlineAfter: 60_000 },
    alarms: {
      fire: {
        name: { zh: '火警' },
        severity: 'critical',
        hazard: 'fire',
        latch: 'none',
        for: 0,
        clearFor: 0,
        samples: 1,
        point: 'fire',
        is: true,
      },
    },
  }) as unknown as Profile;

const kind = (id: string): [string, PartKind] => [
  id,
  { profile: id, category: 'fire.smoke', decoder, rules: compilePartRules(profile('fire.smoke')) },
];
const panel = (id: string, kinds = ['smoke', 'button']): PipelineDevice => ({
  id,
  profile: 'panel',
  decoder,
  rules: compileRules(profile('fire.panel')),
  parts: { split: (frame) => [frame], kinds: new Map(kinds.map(kind)), place: { building: '3' } },
});

const detector = (key: string, more: Partial<FrameChild> = {}): FrameChild => ({
  key,
  name: { zh: `烟感 ${key}` },
  profile: 'smoke',
  ...more,
});

/** A fire panel over several lives of its gateway. */
class Panel {
  readonly clock = new HandClock();
  readonly rows = new MemoryRows();
  readonly troubles: string[] = [];

  async live(devices = [panel('p1')], hash = 'h1') {
    const memory = new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.rows, maxBytes: 64e6 });
    const pipeline = await startPipeline({
      log: memory,
      clock: this.clock,
      devices,
      inventory: devices.map(({ id, profile: own }) => ({ id, profile: own, name: { zh: id }, place: {} })),
      inventoryHash: hash,
      onTrouble: ({ en }) => this.troubles.push(en),
    });
    const say = async (text: string, ...children: (FrameChild | undefined)[]) => {
      const body = { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(text) } as const;
      const frames = children.map((child): Frame => ({ device: 'p1', at: this.clock.now(), body, ...(child && { child }) }));
      const kept = pipeline.emit(frames).then(
        () => 'kept',
        (error: StoreError) => error.code,
      );
      await this.clock.advance(limits.groupMs);
      return kept;
    };
    return { pipeline, say };
  }

  async records(): Promise<LogRecord[]> {
    const memory = new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.rows });
    const batches = await memory.read('uplink', 'alarm', 1e9, 0);
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
  }

  /** In the order of the log: what was told of the inventory, of availability, of alarms. */
  async said(): Promise<string[]> {
    return (await this.records()).flatMap((record) => {
      if (record.kind === 'site') return [`${record.partial ? 'new' : 'all'} ${record.devices.map(({ id }) => id).join()}`];
      if (record.kind !== 'alarm') return [];
      const of = record.transitions.map(({ alarm, kind: what, episode }) => `${record.device} ${alarm} ${what} ${episode}`);
      return record.availability ? [...of, `${record.device} is ${record.availability}`] : of;
    });
  }
}

describe('a part of a device', () => {
  it('is a device of its own when it is first spoken of, told in front of its first alarm', async () => {
    const one = new Panel();
    const { say } = await one.live();
    await say('1', detector('1-17', { note: '二层东走廊' }));
    expect(await one.said()).toEqual(['all p1', 'p1 is online', 'new p1.1-17', 'p1.1-17 fire raised 1', 'p1.1-17 is online']);
    const [, , told] = await one.records();
    expect(told).toMatchObject({
      partial: true,
      devices: [
        {
          id: 'p1.1-17',
          profile: 'smoke',
          name: { zh: '烟感 1-17' },
          place: { building: '3', note: '二层东走廊' },
          parent: 'p1',
        },
      ],
    });
    await say('1', detector('1-17', { note: '二层东走廊' }));
    expect(await one.said()).toHaveLength(5);
  });

  it('has rules of its own beside others, and the device beside them', async () => {
    const one = new Panel();
    const { say } = await one.live();
    await say('1', detector('1'), detector('2'));
    await say('0', detector('1'));
    await say('1', undefined);
    const alarms = (await one.said()).filter((line) => line.includes('fire'));
    expect(alarms).toEqual(['p1.1 fire raised 1', 'p1.2 fire raised 1', 'p1.1 fire cleared 1', 'p1 fire raised 1']);
  });

  it('survives a restart with its alarm and its count, and is not told again', async () => {
    const one = new Panel();
    const first = await one.live();
    await first.say('1', detector('1'));
    await first.pipeline.stop();
    const before = await one.said();
    const second = await one.live();
    expect(second.pipeline.device('p1.1')?.saved.rules['fire']?.active).toBe(true);
    expect(await one.said()).toEqual(before);
    await second.say('0', detector('1'));
    await second.say('1', detector('1'));
    expect((await one.said()).slice(before.length)).toEqual(['p1.1 fire cleared 1', 'p1.1 fire raised 2']);
  });

  it('that has another name is told so, once', async () => {
    const one = new Panel();
    const { say } = await one.live();
    await say('0', detector('1'));
    await say('0', detector('1', { name: { zh: '烟感 改名' } }));
    await say('0', detector('1', { name: { zh: '烟感 改名' } }));
    const names = (await one.records()).flatMap((record) =>
      record.kind === 'site' && record.partial ? [record.devices[0]?.name.zh] : [],
    );
    expect(names).toEqual(['烟感 1', '烟感 改名']);
  });

  it('that was replaced by another kind keeps its episodes', async () => {
    const one = new Panel();
    const { say } = await one.live();
    await say('1', detector('1'));
    await say('0', detector('1', { profile: 'button' }));
    await say('1', detector('1', { profile: 'button' }));
    expect((await one.said()).filter((line) => line.includes('fire'))).toEqual([
      'p1.1 fire raised 1',
      'p1.1 fire cleared 1',
      'p1.1 fire raised 2',
    ]);
  });

  it('of a kind that its device does not have is refused, and said', async () => {
    const one = new Panel();
    const { say, pipeline } = await one.live();
    expect(await say('1', detector('1', { profile: 'camera' }))).toBe('kept');
    expect([pipeline.device('p1.1'), one.troubles.join()]).toEqual([
      undefined,
      expect.stringContaining('profile camera of a part'),
    ]);
  });

  it('is looked at by linkage as a part of its device, where its device is', async () => {
    const one = new Panel();
    const { say, pipeline } = await one.live();
    await say('1', detector('1'));
    expect(pipeline.part('p1.1')).toEqual({ id: 'p1.1', parent: 'p1', category: 'fire.smoke', place: { building: '3' } });
    expect(pipeline.part('p1')).toBeUndefined();
  });
});

describe('its device', () => {
  it('is heard when it speaks of its parts', async () => {
    const one = new Panel();
    const { say, pipeline } = await one.live();
    for (let i = 0; i < 5; i++) {
      await say('0', detector('1'));
      await one.clock.advance(30_000);
    }
    expect(pipeline.device('p1')?.saved.availability).toBe('online');
  });

  it('that is lost makes one alarm, and its parts unknown until it is back', async () => {
    const one = new Panel();
    const { say } = await one.live();
    await say('0', detector('1'), detector('2'));
    const before = (await one.said()).length;
    await one.clock.advance(61_000);
    expect((await one.said()).slice(before)).toEqual([
      'p1 offline raised 1',
      'p1 is offline',
      'p1.1 is unknown',
      'p1.2 is unknown',
    ]);
    await say('0', undefined);
    expect((await one.said()).slice(before + 4)).toEqual([
      'p1 offline cleared 1',
      'p1 is online',
      'p1.1 is online',
      'p1.2 is online',
    ]);
  });

  it('that left the site file takes its parts with it: they let go of their alarms', async () => {
    const one = new Panel();
    const first = await one.live();
    await first.say('1', detector('1'));
    await first.pipeline.stop();
    const before = (await one.said()).length;
    const second = await one.live([panel('p2')], 'h2');
    expect((await one.said()).slice(before)).toEqual(['p1 is unknown', 'p1.1 fire cleared 1', 'p1.1 is unknown', 'all p2']);
    expect([...one.rows.state().keys()].filter((key) => key.startsWith('part/'))).toEqual([]);
    await second.pipeline.stop();
  });

  it('whose profile knows a kind no more lets go of those parts, and keeps the others', async () => {
    const one = new Panel();
    const first = await one.live();
    await first.say('1', detector('1'), detector('2', { profile: 'button' }));
    await first.pipeline.stop();
    const second = await one.live([panel('p1', ['button'])], 'h2');
    expect([second.pipeline.device('p1.1'), second.pipeline.device('p1.2')?.saved.rules['fire']?.active]).toEqual([
      undefined,
      true,
    ]);
    expect((await one.said()).filter((line) => line.startsWith('all'))).toEqual(['all p1', 'all p1,p1.2']);
  });

  it('with too many parts has one more for all beyond: a fire there is a fire', async () => {
    const one = new Panel();
    const { say, pipeline } = await one.live();
    await say('0', ...Array.from({ length: limits.partsPerDevice }, (_, i) => detector(String(i))));
    await say('1', detector('beyond-1'));
    await say('1', detector('beyond-2'));
    expect(pipeline.device('p1.beyond-1')).toBeUndefined();
    expect(pipeline.device('p1.beyond-smoke')?.saved.rules['fire']?.active).toBe(true);
    await say('1', detector('0'));
    expect(pipeline.device('p1.0')?.saved.rules['fire']?.active).toBe(true);
  });
});

it('an id that would be too long is told by its hash, and stays the same', async () => {
  const one = new Panel();
  const { say } = await one.live();
  await say('1', detector('x'.repeat(64)));
  await say('1', detector('x'.repeat(64)));
  const ids = (await one.records()).flatMap((record) =>
    record.kind === 'alarm' && record.device !== 'p1' ? [record.device] : [],
  );
  expect(ids).toEqual([expect.stringMatching(/^p1\.[0-9a-f]{16}$/)]);
});

it('a part that was not kept never was: it is told when the disk takes it', async () => {
  const one = new Panel();
  const { say, pipeline } = await one.live();
  await say('0', undefined);
  one.rows.refuses = 'disk-full';
  expect(await say('1', detector('1'))).toBe('disk-full');
  expect(pipeline.device('p1.1')).toBeUndefined();
  one.rows.refuses = null;
  expect(await say('1', detector('1'))).toBe('kept');
  expect((await one.said()).slice(2)).toEqual(['new p1.1', 'p1.1 fire raised 1', 'p1.1 is online']);
});
