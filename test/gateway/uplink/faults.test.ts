import { afterEach, describe, expect, it } from 'vitest';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Uplink, UplinkOptions } from '../../../gateway/uplink/uplink.ts';
import { chanceOf, startProxy, type TcpProxy } from '../../faults/tcp-proxy.ts';
import { fill, isWhole, newLog, startCloud, type TestCloud, until, uplinkTo } from './cloud-and-gateway.ts';

/** A clock that runs `times` as fast: twenty seconds of silence in a test of one. */
function hurried(times: number): Clock {
  return {
    now: () => systemClock.now(),
    mono: () => systemClock.mono() * times,
    after: (ms, run) => systemClock.after(ms / times, run),
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}

describe('a line with faults', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  interface Scene {
    readonly cloud: TestCloud;
    readonly proxy: TcpProxy;
    readonly log: MemoryLog;
    uplink: Uplink;
    readonly stored: (lane: Lane) => ReturnType<TestCloud['ingest']['stored']>;
  }

  async function scene(seed: number, options: Partial<UplinkOptions> = {}): Promise<Scene> {
    const cloud = await startCloud();
    closing.push(() => cloud.close());
    const chance = chanceOf(seed);
    const proxy = await startProxy({ to: cloud.port, clock: systemClock, chance });
    closing.push(() => proxy.close());
    const log = newLog();
    const { connect } = await cloud.identity('gw-1');
    const uplink = uplinkTo({ ...connect, url: `mqtts://127.0.0.1:${proxy.port}` }, log, {
      chance,
      clock: hurried(10),
      ...options,
    });
    closing.push(() => uplink.stop());
    return { cloud, proxy, log, uplink, stored: (lane) => cloud.ingest.stored('gw-1', 'e1', lane) };
  }

  /** Nothing lost, nothing doubled, in order; and the equation in the log is exact. */
  async function allArrived({ cloud, log, stored }: Scene, telemetry: number, alarm: number): Promise<void> {
    const ends = async () => cloud.ingest.cursor('gw-1', 'e1');
    await until(async () => (await ends()).telemetry === telemetry && (await ends()).alarm === alarm, 'everything to arrive');
    expect(isWhole(stored('telemetry'), 'telemetry', telemetry)).toBe(true);
    expect(isWhole(stored('alarm'), 'alarm', alarm)).toBe(true);
    expect(cloud.ingest.conflicts('gw-1')).toBe(0);
    await until(async () => (await log.stats()).lanes.telemetry.readers['uplink']?.cursor === telemetry, 'the cursor in the log');
    for (const [lane, accepted] of [
      ['telemetry', telemetry],
      ['alarm', alarm],
    ] as const) {
      const stats = (await log.stats()).lanes[lane];
      const { delivered = 0, buffered = 0, gaps = 0 } = stats.readers['uplink'] ?? {};
      expect([stats.accepted, delivered + buffered + gaps]).toEqual([accepted, accepted]);
    }
  }

  it.each([1, 2, 3])('cuts at random times lose and double nothing (seed %i)', async (seed) => {
    const at = await scene(seed);
    at.proxy.faults.jitterMs = 8;
    const chance = chanceOf(seed + 1000);
    for (let round = 0; round < 12; round++) {
      await fill(at.log, 'telemetry', 120, 7);
      await fill(at.log, 'alarm', 5, 1);
      await systemClock.sleep(chance() * 40);
      at.proxy.cut();
    }
    await allArrived(at, 12 * 120, 12 * 5);
    expect(at.uplink.counters().connects).toBeGreaterThan(2);
  });

  it('a flapping link makes progress in its up times', async () => {
    const at = await scene(7);
    await fill(at.log, 'telemetry', 6_000, 10);
    // Slow enough that it cannot all come while this test is not looking.
    at.proxy.faults.bytesPerSecond = 30_000;
    const arrived = async () => (await at.cloud.ingest.cursor('gw-1', 'e1')).telemetry;
    for (let flap = 0; flap < 4; flap++) {
      const before = await arrived();
      at.proxy.faults.refuse = false;
      await until(async () => (await arrived()) > before, `more than ${before} to arrive`);
      at.proxy.faults.refuse = true;
      at.proxy.cut();
      await until(() => at.uplink.state().wire !== 'connected', 'the cut to be noticed');
    }
    expect(await arrived()).toBeLessThan(6_000);
    at.proxy.faults.bytesPerSecond = 0;
    at.proxy.faults.refuse = false;
    await allArrived(at, 6_000, 0);
  });

  it('a half-open line is noticed by silence and left', async () => {
    const at = await scene(11, { clock: hurried(40) });
    await fill(at.log, 'telemetry', 50);
    await until(async () => at.stored('telemetry').length === 50, 'the first fifty');
    at.proxy.faults.blackHole = true;
    await fill(at.log, 'telemetry', 50);
    await until(() => at.uplink.counters().deaf > 0, 'the watchdog');
    expect(['deaf', 'closed', 'unreachable']).toContain(at.uplink.state().code);
    at.proxy.faults.blackHole = false;
    at.proxy.cut();
    await allArrived(at, 100, 0);
  });

  it('an idle half-open line is noticed too, by the beat', async () => {
    const at = await scene(12, { clock: hurried(40) });
    await fill(at.log, 'telemetry', 5);
    await until(() => at.stored('telemetry').length === 5, 'the session');
    at.proxy.faults.blackHole = true;
    await until(() => at.uplink.counters().deaf > 0, 'the watchdog');
    at.proxy.faults.blackHole = false;
    at.proxy.cut();
    await fill(at.log, 'telemetry', 5);
    await allArrived(at, 10, 0);
  });

  it('flipped bits end a session, never reach the records', async () => {
    const at = await scene(21);
    at.proxy.faults.flipOneIn = 20_000;
    await fill(at.log, 'telemetry', 3_000, 20);
    await until(() => at.uplink.counters().connects > 2, 'a few broken sessions');
    at.proxy.faults.flipOneIn = 0;
    await allArrived(at, 3_000, 0);
    expect(at.cloud.server.counters().malformed).toBe(0);
  });

  it('a half-closed connection is replaced', async () => {
    const at = await scene(31);
    await fill(at.log, 'telemetry', 10);
    await until(() => at.stored('telemetry').length === 10, 'the first ten');
    at.proxy.halfClose();
    await until(() => at.uplink.counters().connects > 1, 'a new connection');
    await fill(at.log, 'telemetry', 10);
    await allArrived(at, 20, 0);
  });

  it('on a slow line an alarm overtakes a backlog and waits for what is in flight only', async () => {
    const at = await scene(41, { clock: systemClock });
    at.proxy.faults.bytesPerSecond = 60_000;
    await fill(at.log, 'telemetry', 20_000, 200);
    await until(() => at.stored('telemetry').length > 0, 'the backlog to move');
    const before = at.uplink.counters().batches;
    await fill(at.log, 'alarm', 1);
    const inFlight = at.uplink.state().inFlight.telemetry;
    await until(() => at.stored('alarm').length === 1, 'the alarm');
    expect(at.stored('telemetry').length).toBeLessThan(20_000);
    expect(inFlight).toBeLessThanOrEqual(64);
    expect(at.uplink.counters().batches).toBeGreaterThan(before);
    at.proxy.faults.bytesPerSecond = 0;
    await allArrived(at, 20_000, 1);
  });

  it('a cloud that restarts, again and again, gets everything once', async () => {
    const at = await scene(51);
    for (let round = 0; round < 4; round++) {
      await fill(at.log, 'telemetry', 200, 5);
      await fill(at.log, 'alarm', 3, 1);
      await at.cloud.restart();
    }
    await allArrived(at, 800, 12);
  });
});
