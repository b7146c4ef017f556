import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../../gateway/site.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import { obey, parseCommand } from '../../../gateway/simulate/command.ts';
import { type Fault, faultNamed } from '../../../gateway/simulate/faults.ts';
import { play, readScenario, Scenario } from '../../../gateway/simulate/scenario.ts';
import type { Simulator } from '../../../gateway/simulate/simulator.ts';
import { wires } from '../../../gateway/simulate/wires.ts';
import { dlt645Slave } from '../../../gateway/simulate/wires/dlt645/slave.ts';
import { HandClock } from '../../hand-clock.ts';
import { bothEnds } from './both-ends.ts';

/**
 * Each fault on each wire, read by the gateway's own driver: while it lasts nothing that is not so is taken as good, and when
 * it ends the device is read as before.
 */

const { profiles } = await loadProfiles();
const patience = { timeout: 25_000, interval: 20 };
const name = { zh: '点', en: 'point' };

/** One register, asked every second by a driver that does not wait long. */
const gauge = profileFrom({
  schema: 'yihu-profile/1',
  id: 'test.gauge',
  version: '1.0.0',
  name: { zh: '表' },
  maker: { zh: '测试', en: 'Test' },
  model: 'G1',
  category: 'meter.electricity',
  sources: ['made for this test'],
  confidence: 'normalised',
  transport: {
    protocol: 'modbus',
    modes: ['tcp', 'rtu'],
    serial: { baud: 115200 },
    unitId: { default: 7 },
    timing: { timeout: '300ms', retries: 0 },
  },
  defaults: { table: 'holding', addressing: 'zero-based' },
  groups: { fast: { every: '1s' } },
  availability: { offlineAfter: '1m' },
  points: { level: { name, group: 'fast', at: 4, type: 'u16', simulate: { from: 1, to: 1 } } },
  vectors: [{ name: 'v', origin: 'synthetic', given: { table: 'holding', start: 4, words: [5] }, expect: { level: 5 } }],
});

/** Both ends of a wire, and the values of a point that were taken as good, oldest first. */
async function both(profile: Profile, wire: string, onTestFinished: (end: () => Promise<void>) => void) {
  const { simulator, port, readings } = await bothEnds(profile, wire, onTestFinished);
  const good = (point: string) =>
    readings.filter((reading) => reading.point === point && reading.quality === 'good').map(({ value }) => value);
  return { simulator, port, good };
}

/** An answer that may still be whole: an echo and stray bytes are seen through, a stuck value is a good answer. */
const seenThrough = new Set<string>(['echo', 'stray', 'stuck']);

function faultsOf(wire: string, profile: Profile): [string, Fault][] {
  const device = new SimulatedDevice('d', profile, {}, () => 0.5);
  return (wires.get(wire)?.faults(device) ?? []).map((fault) => [wire, fault]);
}

describe.concurrent('each fault of a wire that is asked', () => {
  it.for([...faultsOf('line', gauge), ...faultsOf('modbus', gauge), ['line', 'exception:4'], ['modbus', 'exception:4']] as const)(
    '%s, %s: nothing wrong is taken as good',
    { timeout: 60_000 },
    async ([wire, fault], { onTestFinished, expect }) => {
      const { simulator, port, good } = await both(gauge, wire, onTestFinished);
      const refused = () => port.counters()['exceptions'] ?? 0;
      const failures = () => (fault.startsWith('exception') ? refused() : (port.state().devices['d']?.failures ?? 0));
      await simulator.set('d', 'level', 11);
      await expect.poll(() => good('level'), patience).toContain(11);
      simulator.fault('d', fault);
      if (fault === 'stuck') {
        await simulator.set('d', 'level', 12);
        const before = good('level').length;
        await expect.poll(() => good('level').length, patience).toBeGreaterThan(before);
      } else if (wire === 'modbus' || !seenThrough.has(fault)) await expect.poll(failures, patience).toBeGreaterThan(0);
      expect(new Set(good('level').filter((value) => value !== 1))).toEqual(new Set([11]));
      simulator.fault('d', null);
      // A register that is not there is asked for again only much later.
      if (fault === 'exception:4') return;
      await simulator.set('d', 'level', 13);
      await expect.poll(() => good('level'), patience).toContain(13);
      const wrong = good('level').filter((value) => value !== 1 && value !== 11 && value !== 12 && value !== 13);
      expect(wrong).toEqual([]);
    },
  );
});

describe.concurrent('each fault of a wire whose devices speak by themselves', () => {
  const station = profiles.get('hj212.dust-noise') as Profile;
  const lift = profiles.get('generic.lift-monitor.mqtt') as Profile;
  const cases = [
    ...faultsOf('hj212', station).map(([wire, fault]) => [wire, fault, station, 'noise', 51, 47] as const),
    ...faultsOf('mqtt', lift).map(([wire, fault]) => [wire, fault, lift, 'floor', '7', '9'] as const),
  ];
  it.for(cases)(
    '%s, %s: nothing wrong is taken as good',
    { timeout: 60_000 },
    async ([wire, fault, profile, point, first, second], { onTestFinished, expect }) => {
      const { simulator, good } = await both(profile, wire, onTestFinished);
      await simulator.set('d', point, first);
      await expect.poll(() => good(point), patience).toContain(first);
      simulator.fault('d', fault);
      const before = good(point).length;
      // It resolves only when the gateway has taken it, which may be never while the fault lasts.
      const said = simulator.set('d', point, second);
      if (fault === 'stuck') await said;
      if (fault === 'stuck') expect(new Set(good(point).slice(before))).toEqual(new Set([first]));
      simulator.fault('d', null);
      await expect
        .poll(async () => {
          await simulator.set('d', point, second);
          return good(point).at(-1);
        }, patience)
        .toBe(second);
      await said;
      expect(
        good(point)
          .slice(before)
          .filter((value) => value !== first && value !== second),
      ).toEqual([]);
    },
  );
});

describe('a fault of one place', () => {
  const meter = profiles.get('generic.dlt645-single-phase') as Profile;
  const lift = profiles.get('generic.lift-monitor.mqtt') as Profile;
  it.for([
    ['modbus', gauge, 'exception:5', /has no 5; it can refuse: 4$/],
    ['line', gauge, 'exception:1A', /has no 1A; it can refuse: 4$/],
    ['line', meter, 'exception:02010200', /has no 02010200; it can refuse: .*02010100/],
    ['mqtt', lift, 'exception:4', /cannot refuse one place alone; use exception/],
  ] as const)('that the device does not have is no fault: %s', async ([wire, profile, fault, said], { onTestFinished }) => {
    const { simulator } = await both(profile, wire, onTestFinished);
    expect(() => simulator.fault('d', fault as Fault)).toThrow(said);
    expect(simulator.devices()[0]?.fault).toBeNull();
  });
  it.for([
    ['modbus', gauge, 'exception:0x4'],
    ['line', meter, 'exception:02010100'],
  ] as const)('may be told in hex, or by its identifier: %s', async ([wire, profile, fault], { onTestFinished }) => {
    const { simulator } = await both(profile, wire, onTestFinished);
    simulator.fault('d', faultNamed(fault) ?? null);
    expect(simulator.devices()[0]?.fault).toMatch(/^exception:/);
  });
  it('an item of a block is missing in the block too: the meter refuses it', () => {
    const device = new SimulatedDevice(
      'd',
      profiles.get('generic.dlt645-three-phase') as Profile,
      { meter: '000000000001' },
      () => 0.5,
    );
    const slave = dlt645Slave(device);
    const asked = (identifier: string) => {
      const data = Buffer.from(identifier, 'hex').reverse();
      const bytes = [0x68, 1, 0, 0, 0, 0, 0, 0x68, 0x11, 4, ...data.map((byte) => (byte + 0x33) & 0xff)];
      return slave(Uint8Array.from([...bytes, bytes.reduce((sum, byte) => sum + byte, 0) & 0xff, 0x16]), 0)?.[12];
    };
    expect(['0201FF00', '02010100', '02010200'].map(asked)).toEqual([0x91, 0x91, 0x91]);
    device.fault = 'exception:02010100';
    expect(['0201FF00', '02010100', '02010200'].map(asked)).toEqual([0xd1, 0xd1, 0x91]);
  });
});

describe('what is typed', () => {
  it.each(['fro 30s', 'for', 'for ever', '0%', '500%', '10 %', 'for 30s 10%'])('behind a fault, %s: is said to be none', (text) =>
    expect(() => parseCommand(`fault d silent ${text}`)).toThrow(/cannot be read: behind a fault stand 1% to 100%/),
  );
  it.each([
    ['', {}],
    ['10%', { part: 0.1 }],
    ['for 30s', { forMs: 30_000 }],
    ['10%  for 1m', { part: 0.1, forMs: 60_000 }],
  ])('behind a fault, "%s"', (text, limits) =>
    expect(parseCommand(`fault d silent ${text}`)).toEqual({ do: 'fault', device: 'd', fault: 'silent', ...limits }),
  );
  it('a new fault is not ended by the time of the one before it', async () => {
    const clock = new HandClock();
    const done: string[] = [];
    const simulator = { fault: (device: string, fault: Fault | null) => done.push(`${device} ${fault ?? 'well'}`) };
    const typed = (line: string) => obey(simulator as unknown as Simulator, parseCommand(line), clock);
    await typed('fault a silent for 30s');
    await typed('fault b silent for 30s');
    await clock.advance(10_000);
    await typed('fault a bad-crc for 1m');
    await clock.advance(30_000);
    expect(done).toEqual(['a silent', 'b silent', 'a bad-crc', 'b well']);
    await clock.advance(30_000);
    expect(done.slice(4)).toEqual(['a well']);
  });
});

describe('a fault by chance', () => {
  it('spoils its part of the exchanges, the same for the same seed', () => {
    const spoiltBy = () => {
      let state = 7;
      const device = new SimulatedDevice('d', gauge, {}, () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647);
      device.chance = { fault: 'bad-crc', part: 0.25 };
      return Array.from({ length: 1_000 }, () => device.meet() !== null);
    };
    const spoilt = spoiltBy();
    expect(spoiltBy()).toEqual(spoilt);
    expect(spoilt.filter(Boolean).length).toBeGreaterThan(200);
    expect(spoilt.filter(Boolean).length).toBeLessThan(300);
  });
});

describe('a scenario', () => {
  it('does each of its steps when it is due, and ends a fault that ends', async () => {
    const clock = new HandClock();
    const done: string[] = [];
    const simulator: Simulator = {
      set: () => Promise.resolve(),
      setMany: (device, values) => Promise.resolve(void done.push(`${device} ${JSON.stringify(values)}`)),
      fire: (device, type) => Promise.resolve(void done.push(`${device} ${type}`)),
      fault: (device, fault) => void done.push(`${device} ${fault ?? 'well'}`),
      devices: () => [],
      stop: () => Promise.resolve(),
    };
    const script = Scenario.parse({
      schema: 'yihu-scenario/1',
      name: { zh: '剧本' },
      steps: [
        { device: 'a', set: { smoke: true } },
        { at: '10s', device: 'b', fault: 'silent', for: '5s' },
        { at: '20s', device: 'c', fire: 'door.forced' },
      ],
    });
    play(script, simulator, clock, () => undefined);
    await clock.advance(9_000);
    expect(done).toEqual(['a {"smoke":true}']);
    await clock.advance(3_000);
    expect(done.slice(1)).toEqual(['b silent']);
    await clock.advance(10_000);
    expect(done.slice(2)).toEqual(['b well', 'c door.forced']);
  });

  it('that is wrong is refused with all that is wrong', () => {
    const read = Scenario.safeParse({ schema: 'yihu-scenario/1', name: { zh: 'x' }, steps: [{ device: 'a', fault: 'fire' }] });
    expect(read.success).toBe(false);
  });

  it('that is not there, or no YAML, is a sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-scenario-'));
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'steps: [\n');
    expect(() => readScenario(join(folder, 'none.yaml'))).toThrow(/none\.yaml cannot be read \(ENOENT\)/);
    expect(() => readScenario(file)).toThrow(/bad\.yaml is not YAML: Flow sequence/);
    rmSync(folder, { recursive: true });
  });
});
