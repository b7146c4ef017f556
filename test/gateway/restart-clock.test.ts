import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { registerGateway } from '../../demo/register.ts';
import { describeWith, fakeTimeLibrary } from '../needs.ts';
import { RealGateway, end, mqttProfile, until } from './real-gateway.ts';

/** A real gateway in a process whose wall clock is set from outside while it runs; its monotonic clock is left alone. */

const [hour, day] = [3_600_000, 86_400_000];

let folder: string;
let children: Child[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-clock-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

/** `@1970-01-01 00:05:00`, `+1d`, `-1h`, `+0`: as faketime(1) has it. */
function setWall(text: string): void {
  writeFileSync(join(folder, 'wall'), text);
}

function underFakeTime(): NodeJS.ProcessEnv {
  const library = fakeTimeLibrary();
  if (library === undefined) throw new Error('no libfaketime');
  return { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: join(folder, 'wall'), FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' };
}

const hot = {
  name: { zh: '高温', en: 'Hot' },
  point: 't',
  above: 40,
  clear: 37,
  for: '4s',
  severity: 'major',
  hazard: 'equipment',
};
const profile = mqttProfile('test.counter', 'count', { n: 1, t: 2 }, { alarms: { hot } });

async function gatewayWith(more: Record<string, unknown>) {
  const device = { id: 'count-1', profile: profile.id, port: 'air', address: { identity: 'count-1' }, name: '计数' };
  const gateway = await RealGateway.in(folder, { id: 'gw-clock', devices: [device], ...more }, [profile], underFakeTime());
  children = gateway.children;
  const counter = { n: 0, t: 20, at: new Map<number, number>() };
  const say = async (said: { t?: number } = {}) => {
    Object.assign(counter, said);
    counter.n += 1;
    counter.at.set(counter.n, Date.now());
    await gateway.publish('count-1', 'count/count-1/up', { n: counter.n, t: counter.t });
  };
  return { gateway, say, counter };
}

/** Number → the time it stands under. */
async function timesIn(gateway: RealGateway): Promise<Map<number, number>> {
  const readings = (await gateway.records('telemetry')).flatMap((record) => (record.kind === 'readings' ? record.readings : []));
  return new Map(readings.flatMap(({ point, value, at }) => (point === 'n' ? [[Number(value), at] as const] : [])));
}

describeWith(['faketime'], 'a gateway whose clock is wrong', () => {
  it(
    'boots in 1970, is killed, and learns the time: every reading stands under the time it was read',
    { timeout: 120_000 },
    async () => {
      setWall('@1970-01-01 00:05:00');
      const { gateway, say, counter } = await gatewayWith({ uplink: 'off' });
      const first = await gateway.start();
      expect((await gateway.status()).clock).toBe('uptime');
      await say();
      await say({ t: 50 });
      await pause(1_000);
      await end(first, 'SIGKILL');
      const second = await gateway.start();
      await say();
      await pause(4_500);
      const waiting = await gateway.status();
      expect([waiting.clock, waiting.history.buffered]).toEqual(['uptime', 3]);
      expect(waiting.problems.map(({ en }) => en).join()).toContain('does not know the time');
      setWall('+0');
      await until('the clock to be believed', async () => (await gateway.status()).clock === 'system');
      await until('the history to have it', async () => (await gateway.status()).history.buffered === 0);
      await say();
      await end(second);
      const found = await timesIn(gateway);
      expect([...found.keys()]).toEqual([1, 2, 3, 4]);
      for (const [n, at] of found) expect(Math.abs(at - (counter.at.get(n) ?? 0))).toBeLessThan(3_000);
      const alarms = await gateway.records('alarm');
      const raised = alarms.find((record) => record.kind === 'alarm' && record.transitions.length > 0);
      const clocks = alarms.flatMap((record) => (record.kind === 'clock' ? [record] : []));
      expect(clocks).toMatchObject([{ what: 'trusted', by: 'system' }]);
      if (raised?.kind !== 'alarm') throw new Error('no alarm');
      expect(raised.untimed).toBe(clocks[0]?.boot);
      const held = raised.at + (clocks[0]?.shiftMs ?? 0) - (counter.at.get(3) ?? 0);
      expect(held).toBeGreaterThan(0);
      expect(held).toBeLessThan(15_000);
    },
  );

  it(
    'jumps a day ahead and then back: nothing is early, lost or doubled, and both jumps are on record',
    { timeout: 120_000 },
    async () => {
      setWall('+0');
      const { gateway, say } = await gatewayWith({ uplink: 'off' });
      const child = await gateway.start();
      await say();
      const since = performance.now();
      await say({ t: 50 });
      setWall('+1d');
      await pause(1_500);
      await say();
      setWall('-1h');
      await pause(1_500);
      await say();
      const early = performance.now() - since;
      await until('the alarm', async () => (await gateway.status()).problems.length >= 0 && performance.now() - since > 6_000);
      await say({ t: 20 });
      await end(child);
      expect(early).toBeLessThan(30_000);
      expect([...(await timesIn(gateway)).keys()]).toEqual([1, 2, 3, 4, 5]);
      const alarms = await gateway.records('alarm');
      const steps = alarms.flatMap((record) => (record.kind === 'clock' ? [record.shiftMs] : []));
      expect(steps).toEqual([expect.closeTo(day, -4), expect.closeTo(-day - hour, -4)]);
      const transitions = alarms.flatMap((record) => (record.kind === 'alarm' ? record.transitions : []));
      expect(transitions.map(({ kind, episode }) => `${kind} ${episode}`)).toEqual(['raised 1', 'cleared 1']);
      expect(transitions[0]?.reason.heldMs).toBeGreaterThanOrEqual(4_000);
    },
  );

  it(
    'runs a day ahead with a cloud that knows better: the cloud is believed, and that is said',
    { timeout: 180_000 },
    async () => {
      setWall('+1d');
      const { gateway, say, counter } = await gatewayWith({});
      const [web, uplink] = await Promise.all([freePort(0), freePort(0)]);
      const args = [
        'run',
        '--data',
        join(folder, 'cloud'),
        '--listen',
        `127.0.0.1:${web}`,
        '--uplink-listen',
        `127.0.0.1:${uplink}`,
      ];
      const cloud = startChild('cloud', ['cloud/bin/yihu-cloud.js', ...args, '--demo', '--json'], folder);
      children.push(cloud);
      const { url, accounts } = (await cloud.started) as {
        url: string;
        accounts: { account: string; password: string; role: string }[];
      };
      const admin = accounts.find(({ role }) => role === 'admin');
      if (!admin) throw new Error('no administrator');
      await registerGateway({ url, gateway: 'gw-clock', site: gateway.file, admin, root: join(import.meta.dirname, '../..') });
      const child = await gateway.start();
      await until('the cloud to be believed', async () => (await gateway.status()).clock === 'own');
      expect((await gateway.status()).problems.map(({ en }) => en).join()).toMatch(/clock is 86\d{3} seconds fast/);
      await say();
      await end(child);
      const found = await timesIn(gateway);
      expect(Math.abs((found.get(1) ?? 0) - (counter.at.get(1) ?? 0))).toBeLessThan(5_000);
      const clocks = (await gateway.records('alarm')).flatMap((record) => (record.kind === 'clock' ? [record] : []));
      expect(clocks).toMatchObject([{ what: 'stepped', by: 'cloud', shiftMs: expect.closeTo(-day, -4) }]);
      await end(cloud);
    },
  );
});
