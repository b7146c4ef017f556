import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import { startPipeline } from '../../gateway/pipeline.ts';
import { type Commit, type Log, StoreError } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { HandClock, settle } from '../hand-clock.ts';

const [band, heartbeatMs] = [5, 60_000];
const reporting = new Map([['t', { deadband: band, heartbeatMs }]]);

const rules = compileRules({
  category: 'other',
  availability: { offlineAfter: 120_000 },
  alarms: {
    hot: {
      name: { zh: '高温' },
      severity: 'major',
      hazard: 'equipment',
      latch: 'none',
      for: 30_000,
      clearFor: 0,
      samples: 1,
      point: 't',
      above: 40,
      clear: 38,
    },
  },
} as unknown as Profile);

/** A number is point `t`, `x` a bad reading of it. */
const decoder: Decoder = {
  decode: ({ at, body }) => {
    const text = body.kind === 'message' ? Buffer.from(body.payload).toString() : '';
    const reading: Reading =
      text === 'x'
        ? { point: 't', value: null, quality: 'bad', reason: 'not-a-number', at }
        : { point: 't', value: Number(text), quality: 'good', at };
    return { readings: [reading], events: [] };
  },
};

async function rig() {
  const clock = new HandClock();
  const memory = new MemoryLog({ readers: ['uplink'], clock });
  const disk: { fails: boolean; hold: Promise<void> | null } = { fails: false, hold: null };
  const append = async (commit: Commit) => {
    await disk.hold;
    if (disk.fails) throw new StoreError('disk-full', 'no space');
    return memory.append(commit);
  };
  const log = new Proxy<Log>(memory, {
    get: (target, key) => (key === 'append' ? append : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key))),
  });
  const devices = ['a', 'b'].map((id) => ({ id, profile: 'p', decoder, rules, reporting }));
  const pipeline = await startPipeline({ log, clock, devices, inventory: [], inventoryHash: 'h', onTrouble: () => {} });
  const emit = (value: number | 'x', device = 'a') => {
    const body = { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(String(value)) } as const;
    const frame: Frame = { device, at: clock.now(), body };
    return pipeline.emit([frame]).then(
      () => 'kept',
      (error: StoreError) => error.code,
    );
  };
  /** Says it and lets the group be committed. */
  const say = async (value: number | 'x', device = 'a') => {
    const kept = emit(value, device);
    await clock.advance(limits.groupMs);
    return kept;
  };
  const recorded = async (device = 'a') => {
    const batches = await memory.read('uplink', 'telemetry', 1e9, 0);
    const records = batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => record));
    return records.flatMap((record) => (record.kind === 'readings' && record.device === device ? record.readings : []));
  };
  const values = async (device = 'a') => (await recorded(device)).map(({ value }) => value);
  return { clock, disk, pipeline, emit, say, recorded, values };
}

describe('what is recorded of what was heard', () => {
  it('only changes, against the value last recorded and not the one last heard', async () => {
    const { say, values, pipeline } = await rig();
    for (const value of [20, 22, 24, 26, 26]) await say(value);
    expect(await values()).toEqual([20, 26]);
    const { readings, held_back: heldBack } = pipeline.counters();
    expect({ readings, heldBack }).toEqual({ readings: 5, heldBack: 3 });
  });

  it('again after the longest silence', async () => {
    const { clock, say, values } = await rig();
    await say(20);
    await clock.advance(heartbeatMs);
    await say(20);
    await say(20);
    expect(await values()).toEqual([20, 20]);
  });

  it('every change of quality, both ways', async () => {
    const { say, values } = await rig();
    for (const value of [20, 'x', 'x', 20, 21] as const) await say(value);
    expect(await values()).toEqual([20, null, 20]);
  });

  it('the first reading of a device that is back, though it is the same as before', async () => {
    const { clock, say, values, pipeline } = await rig();
    await say(20);
    await clock.advance(50_000);
    await say(20);
    await clock.advance(121_000);
    expect(pipeline.device('a')?.saved.availability).toBe('offline');
    await say(20);
    expect(await values()).toEqual([20, 20]);
  });

  it('the readings an alarm stands on, however little they changed', async () => {
    const { clock, say, values, pipeline } = await rig();
    for (const value of [39, 41]) await say(value);
    expect(await values()).toEqual([39, 41]);
    await clock.advance(10_000);
    await say(42);
    expect(await values()).toEqual([39, 41]);
    await clock.advance(21_000);
    expect(pipeline.device('a')?.saved.rules['hot']?.active).toBe(true);
    await say(38);
    expect(await values()).toEqual([39, 41, 38]);
  });

  it('shows what was held back as the current value', async () => {
    const { say, pipeline } = await rig();
    await say(20);
    await say(22);
    const [a, b] = pipeline.snapshot();
    expect(a).toMatchObject({ id: 'a', availability: 'online', alarms: [], readings: [{ point: 't', value: 22 }] });
    expect(b).toMatchObject({ id: 'b', availability: 'unknown', readings: [] });
  });
});

describe('a disk that fails', () => {
  it('leaves the comparison where the log is: the same value is news again', async () => {
    const { disk, say, values } = await rig();
    await say(20);
    disk.fails = true;
    expect(await say(30)).toBe('disk-full');
    disk.fails = false;
    expect(await say(30)).toBe('kept');
    expect(await values()).toEqual([20, 30]);
  });

  it('also fails what was held back against a value that was not kept', async () => {
    const { clock, disk, emit, say, values } = await rig();
    await say(20);
    let release = () => {};
    disk.hold = new Promise((resolve) => (release = resolve));
    disk.fails = true;
    const first = emit(30);
    await clock.advance(limits.groupMs);
    let done = false;
    const held = emit(31).finally(() => (done = true));
    await settle();
    expect(done).toBe(false);
    release();
    expect([await first, await held]).toEqual(['disk-full', 'disk-full']);
    [disk.fails, disk.hold] = [false, null];
    await say(31);
    expect(await values()).toEqual([20, 31]);
  });

  it('does not keep waiting what has nothing under way', async () => {
    const { clock, disk, emit, say } = await rig();
    await say(20);
    await say(20, 'b');
    disk.hold = new Promise(() => {});
    void emit(30, 'b');
    await clock.advance(limits.groupMs);
    expect(await emit(21)).toBe('kept');
  });
});

const Said = fc.record({
  value: fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0, max: 60, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant('x' as const) },
  ),
  fails: fc.boolean(),
  pauseMs: fc.integer({ min: 0, max: 40_000 }),
});

it('whatever is said and whichever commits fail, the log is never further from the device than the deadband, nor older than the heartbeat', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Said, { minLength: 1, maxLength: 30 }), async (series) => {
      const { clock, disk, say, recorded } = await rig();
      for (const { value, fails, pauseMs } of series) {
        disk.fails = fails;
        const at = clock.now();
        const kept = await say(value);
        const last = (await recorded()).at(-1);
        if (kept === 'kept') {
          expect(last?.quality).toBe(value === 'x' ? 'bad' : 'good');
          if (value !== 'x') expect(Math.abs(Number(last?.value) - value)).toBeLessThan(band);
          expect(at - (last?.at ?? 0)).toBeLessThan(heartbeatMs);
        }
        await clock.advance(pauseMs);
      }
    }),
    { numRuns: 60 },
  );
});
