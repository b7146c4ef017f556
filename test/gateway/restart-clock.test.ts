import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { registerGateway } from '../../demo/register.ts';
import { systemClock } from '../../gateway/clock.ts';
import { openLog } from '../../gateway/store/sqlite-log.ts';
import { describeWith, fakeTimeLibrary } from '../needs.ts';

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

function writeProfile(): void {
  mkdirSync(join(folder, 'profiles', 'test'), { recursive: true });
  const text = (zh: string, en: string) => ({ zh, en });
  const profile = {
    schema: 'yihu-profile/1',
    id: 'test.counter',
    version: '1.0.0',
    name: text('计数器', 'Counter'),
    maker: text('示例', 'Acme'),
    model: 'c',
    category: 'other',
    sources: ['made for this test'],
    confidence: 'normalised',
    transport: {
      protocol: 'mqtt',
      identity: { name: 'id', pattern: '^[a-z0-9-]+$', label: text('编号', 'Id') },
      topics: { up: { filter: 'count/{id}/up', qos: 1 } },
    },
    availability: { offlineAfter: '1h' },
    points: { n: { name: text('序号', 'Number') }, t: { name: text('温度', 'Temperature') } },
    decode: { up: [{ points: { n: '$.n', t: '$.t' } }] },
    alarms: {
      hot: { name: text('高温', 'Hot'), point: 't', above: 40, clear: 37, for: '4s', severity: 'major', hazard: 'equipment' },
    },
    vectors: [{ name: 'one', origin: 'synthetic', given: { channel: 'up', json: { n: 1, t: 2 } }, expect: { n: 1 } }],
  };
  writeFileSync(join(folder, 'profiles', 'test', 'counter.yaml'), stringify(profile, { aliasDuplicateObjects: false }));
}

async function gatewayWith(more: Record<string, unknown>) {
  writeProfile();
  const [port, local] = await Promise.all([freePort(0), freePort(0)]);
  const file = join(folder, 'gateway.yaml');
  const site = {
    schema: 'yihu-site/1',
    gateway: { id: 'gw-clock', name: '一号' },
    data: 'data',
    listen: `127.0.0.1:${local}`,
    profiles: ['profiles'],
    ports: [{ id: 'air', driver: 'mqtt', listen: `127.0.0.1:${port}`, login: 'open' }],
    devices: [{ id: 'count-1', profile: 'test.counter', port: 'air', address: { identity: 'count-1' }, name: '计数' }],
    ...more,
  };
  writeFileSync(file, stringify(site));
  const start = async () => {
    const child = startChild('gateway', ['gateway/bin/yihu-gateway.js', 'run', file, '--json'], folder, underFakeTime());
    children.push(child);
    await child.started;
    return child;
  };
  const status = async () => (await (await fetch(`http://127.0.0.1:${local}/api/status`)).json()) as Status;
  const counter = { n: 0, t: 20, at: new Map<number, number>() };
  const say = async (more: { t?: number } = {}) => {
    Object.assign(counter, more);
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'count-1', protocolVersion: 4 });
    counter.n += 1;
    counter.at.set(counter.n, Date.now());
    await device.publishAsync('count/count-1/up', JSON.stringify({ n: counter.n, t: counter.t }), { qos: 1 });
    await device.endAsync();
  };
  return { file, start, status, say, counter };
}

interface Status {
  readonly clock: string;
  readonly problems: readonly { readonly en: string }[];
  readonly history: { readonly buffered: number };
  readonly uplink: { readonly wire: string } | null;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within a minute`);
    await pause(100);
  }
}

async function recordsOf(lane: 'alarm' | 'telemetry'): Promise<LogRecord[]> {
  const log = await openLog({ folder: join(folder, 'data', 'log'), maxBytes: 1e9, readers: ['look'], clock: systemClock });
  const batches = await log.read('look', lane, 1e9, 0);
  await log.close();
  return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
}

/** Number → the time it stands under. */
async function times(): Promise<Map<number, number>> {
  const readings = (await recordsOf('telemetry')).flatMap((record) => (record.kind === 'readings' ? record.readings : []));
  return new Map(readings.flatMap(({ point, value, at }) => (point === 'n' ? [[Number(value), at] as const] : [])));
}

async function end(child: Child): Promise<void> {
  child.process.kill('SIGTERM');
  await child.ended;
}

describeWith(['faketime'], 'a gateway whose clock is wrong', () => {
  it(
    'boots in 1970, is killed, and learns the time: every reading stands under the time it was read',
    { timeout: 120_000 },
    async () => {
      setWall('@1970-01-01 00:05:00');
      const { start, status, say, counter } = await gatewayWith({ uplink: 'off' });
      const first = await start();
      expect((await status()).clock).toBe('uptime');
      await say();
      await say({ t: 50 });
      await pause(1_000);
      first.process.kill('SIGKILL');
      await first.ended;
      const second = await start();
      await say();
      await pause(4_500);
      const waiting = await status();
      expect([waiting.clock, waiting.history.buffered]).toEqual(['uptime', 3]);
      expect(waiting.problems.map(({ en }) => en).join()).toContain('does not know the time');
      setWall('+0');
      await until('the clock to be believed', async () => (await status()).clock === 'system');
      await until('the history to have it', async () => (await status()).history.buffered === 0);
      await say();
      await end(second);
      const found = await times();
      expect([...found.keys()]).toEqual([1, 2, 3, 4]);
      for (const [n, at] of found) expect(Math.abs(at - (counter.at.get(n) ?? 0))).toBeLessThan(3_000);
      const alarms = await recordsOf('alarm');
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
      const { start, status, say } = await gatewayWith({ uplink: 'off' });
      const child = await start();
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
      await until('the alarm', async () => (await status()).problems.length >= 0 && performance.now() - since > 6_000);
      await say({ t: 20 });
      await end(child);
      expect(early).toBeLessThan(30_000);
      expect([...(await times()).keys()]).toEqual([1, 2, 3, 4, 5]);
      const alarms = await recordsOf('alarm');
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
      const { file, start, status, say, counter } = await gatewayWith({});
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
      await registerGateway({ url, gateway: 'gw-clock', site: file, admin, root: join(import.meta.dirname, '../..') });
      const child = await start();
      await until('the cloud to be believed', async () => (await status()).clock === 'own');
      expect((await status()).problems.map(({ en }) => en).join()).toMatch(/clock is 86\d{3} seconds fast/);
      await say();
      await end(child);
      const found = await times();
      expect(Math.abs((found.get(1) ?? 0) - (counter.at.get(1) ?? 0))).toBeLessThan(5_000);
      const clocks = (await recordsOf('alarm')).flatMap((record) => (record.kind === 'clock' ? [record] : []));
      expect(clocks).toMatchObject([{ what: 'stepped', by: 'cloud', shiftMs: expect.closeTo(-day, -4) }]);
      await end(cloud);
    },
  );
});
