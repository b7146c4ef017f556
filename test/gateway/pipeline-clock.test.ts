import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { describe, expect, it } from 'vitest';
import { TrustedClock, notBeforeMs } from '../../gateway/clock-trust.ts';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import { type Pipeline, startPipeline } from '../../gateway/pipeline.ts';
import type { Log } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../gateway/store/memory-rows.ts';
import { Timekeeper, keptWallTime } from '../../gateway/timekeeper.ts';
import { HandClock } from '../hand-clock.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** What time it really is when a test begins. */
const today = Date.UTC(2026, 5, 1);

function clockAt(wall: number, more: { lastMs?: number; synchronised?: () => boolean; uptimeMs?: number } = {}) {
  const base = new HandClock(wall);
  const clock = new TrustedClock({
    base,
    boot: { id: 'b1', uptimeMs: more.uptimeMs ?? 5_000 },
    isSynchronised: more.synchronised ?? (() => false),
  });
  clock.remember(more.lastMs ?? null);
  return { base, clock };
}

const yes = (): boolean => true;

describe('what clock is believed at the start', () => {
  it.each([
    ['the year 1970', 0, {}, 'uptime'],
    ['before this program', notBeforeMs - 1, {}, 'uptime'],
    ['today', today, {}, 'system'],
    ['behind what was last written', today, { lastMs: today + hour }, 'uptime'],
    ['a second behind it', today, { lastMs: today + 1_000 }, 'system'],
    ['behind it, and following a time server', today, { lastMs: today + hour, synchronised: yes }, 'system'],
    ['the year 1970, and a time server that says it is', 0, { synchronised: yes }, 'uptime'],
  ] as const)('%s → %s', (_name, wall, more, source) => {
    expect(clockAt(wall, more).clock.source).toBe(source);
  });

  it('without a clock, things are stamped by the time since boot, and a set clock disturbs nothing', async () => {
    const { base, clock } = clockAt(0);
    expect(clock.stamp()).toEqual({ at: 5_000, untimed: 'b1' });
    await base.advance(1_000);
    base.stepWall(3 * hour);
    expect(clock.stamp()).toEqual({ at: 6_000, untimed: 'b1' });
    expect(clock.look()).toBeNull();
  });
});

describe('trust comes', () => {
  it('when the clock is set, and says by how much what came before is moved', async () => {
    const { base, clock } = clockAt(0);
    await base.advance(60_000);
    base.stepWall(today);
    expect(clock.look()).toEqual({ what: 'trusted', shiftMs: today + 60_000 - 65_000, by: 'system' });
    expect([clock.source, clock.now(), clock.look()]).toEqual(['system', today + 60_000, null]);
    // A driver took this time when only the time since boot was known.
    expect(clock.place(6_000)).toEqual({ at: today + 1_000 });
    expect(clock.place(today + 30_000)).toEqual({ at: today + 30_000 });
  });

  it('when the clock has caught up with what was last written', async () => {
    const { base, clock } = clockAt(today, { lastMs: today + 10_000 });
    await base.advance(5_000);
    expect(clock.look()).toBeNull();
    await base.advance(3_000);
    expect(clock.look()).toMatchObject({ what: 'trusted', by: 'system' });
  });

  it('from the cloud, whose time is then kept by ourselves', async () => {
    const { base, clock } = clockAt(0);
    await base.advance(10_000);
    expect(clock.heardCloud(today, 400)).toMatchObject({ what: 'trusted', by: 'cloud' });
    expect([clock.source, clock.now()]).toEqual(['own', today + 200]);
    await base.advance(60_000);
    expect(clock.now()).toBe(today + 60_200);
    expect(clock.systemErrorMs).toBe(-(today + 200 - 10_000));
  });

  it('from the cloud, for a clock that it agrees with', () => {
    const { clock } = clockAt(today, { lastMs: today + day });
    expect(clock.heardCloud(today + 1_500, 100)).toMatchObject({ what: 'trusted', by: 'cloud' });
    expect([clock.source, clock.now()]).toEqual(['system', today]);
  });

  it('not from a cloud that does not know the time itself', () => {
    const { clock } = clockAt(0);
    expect(clock.heardCloud(1_000, 10)).toBeNull();
    expect(clock.source).toBe('uptime');
  });
});

describe('a trusted clock that jumps', () => {
  it.each([day, -hour])('by %i ms is followed, and the jump is told', async (step) => {
    const { base, clock } = clockAt(today);
    await base.advance(1_000);
    base.stepWall(step);
    expect(clock.look()).toEqual({ what: 'stepped', shiftMs: step, by: 'system' });
    expect([clock.now(), clock.look()]).toEqual([today + 1_000 + step, null]);
  });

  it('by less than a second is followed without a word', () => {
    const { base, clock } = clockAt(today);
    base.stepWall(900);
    expect([clock.look(), clock.now()]).toEqual([null, today + 900]);
  });

  it('to nonsense is not followed, and followed again when it is put right', async () => {
    const { base, clock } = clockAt(today);
    base.stepWall(-today);
    expect([clock.look(), clock.source]).toEqual([null, 'own']);
    await base.advance(5_000);
    expect(clock.now()).toBe(today + 5_000);
    base.stepWall(today + 1_000);
    expect([clock.look(), clock.source]).toEqual([null, 'system']);
  });
});

describe('a cloud that disagrees', () => {
  it('is believed before a clock that follows nobody, and the clock again when it has been put right', async () => {
    const { base, clock } = clockAt(today);
    expect(clock.heardCloud(today + 600_000, 0)).toEqual({ what: 'stepped', shiftMs: 600_000, by: 'cloud' });
    expect([clock.source, clock.now(), clock.systemErrorMs]).toEqual(['own', today + 600_000, -600_000]);
    expect(clock.heardCloud(today + 600_500, 0)).toBeNull();
    base.stepWall(600_800);
    expect([clock.look(), clock.source]).toEqual([null, 'system']);
    await base.advance(1_000);
    expect(clock.look()).toBeNull();
  });

  it('within two seconds, and half of the time it took to answer, does not disagree', () => {
    const { clock } = clockAt(today);
    expect(clock.heardCloud(today + 2_000, 0)).toBeNull();
    expect(clock.heardCloud(today + 1_500, 10_000)).toBeNull();
    expect(clock.heardCloud(today + 2_001, 0)).not.toBeNull();
  });

  it('is not believed before a time server', () => {
    const { clock } = clockAt(today, { synchronised: () => true });
    expect([clock.heardCloud(today + day, 0), clock.source]).toEqual([null, 'system']);
  });

  it('and a time server that comes later wins', () => {
    let synchronised = false;
    const { clock } = clockAt(today, { synchronised: (): boolean => synchronised });
    clock.heardCloud(today + day, 0);
    synchronised = true;
    expect(clock.look()).toEqual({ what: 'stepped', shiftMs: -day, by: 'system' });
    expect([clock.source, clock.now()]).toEqual(['system', today]);
  });

  it('that has set the clock of the machine is told once', () => {
    const { base, clock } = clockAt(today);
    base.stepWall(600_000);
    expect(clock.heardCloud(today + 600_000, 0)).toMatchObject({ what: 'stepped', shiftMs: 600_000 });
    expect([clock.look(), clock.source]).toEqual([null, 'system']);
  });
});

const rules = compileRules({
  category: 'other',
  availability: { offlineAfter: 60_000 },
  alarms: {
    hot: {
      name: { zh: '高温' },
      severity: 'major',
      hazard: 'fire',
      latch: 'none',
      for: 10_000,
      clearFor: 0,
      samples: 1,
      point: 't',
      above: 40,
      clear: 37,
    },
  },
} as unknown as Profile);

/** `20`: point t. `20!`: the same from a device whose clock differs from ours. */
const decoder: Decoder = {
  decode: ({ at, body }) => {
    const text = body.kind === 'message' ? Buffer.from(body.payload).toString() : '';
    const value = Number(text.replace('!', ''));
    const skewed = text.endsWith('!')
      ? ({ quality: 'uncertain', reason: 'clock-skew', deviceAt: today } as const)
      : { quality: 'good' as const };
    return { readings: [{ point: 't', value, at, ...skewed }], events: [] };
  },
};

/** One disk; machines that boot and processes that start, with clocks as each finds them. */
class Machine {
  readonly rows = new MemoryRows();
  base = new HandClock(0);
  #boots = 0;
  #uptimeMs = 0;
  #life: { pipeline: Pipeline; timekeeper: Timekeeper; dead: { value: boolean } } | null = null;
  onRetime: (() => void) | null = null;

  /** The power was off; the clock begins at `wall`. */
  boot(
    wall: number,
  ): Promise<{ pipeline: Pipeline; clock: TrustedClock; timekeeper: Timekeeper; say: (text: string) => Promise<string> }> {
    this.kill();
    this.#boots++;
    this.#uptimeMs = 3_000;
    this.base = new HandClock(wall);
    return this.start();
  }

  /** Only the process was gone. */
  async start() {
    this.kill();
    const { base } = this;
    const dead = { value: false };
    const clock = new TrustedClock({
      base,
      boot: { id: `boot-${this.#boots}`, uptimeMs: this.#uptimeMs + base.mono() },
      isSynchronised: () => false,
    });
    const memory = new MemoryLog({ readers: ['uplink'], clock, rows: this.rows });
    const log = new Proxy<Log>(memory, {
      get: (target, key) => {
        const real: unknown = Reflect.get(target, key);
        if (typeof real !== 'function') return real;
        return (...args: unknown[]) => {
          if (key === 'retime') this.onRetime?.();
          return dead.value ? new Promise(() => {}) : (real.apply(target, args) as unknown);
        };
      },
    });
    const saved = await log.loadState();
    clock.remember(keptWallTime(saved));
    const made: { pipeline?: Pipeline } = {};
    const timekeeper = new Timekeeper({
      clock,
      saved,
      log,
      record: (records, keep) => made.pipeline?.record(records, keep) ?? Promise.resolve(),
      onTrouble: () => {},
    });
    const pipeline = await startPipeline({
      log,
      clock,
      stamps: clock,
      alsoKeep: (moved) => timekeeper.alsoKeep(moved),
      devices: [{ id: 'a', profile: 'p', decoder, rules }],
      inventory: [],
      inventoryHash: 'h',
      onTrouble: () => {},
    });
    made.pipeline = pipeline;
    timekeeper.start();
    this.#life = { pipeline, timekeeper, dead };
    const say = async (text: string) => {
      const body = { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(text) } as const;
      const frame: Frame = { device: 'a', at: clock.now(), body };
      const kept = pipeline.emit([frame]).then(
        () => 'kept',
        () => 'lost',
      );
      await base.advance(limits.groupMs);
      return kept;
    };
    return { pipeline, clock, timekeeper, say };
  }

  kill(): void {
    if (this.#life) this.#life.dead.value = true;
    this.#life = null;
  }

  async records(lane: 'alarm' | 'telemetry'): Promise<LogRecord[]> {
    const memory = new MemoryLog({ readers: ['uplink'], clock: { now: () => today }, rows: this.rows });
    const batches = await memory.read('uplink', lane, 1e9, 0);
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
  }

  async readings() {
    return (await this.records('telemetry')).flatMap((record) => (record.kind === 'readings' ? record.readings : []));
  }

  get notes(): string[] {
    return [...this.rows.state().keys()].filter((key) => key.startsWith('boot/'));
  }
}

describe('a gateway that boots in 1970', () => {
  it('holds its readings back and gives them their time; its alarms leave at once and say that they have none', async () => {
    const machine = new Machine();
    const { say } = await machine.boot(0);
    await say('20');
    await machine.base.advance(4_900);
    await say('50');
    await machine.base.advance(10_900);
    expect(await machine.readings()).toEqual([]);
    const raised = (await machine.records('alarm')).find((record) => record.kind === 'alarm' && record.transitions.length > 0);
    expect(raised).toMatchObject({
      untimed: 'boot-1',
      transitions: [{ kind: 'raised', reason: { heldMs: expect.closeTo(10_000, -3) } }],
    });

    const wall = today - machine.base.now();
    machine.base.stepWall(wall);
    await machine.base.advance(2_000);
    const readings = await machine.readings();
    expect(readings.map(({ value, at }) => [value, at - wall])).toEqual([
      [20, 0],
      [50, 5_000],
    ]);
    const clock = (await machine.records('alarm')).at(-1);
    expect(clock).toMatchObject({ kind: 'clock', what: 'trusted', boot: 'boot-1', by: 'system' });
    if (clock?.kind === 'clock' && raised?.kind === 'alarm') expect(raised.at + clock.shiftMs - wall).toBeCloseTo(15_000, -3);
    expect(machine.notes).toEqual([]);

    await say('21');
    expect((await machine.readings()).at(-1)).toMatchObject({ value: 21, at: machine.base.now() - limits.groupMs });
    expect((await machine.records('telemetry')).at(-1)).not.toHaveProperty('untimed');
  });

  it('calls no device wrong for telling another time', async () => {
    const machine = new Machine();
    const { say } = await machine.boot(0);
    await say('20!');
    machine.base.stepWall(today);
    await machine.base.advance(2_000);
    await say('20!');
    expect((await machine.readings()).map(({ quality, deviceAt }) => [quality, deviceAt])).toEqual([
      ['good', today],
      ['uncertain', today],
    ]);
  });

  it('goes on by the same time since boot when only its process was started again', async () => {
    const machine = new Machine();
    const first = await machine.boot(0);
    await first.say('20');
    await machine.base.advance(60_000 - limits.groupMs);
    const second = await machine.start();
    await second.say('21');
    const wall = today - machine.base.now();
    machine.base.stepWall(wall);
    await machine.base.advance(2_000);
    expect((await machine.readings()).map(({ at }) => at - wall)).toEqual([0, 60_000]);
    const clocks = (await machine.records('alarm')).filter(({ kind }) => kind === 'clock');
    expect(clocks).toHaveLength(1);
  });

  it('and loses power before it knew the time: its readings are no later than the next boot, and uncertain', async () => {
    const machine = new Machine();
    const first = await machine.boot(0);
    await first.say('20');
    await machine.base.advance(30_000);
    await first.say('21');
    const second = await machine.boot(0);
    await second.say('22');
    const wall = today - machine.base.now();
    machine.base.stepWall(wall);
    await machine.base.advance(2_000);
    const booted = wall - 3_000;
    const readings = await machine.readings();
    expect(readings.map(({ value, quality, reason }) => [value, quality, reason])).toEqual([
      [20, 'uncertain', 'untimed'],
      [21, 'uncertain', 'untimed'],
      [22, 'good', undefined],
    ]);
    expect(readings[1]?.at).toBeLessThanOrEqual(booted);
    expect((readings[1]?.at ?? 0) - (readings[0]?.at ?? 0)).toBe(30_000 + limits.groupMs);
    const clocks = (await machine.records('alarm')).flatMap((record) =>
      record.kind === 'clock' ? [[record.boot, record.estimated]] : [],
    );
    expect(clocks).toEqual([
      ['boot-1', true],
      ['boot-2', undefined],
    ]);
  });

  it('and comes back with the right time before anything was settled', async () => {
    const machine = new Machine();
    const first = await machine.boot(0);
    await first.say('20');
    const second = await machine.boot(today);
    await machine.base.advance(2_000);
    await second.say('21');
    const [before, after] = await machine.readings();
    expect(before).toMatchObject({ value: 20, quality: 'uncertain' });
    expect(before?.at).toBeLessThan(today);
    expect(after).toMatchObject({ value: 21, quality: 'good' });
    expect(machine.notes).toEqual([]);
  });

  it('and dies between the word and the rewriting: the next start does it, by the word that was given', async () => {
    const machine = new Machine();
    const first = await machine.boot(0);
    await first.say('20');
    machine.onRetime = () => machine.kill();
    const wall = today - machine.base.now();
    machine.base.stepWall(wall);
    await machine.base.advance(2_000);
    machine.onRetime = null;
    expect(await machine.readings()).toEqual([]);
    await machine.boot(today + hour);
    await machine.base.advance(2_000);
    expect((await machine.readings()).map(({ value, quality, at }) => [value, quality, at - wall])).toEqual([[20, 'good', 0]]);
    expect((await machine.records('alarm')).filter(({ kind }) => kind === 'clock')).toHaveLength(1);
  });

  it('and hears the time from the cloud', async () => {
    const machine = new Machine();
    const { say, timekeeper } = await machine.boot(0);
    await say('20');
    timekeeper.heardCloud(today, 0);
    await machine.base.advance(100);
    expect((await machine.readings()).map(({ at }) => at)).toEqual([today - limits.groupMs]);
  });
});

describe('a clock that jumps while the gateway runs', () => {
  it.each([day, -hour])('by %i ms: nothing is early, late, lost or doubled, and the jump is on record', async (step) => {
    const machine = new Machine();
    const { say } = await machine.boot(today);
    await say('50');
    await machine.base.advance(5_000);
    machine.base.stepWall(step);
    await machine.base.advance(4_000);
    const transitions = async () =>
      (await machine.records('alarm')).flatMap((record) => (record.kind === 'alarm' ? record.transitions : []));
    expect(await transitions()).toEqual([]);
    await machine.base.advance(1_500);
    expect((await transitions()).map(({ alarm, kind }) => `${alarm} ${kind}`)).toEqual(['hot raised']);
    await say('20');
    expect((await machine.readings()).map(({ value }) => value)).toEqual([50, 20]);
    const clocks = (await machine.records('alarm')).flatMap((record) => (record.kind === 'clock' ? [record] : []));
    expect(clocks.map(({ what, shiftMs }) => [what, shiftMs])).toEqual([['stepped', step]]);
  });
});

it('what was last written doubts a clock that starts before it', async () => {
  const machine = new Machine();
  const first = await machine.boot(today);
  await first.say('20');
  const { clock } = await machine.boot(today - day);
  expect(clock.source).toBe('uptime');
});

it('a note of a boot that cannot be read keeps no reading for ever', async () => {
  const machine = new Machine();
  const first = await machine.boot(0);
  await first.say('20');
  machine.rows.setState('boot/boot-1', '{');
  await machine.boot(today);
  await machine.base.advance(2_000);
  expect((await machine.readings()).map(({ quality }) => quality)).toEqual(['uncertain']);
});
