import type { Frame, FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { AlarmRule } from '@yihu/device-profiles/vocabulary/rule.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { type RuleOverride, compileRules } from '../../gateway/evaluate/rules.ts';
import { limits } from '../../gateway/limits.ts';
import { startPipeline } from '../../gateway/pipeline.ts';
import { type Commit, type Log, StoreError } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { HandClock } from '../hand-clock.ts';

/** What a gateway does with what it finds at start: devices and rules that changed, states it cannot read, disks that say no. */

const base = {
  name: { zh: '高温' },
  severity: 'major',
  hazard: 'equipment',
  latch: 'none',
  for: 0,
  clearFor: 0,
  samples: 1,
} as const;
const hot: AlarmRule = { ...base, point: 't', above: 40, clear: 37 };
const slowly: AlarmRule = { ...hot, for: 60_000 };
const forced: AlarmRule = { ...base, event: 'forced', clearEvent: 'closed' };

/** A number is point `t`, anything else an event; `!` breaks the decoder. */
const decoder: Decoder = {
  decode: ({ at, body }) => {
    if (body.kind !== 'message') return { readings: [], events: [] };
    const text = Buffer.from(body.payload).toString();
    if (text === '!') throw new TypeError('a bug');
    if (Number.isNaN(Number(text))) return { readings: [], events: [{ type: text, at }] };
    return { readings: [{ point: 't', value: Number(text), quality: 'good', at }], events: [] };
  },
};

interface Site {
  readonly devices: readonly string[];
  readonly alarms: Profile['alarms'];
  readonly overrides?: Record<string, RuleOverride>;
}

/** One log over several lives of a gateway. */
class Lives {
  readonly clock = new HandClock();
  readonly troubles: string[] = [];
  /** What the disk says instead of keeping. */
  refusal: ((commit: Commit) => StoreError | null) | null = null;
  #memory = new MemoryLog({ readers: ['uplink'], clock: this.clock });

  log(): Log {
    const memory = this.#memory;
    const append = (commit: Commit) => {
      const error = this.refusal?.(commit);
      return error ? Promise.reject(error) : memory.append(commit);
    };
    return new Proxy<Log>(memory, {
      get: (target, key) => (key === 'append' ? append : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key))),
    });
  }

  async live({ devices, alarms, overrides = {} }: Site) {
    this.#memory = new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.#memory.rows });
    const profile = { category: 'other', alarms, availability: { offlineAfter: 120_000, missedPolls: 3 } } as unknown as Profile;
    const pipeline = await startPipeline({
      log: this.log(),
      clock: this.clock,
      devices: devices.map((id) => ({ id, profile: 'p', decoder, rules: compileRules(profile, overrides) })),
      inventory: [],
      inventoryHash: devices.join(),
      onTrouble: ({ en }) => this.troubles.push(en),
    });
    const emit = async (...frames: Frame[]) => {
      const kept = pipeline.emit(frames).then(
        () => 'kept',
        (error: StoreError) => error.code,
      );
      await this.clock.advance(limits.groupMs);
      return kept;
    };
    return { pipeline, emit, say: (text: string, device = 'a') => emit(frameOf(device, message(text))) };
  }

  async records(lane: 'alarm' | 'telemetry' = 'alarm'): Promise<LogRecord[]> {
    const batches = await this.#memory.read('uplink', lane, 1e9, 0);
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => record));
  }

  async said(): Promise<string[]> {
    return (await this.records()).flatMap((record) =>
      record.kind === 'alarm'
        ? record.transitions.map(
            (each) => `${record.device} ${each.alarm} ${each.kind} ${each.episode} ${each.severity} ${each.reason.code}`,
          )
        : [],
    );
  }

  async spoil(key: string, json: string): Promise<void> {
    await this.#memory.append({ alarm: [], telemetry: [], state: [[key, json]] });
  }
}

const message = (text: string): FrameBody => ({ kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(text) });
const frameOf = (device: string, body: FrameBody): Frame => ({ device, at: 1_767_225_600_000, body });
const fault = (kind: 'no-answer' | 'exception' | 'unsupported'): FrameBody => ({
  kind: 'fault',
  table: 'input',
  start: 0,
  count: 1,
  fault: kind,
  detail: '',
});

describe('a device that left the site file', () => {
  it('lets go of its alarm, once, and goes on counting when it comes back', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a', 'b'], alarms: { hot } });
    await first.say('50');
    await first.pipeline.stop();
    const second = await lives.live({ devices: ['b'], alarms: { hot } });
    await second.pipeline.stop();
    expect(await lives.said()).toEqual(['a hot raised 1 major above-limit', 'a hot cleared 1 major rule-removed']);
    const third = await lives.live({ devices: ['b'], alarms: { hot } });
    await third.pipeline.stop();
    const fourth = await lives.live({ devices: ['a', 'b'], alarms: { hot } });
    await fourth.say('50');
    expect((await lives.said()).slice(2)).toEqual(['a hot raised 2 major above-limit']);
    for (const record of await lives.records()) expect(LogRecord.safeParse(record).success).toBe(true);
  });
});

describe('a rule that was edited while its alarm was active', () => {
  it('says the new severity, once', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { hot } });
    await first.say('50');
    await first.pipeline.stop();
    for (let i = 0; i < 2; i++) {
      const next = await lives.live({ devices: ['a'], alarms: { hot }, overrides: { hot: { severity: 'critical' } } });
      await next.pipeline.stop();
    }
    expect(await lives.said()).toEqual(['a hot raised 1 major above-limit', 'a hot changed 1 critical severity-changed']);
  });

  it('clears by the new limit', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { hot } });
    await first.say('50');
    await first.pipeline.stop();
    const next = await lives.live({ devices: ['a'], alarms: { hot }, overrides: { hot: { limit: 60, clear: 55 } } });
    await next.say('50');
    expect((await lives.said()).at(-1)).toBe('a hot cleared 1 major back-within-limit');
  });

  it('clears an event alarm that nothing would ever clear any more', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { forced } });
    await first.say('forced');
    await first.pipeline.stop();
    const next = await lives.live({ devices: ['a'], alarms: { forced: { ...base, event: 'forced' } } });
    await next.pipeline.stop();
    expect((await lives.said()).at(-1)).toBe('a forced cleared 1 major auto-clear');
  });

  it('gives an event alarm its new time to end', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { forced } });
    await first.say('forced');
    await first.pipeline.stop();
    const next = await lives.live({ devices: ['a'], alarms: { forced: { ...base, event: 'forced', autoClear: 30_000 } } });
    await lives.clock.advance(29_000);
    expect(await lives.said()).toHaveLength(1);
    await lives.clock.advance(2_000);
    expect((await lives.said()).at(-1)).toBe('a forced cleared 1 major auto-clear');
    await next.pipeline.stop();
  });
});

describe('a watch that was running', () => {
  it('goes on after a restart, also for a device that says nothing more', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { slowly } });
    await first.say('50');
    await first.pipeline.stop();
    const next = await lives.live({ devices: ['a'], alarms: { slowly } });
    await lives.clock.advance(61_000);
    expect(await lives.said()).toEqual(['a slowly raised 1 major above-limit']);
    await next.pipeline.stop();
  });

  it('does not raise by a limit that was never passed, where the limit was edited meanwhile', async () => {
    const lives = new Lives();
    const first = await lives.live({ devices: ['a'], alarms: { slowly } });
    await first.say('50');
    await first.pipeline.stop();
    const next = await lives.live({ devices: ['a'], alarms: { slowly }, overrides: { slowly: { limit: 60 } } });
    await lives.clock.advance(100_000);
    expect(await lives.said()).toEqual([]);
    await next.pipeline.stop();
  });
});

describe('a state that cannot be read', () => {
  it.each(['{', '{"rules":{"hot":{"episode":"x"}},"availability":"online"}'])(
    '%s: starts all the same, says so, and numbers no episode twice',
    async (json) => {
      const lives = new Lives();
      const first = await lives.live({ devices: ['a'], alarms: { hot } });
      await first.say('50');
      await first.pipeline.stop();
      await lives.spoil('device/a', json);
      await lives.spoil('running-clock', 'x');
      const next = await lives.live({ devices: ['a'], alarms: { hot } });
      expect(lives.troubles.join()).toContain('saved alarm state of device a');
      await next.say('50');
      const [, raised] = await lives.said();
      expect(Number(raised?.split(' ')[3])).toBeGreaterThan(1_700_000_000);
    },
  );

  it('takes a state that a later version wrote', async () => {
    const lives = new Lives();
    const rule = { episode: 7, active: true, severity: 'major', since: null, heldMs: 0, samples: 0, autoClearAt: null, new: 1 };
    await lives.spoil('device/a', JSON.stringify({ rules: { hot: rule }, availability: 'online', more: true }));
    const next = await lives.live({ devices: ['a'], alarms: { hot } });
    await next.say('20');
    expect(await lives.said()).toEqual(['a hot cleared 7 major back-within-limit']);
  });
});

describe('a disk that takes no readings', () => {
  it('does not make devices silent that speak', async () => {
    const lives = new Lives();
    const { pipeline, say } = await lives.live({ devices: ['a'], alarms: { hot } });
    await say('20');
    lives.refusal = ({ telemetry }) => (telemetry.length > 0 ? new StoreError('disk-full', 'no room') : null);
    for (let minute = 0; minute < 4; minute++) {
      expect(await say('20')).toBe('disk-full');
      await lives.clock.advance(60_000);
    }
    expect(await lives.said()).toEqual([]);
    expect(pipeline.trouble()?.sinceMono).toBeLessThan(1_000);
    lives.refusal = null;
    await say('20');
    expect(pipeline.trouble()).toBeNull();
  });

  it('says at start what the disk said', async () => {
    const lives = new Lives();
    lives.refusal = () => new StoreError('disk-full', 'no room');
    await expect(lives.live({ devices: ['a'], alarms: { hot } })).rejects.toMatchObject({ code: 'disk-full' });
  });
});

describe('who counts as heard', () => {
  it.each([
    ['silence', [fault('no-answer')], 'offline'],
    ['silence, and a register refused long ago', [fault('unsupported'), fault('no-answer')], 'offline'],
    ['an exception beside silence', [fault('exception'), fault('no-answer')], 'online'],
    ['a refusal', [fault('unsupported')], 'online'],
  ] as const)('%s', async (_name, bodies, availability) => {
    const lives = new Lives();
    const { pipeline, emit } = await lives.live({ devices: ['a'], alarms: {} });
    for (let poll = 0; poll < 3; poll++) await emit(...bodies.map((body) => frameOf('a', body)));
    expect(pipeline.device('a')?.saved.availability).toBe(availability);
  });
});

describe('one bad frame', () => {
  it('that breaks a decoder hurts nobody else in the delivery', async () => {
    const lives = new Lives();
    const { pipeline, emit } = await lives.live({ devices: ['a', 'b'], alarms: { hot } });
    expect(await emit(frameOf('a', message('!')), frameOf('b', message('50')))).toBe('kept');
    expect(await lives.said()).toEqual(['b hot raised 1 major above-limit']);
    expect(pipeline.counters()['refused']).toBe(1);
  });

  it('longer than a record may be becomes several', async () => {
    const lives = new Lives();
    const { emit } = await lives.live({ devices: ['a'], alarms: {} });
    await emit(...Array.from({ length: limits.recordReadings + 1 }, () => frameOf('a', message('20'))));
    const readings = (await lives.records('telemetry')).map((record) =>
      record.kind === 'readings' ? record.readings.length : 0,
    );
    expect(readings).toEqual([limits.recordReadings, 1]);
    for (const record of await lives.records('telemetry')) expect(LogRecord.safeParse(record).success).toBe(true);
  });
});
