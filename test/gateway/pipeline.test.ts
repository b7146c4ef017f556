import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import { startPipeline } from '../../gateway/pipeline.ts';
import { type Commit, type Log, StoreError } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import type { MemoryRows } from '../../gateway/store/memory-rows.ts';
import { HandClock, settle } from '../hand-clock.ts';

const rules = compileRules({
  category: 'other',
  availability: { lateAfter: 60_000, offlineAfter: 120_000 },
  alarms: {
    hot: {
      name: { zh: '高温' },
      severity: 'major',
      hazard: 'equipment',
      latch: 'none',
      for: 0,
      clearFor: 0,
      samples: 1,
      point: 't',
      above: 40,
      clear: 37,
    },
  },
} as unknown as Profile);

/** Takes the payload's number as point `t`: decoding has its own tests. */
const decoder: Decoder = {
  decode: ({ at, body }) =>
    body.kind === 'message'
      ? { readings: [{ point: 't', value: Number(Buffer.from(body.payload).toString()), quality: 'good', at }], events: [] }
      : { readings: [], events: [] },
};

/** A log whose disk can be made to fail, and whose commits can be held. */
class FaultyLog {
  failing = false;
  hold: Promise<void> | null = null;
  commits = 0;
  readonly inner: MemoryLog;
  constructor(inner: MemoryLog) {
    this.inner = inner;
  }
  asLog(): Log {
    const append = async (commit: Commit) => {
      this.commits++;
      await this.hold;
      if (this.failing) throw new StoreError('disk-full', 'no space');
      return this.inner.append(commit);
    };
    return new Proxy<Log>(this.inner, {
      get: (target, key) => (key === 'append' ? append : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key))),
    });
  }
}

async function rig(options: { rows?: MemoryRows; clock?: HandClock; hash?: string } = {}) {
  const clock = options.clock ?? new HandClock();
  const memory = new MemoryLog({ readers: ['uplink'], clock, ...(options.rows ? { rows: options.rows } : {}) });
  const faulty = new FaultyLog(memory);
  const troubles: string[] = [];
  const pipeline = await startPipeline({
    log: faulty.asLog(),
    clock,
    devices: ['a', 'b'].map((id) => ({ id, profile: 'p', decoder, rules })),
    inventory: [{ id: 'a', profile: 'p', name: { zh: '甲' }, place: {} }],
    inventoryHash: options.hash ?? 'h1',
    onTrouble: ({ en }) => troubles.push(en),
  });
  return { clock, memory, faulty, pipeline, troubles };
}

const message = (device: string, value: number): Frame => ({
  device,
  at: 1,
  body: { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(String(value)) },
});

async function records(log: MemoryLog, lane: 'alarm' | 'telemetry'): Promise<LogRecord[]> {
  const batches = await log.read('uplink', lane, 1e9, 0);
  return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => record));
}

const transitions = async (log: MemoryLog) =>
  (await records(log, 'alarm')).flatMap((record) =>
    record.kind === 'alarm'
      ? record.transitions.map(({ alarm, kind, episode }) => `${record.device} ${alarm} ${kind} ${episode}`)
      : [],
  );

const outcome = (kept: Promise<void>) =>
  kept.then(
    () => 'kept',
    (error: StoreError) => error.code,
  );

describe('the path', () => {
  it('says the inventory once, and again only when it changed', async () => {
    const first = await rig();
    expect((await records(first.memory, 'alarm')).map(({ kind }) => kind)).toEqual(['site']);
    await first.pipeline.stop();
    const same = await rig({ rows: first.memory.rows });
    expect(await records(same.memory, 'alarm')).toHaveLength(1);
    await same.pipeline.stop();
    const changed = await rig({ rows: first.memory.rows, hash: 'h2' });
    expect(await records(changed.memory, 'alarm')).toHaveLength(2);
  });

  it('acks a message only after the commit', async () => {
    const { clock, faulty, pipeline } = await rig();
    let release = () => {};
    faulty.hold = new Promise((resolve) => (release = resolve));
    let acked = false;
    const kept = pipeline.emit([message('a', 20)]).then(() => (acked = true));
    await clock.advance(limits.groupMs * 3);
    expect(acked).toBe(false);
    release();
    await kept;
    expect(acked).toBe(true);
  });

  it('commits readings together, and an alarm at once with what waits', async () => {
    const { clock, faulty, memory, pipeline } = await rig();
    await pipeline.emit([message('a', 20), message('b', 20)]);
    await clock.advance(1_000);
    const before = faulty.commits;
    const quiet = [pipeline.emit([message('a', 20)]), pipeline.emit([message('b', 21)])];
    expect(faulty.commits).toBe(before);
    await Promise.all([...quiet, pipeline.emit([message('a', 50)])]);
    expect(faulty.commits).toBe(before + 1);
    expect(await transitions(memory)).toEqual(['a hot raised 1']);
  });

  it('gives everything back when the disk fails, and raises the alarm again when the device sends again', async () => {
    const { clock, faulty, memory, pipeline, troubles } = await rig();
    faulty.failing = true;
    const lost = outcome(pipeline.emit([message('a', 50)]));
    await clock.advance(limits.groupMs);
    expect(await lost).toBe('disk-full');
    expect(troubles.length).toBeGreaterThan(0);
    expect(pipeline.device('a')?.saved.rules['hot']?.active ?? false).toBe(false);
    faulty.failing = false;
    await pipeline.emit([message('a', 50)]);
    expect(await transitions(memory)).toEqual(['a hot raised 1']);
  });

  it('also gives back what was evaluated on top of a failed commit', async () => {
    const { clock, faulty, memory, pipeline } = await rig();
    let release = () => {};
    faulty.hold = new Promise((resolve) => (release = resolve));
    faulty.failing = true;
    const first = outcome(pipeline.emit([message('a', 50)]));
    await settle();
    const onTop = outcome(pipeline.emit([message('a', 20)]));
    release();
    await clock.advance(limits.groupMs);
    expect([await first, await onTop]).toEqual(['disk-full', 'disk-full']);
    faulty.failing = false;
    faulty.hold = null;
    await Promise.all([pipeline.emit([message('a', 20)]), clock.advance(limits.groupMs)]);
    expect(await transitions(memory)).toEqual([]);
  });

  it('keeps rule state across a restart: no second raise, and the clear belongs to the same episode', async () => {
    const first = await rig();
    await first.pipeline.emit([message('a', 50)]);
    await first.pipeline.stop();
    const second = await rig({ rows: first.memory.rows });
    await Promise.all([second.pipeline.emit([message('a', 51)]), second.clock.advance(limits.groupMs)]);
    await second.pipeline.emit([message('a', 20)]);
    expect(await transitions(second.memory)).toEqual(['a hot raised 1', 'a hot cleared 1']);
  });

  it('lets time decide: late, offline, and a wall clock that jumps a day changes nothing', async () => {
    const { clock, memory, pipeline } = await rig();
    await Promise.all([pipeline.emit([message('a', 20)]), clock.advance(limits.groupMs)]);
    clock.stepWall(86_400_000);
    await clock.advance(59_000);
    const states = async () =>
      (await records(memory, 'alarm')).flatMap((record) =>
        record.kind === 'alarm' && record.device === 'a' && record.availability ? [record.availability] : [],
      );
    expect(await states()).toEqual(['online']);
    await clock.advance(2_000);
    expect(await states()).toEqual(['online', 'late']);
    await clock.advance(60_000);
    expect(await states()).toEqual(['online', 'late', 'offline']);
  });

  it('refuses more frames than may wait for the disk, and counts them', async () => {
    const { faulty, pipeline } = await rig();
    let release = () => {};
    faulty.hold = new Promise((resolve) => (release = resolve));
    const many = Array.from({ length: limits.pendingFrames }, () => message('a', 20));
    const waiting = outcome(pipeline.emit(many));
    expect(await outcome(pipeline.emit([message('b', 20)]))).toBe('overloaded');
    release();
    expect(await waiting).toBe('kept');
    expect(pipeline.counters()['overloaded']).toBe(1);
  });

  it('drops nothing on stop', async () => {
    const { memory, pipeline } = await rig();
    const kept = pipeline.emit([message('a', 20)]);
    await pipeline.stop();
    await kept;
    expect(await records(memory, 'telemetry')).toHaveLength(1);
    expect(await outcome(pipeline.emit([message('a', 20)]))).toBe('closed');
  });

  it('keeps what a driver has to remember with its frames, or neither', async () => {
    const { clock, faulty, memory, pipeline } = await rig();
    await Promise.all([pipeline.emit([message('a', 20)], [['port/p/last', '1']]), clock.advance(limits.groupMs)]);
    faulty.failing = true;
    const lost = outcome(pipeline.emit([message('a', 21)], [['port/p/last', '2']]));
    await clock.advance(limits.groupMs);
    expect(await lost).toBe('disk-full');
    expect((await memory.loadState()).get('port/p/last')).toBe('1');
    faulty.failing = false;
    await Promise.all([pipeline.emit([], [['port/p/last', null]]), clock.advance(limits.groupMs)]);
    expect((await memory.loadState()).has('port/p/last')).toBe(false);
  });

  it('counts frames of devices it does not know, and keeps nothing of them', async () => {
    const { memory, pipeline } = await rig();
    await pipeline.emit([message('nobody', 1)]);
    expect(pipeline.counters()['unknown_device']).toBe(1);
    expect(await records(memory, 'telemetry')).toEqual([]);
  });
});
