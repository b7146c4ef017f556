import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Clock, systemClock } from '../../gateway/clock.ts';
import type { Driver } from '../../gateway/collect/driver.ts';
import type { Site } from '../../gateway/config.ts';
import { limits } from '../../gateway/limits.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../../gateway/main.ts';
import { loadSite } from '../../gateway/site.ts';
import { keepIdentity } from '../../gateway/uplink/identity.ts';
import { startCloud, until } from './uplink/cloud-and-gateway.ts';

/** A whole gateway in this process, and what it does when a part of it, or of the machine, is not there. */

/** Twenty times as fast as the real one, on the wall too, so that nobody waits for seconds. */
const wall = systemClock.now() - systemClock.mono() * 20;
const clock: Clock = {
  now: () => Math.round(wall + systemClock.mono() * 20),
  mono: () => systemClock.mono() * 20,
  after: (ms, run) => systemClock.after(ms / 20, run),
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

let folder: string;
let running: RunningGateway[];
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-running-'));
  running = [];
  said = [];
});
afterEach(async () => {
  for (const gateway of running) await gateway.stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function siteOf(text: string, devices = ''): Promise<Site> {
  const file = join(folder, 'gateway.yaml');
  const head = 'schema: yihu-site/1\ngateway: {id: gw-1, name: 一号}\ndata: data\n';
  writeFileSync(
    file,
    `${head}${text}\nports:\n  - {id: mqtt, driver: mqtt, listen: "127.0.0.1:0", login: open}\ndevices: [${devices}]\n`,
  );
  const loaded = await loadSite(file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.site;
}

async function start(site: Site, options: Partial<GatewayOptions> = {}): Promise<RunningGateway> {
  const log = pino({ level: 'info' }, { write: (line: string) => void said.push(line) });
  const gateway = await startGateway({ site, clock, chance: () => 0.1, log, ...options });
  running.push(gateway);
  return gateway;
}

async function problemsOf(gateway: RunningGateway): Promise<string> {
  return (await gateway.status()).problems.map(({ en }) => en).join('\n');
}

function occupy(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

/** A driver that hands on what the test gives it. */
function handDriver(): { driver: Driver; emit: (text: string) => Promise<string> } {
  let hand: (frames: readonly Frame[]) => Promise<void> = () => Promise.reject(new Error('not started'));
  const driver: Driver = {
    name: 'hand',
    protocols: ['mqtt'],
    port: z.unknown(),
    address: z.unknown(),
    check: () => [],
    start: (context) => {
      hand = (frames) => context.emit(frames);
      return Promise.resolve({ stop: () => Promise.resolve(), state: () => ({ wire: 'up', devices: {} }), counters: () => ({}) });
    },
  };
  const emit = (text: string) => {
    const body = { kind: 'message', channel: 'state', topic: 't', payload: Buffer.from(text) } as const;
    return hand([{ device: 'smoke-1', at: clock.now(), body }]).then(
      () => 'kept',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
  };
  return { driver, emit };
}

const smoke = '{id: smoke-1, profile: heiman.hs1sa-e, port: mqtt, address: {identity: smoke-1}, name: 烟感}';

describe('an address that is taken', () => {
  it('of the local API: the gateway runs, says so, and takes the address when it is free', async () => {
    const { server, port } = await occupy();
    const gateway = await start(await siteOf(`listen: "127.0.0.1:${port}"\nuplink: "off"`));
    expect(gateway.url).toBeNull();
    expect(await problemsOf(gateway)).toContain(`127.0.0.1:${port} is in use`);
    await new Promise((resolve) => server.close(resolve));
    await until(() => gateway.url !== null, 'the local API');
    expect(await problemsOf(gateway)).toBe('');
    expect((await fetch(new URL('/health', gateway.url ?? ''))).status).toBe(200);
  });

  it('of one device port: the others run', async () => {
    const { server, port } = await occupy();
    const site = await siteOf('listen: null\nuplink: "off"', smoke);
    const [mqtt] = site.ports;
    if (!mqtt) throw new Error('no port');
    const busy = { ...mqtt, id: 'busy', settings: { listen: `127.0.0.1:${port}`, login: 'open' }, devices: [] };
    const gateway = await start({ ...site, ports: [busy, mqtt] });
    const { ports, health, problems } = await gateway.status();
    expect(ports.map(({ id, wire }) => [id, wire])).toEqual([
      ['busy', 'down'],
      ['mqtt', 'up'],
    ]);
    expect([health, problems.length]).toEqual(['degraded', 1]);
    expect(problems[0]?.en).toContain(`127.0.0.1:${port} is in use`);
    server.close();
  });

  it('a file that a port names is looked for beside the site file', async () => {
    const site = await siteOf('listen: null\nuplink: "off"');
    const [mqtt] = site.ports;
    if (!mqtt) throw new Error('no port');
    const settings = { listen: '127.0.0.1:0', login: 'required', deviceKeyFile: 'device.key' };
    await start({ ...site, ports: [{ ...mqtt, settings }] });
    await until(() => existsSync(join(folder, 'device.key')), 'the key file');
  });

  it('a driver that throws at its start takes no other port down', async () => {
    const site = await siteOf('listen: null\nuplink: "off"');
    const [mqtt] = site.ports;
    if (!mqtt) throw new Error('no port');
    const broken = { ...mqtt, id: 'broken', driver: { ...mqtt.driver, start: () => Promise.reject(new TypeError('a bug')) } };
    const gateway = await start({ ...site, ports: [broken, mqtt] });
    expect((await gateway.status()).ports.map(({ wire }) => wire)).toEqual(['down', 'up']);
    expect(await problemsOf(gateway)).toContain('a bug');
  });
});

describe('a start that fails', () => {
  it('leaves the folder to the next one', async () => {
    const site = await siteOf('listen: null\nuplink: "off"');
    mkdirSync(join(folder, 'data', 'log'), { recursive: true });
    mkdirSync(join(folder, 'data', 'log', 'log.db'));
    await expect(start(site)).rejects.toMatchObject({ code: 'io' });
    rmSync(join(folder, 'data', 'log', 'log.db'), { recursive: true });
    await start(site);
  });
});

describe('a history that is away', () => {
  it('at start does not keep the gateway from running, and is used when it is there', async () => {
    const history = 'history: {kind: influxdb, url: "http://127.0.0.1:1", database: d, username: u, passwordFile: missing}';
    const { driver, emit } = handDriver();
    const site = await siteOf(`listen: null\nuplink: "off"\n${history}`, smoke);
    const gateway = await start({ ...site, ports: site.ports.map((port) => ({ ...port, driver })) });
    expect(await emit('{"smoke":false,"battery":80}')).toBe('kept');
    await until(async () => (await gateway.status()).history.state === 'down', 'the history to be missed');
    const status = await gateway.status();
    expect(status.history.buffered).toBe(1);
    expect([status.health, await problemsOf(gateway)]).toEqual(['degraded', expect.stringContaining('Readings wait in the log')]);
  });

  it('embedded: what keeps it from opening may go away', async () => {
    mkdirSync(join(folder, 'data', 'history', 'history.db'), { recursive: true });
    const { driver, emit } = handDriver();
    const site = await siteOf('listen: null\nuplink: "off"', smoke);
    const gateway = await start({ ...site, ports: site.ports.map((port) => ({ ...port, driver })) });
    await emit('{"smoke":false,"battery":80}');
    await until(async () => (await gateway.status()).history.state === 'down', 'the history to be missed');
    rmSync(join(folder, 'data', 'history', 'history.db'), { recursive: true });
    await until(async () => (await gateway.status()).history.buffered === 0, 'the history to be written');
    expect((await gateway.status()).health).toBe('ok');
  });
});

describe('a log that something happened to', () => {
  it('a copy of the folder is said, in the log and in status', async () => {
    const site = await siteOf('listen: null\nuplink: "off"');
    const first = await start(site);
    const { epoch } = (await first.status()).log;
    await first.stop();
    // The original stays, so that the copy cannot be given its inode.
    renameSync(join(folder, 'data'), join(folder, 'original'));
    cpSync(join(folder, 'original'), join(folder, 'data'), { recursive: true });
    const { log, health, problems } = await (await start(site)).status();
    expect(log.epoch).not.toBe(epoch);
    expect(log.recovered).toMatchObject({ reason: 'cloned', lost: 0 });
    expect([health, problems[0]?.en]).toEqual(['degraded', expect.stringContaining('The log began anew')]);
    expect(said.join()).toContain('The log began anew');
  });

  it('damage is said with what was saved', async () => {
    const site = await siteOf('listen: null\nuplink: "off"');
    await (await start(site)).stop();
    writeFileSync(join(folder, 'data', 'log', 'log.db'), 'no database');
    const { log, problems } = await (await start(site)).status();
    expect(log.recovered).toMatchObject({ reason: 'damaged', movedTo: join(folder, 'data', 'log', 'log.db.damaged') });
    expect(problems[0]?.en).toContain('The log was damaged');
  });

  it('a disk that keeps failing ends the gateway, so that it is started again', async () => {
    const { driver, emit } = handDriver();
    const site = await siteOf('listen: null\nuplink: "off"', smoke);
    const gateway = await start({ ...site, ports: site.ports.map((port) => ({ ...port, driver })) });
    rmSync(join(folder, 'data', 'log'), { recursive: true });
    let isEnded = false;
    void gateway.ended.then(({ why }) => (isEnded = why === 'disk'));
    const since = clock.mono();
    let outcome = '';
    await until(async () => {
      outcome = await emit('{"smoke":true,"battery":80}');
      return isEnded;
    }, 'the end');
    expect(outcome).toBe('io');
    expect(clock.mono() - since).toBeGreaterThanOrEqual(limits.ioPatienceMs);
    const { health, problems } = await gateway.status();
    expect([health, problems[0]?.en]).toEqual(['failing', expect.stringContaining('The log does not answer')]);
  });
});

describe('the uplink', () => {
  it('an identity that cannot be read keeps nothing from running', async () => {
    mkdirSync(join(folder, 'data', 'identity'), { recursive: true });
    writeFileSync(join(folder, 'data', 'identity', 'identity.json'), '{');
    const gateway = await start(await siteOf('listen: null'));
    expect((await gateway.status()).uplink).toBeNull();
    expect(await problemsOf(gateway)).toContain('identity.json cannot be read');
  });

  it('begins by itself when the gateway is claimed, and a log put back from an old image begins a new epoch', async () => {
    const cloud = await startCloud();
    try {
      const { driver, emit } = handDriver();
      const loaded = await siteOf('listen: null', smoke);
      const site = { ...loaded, ports: loaded.ports.map((port) => ({ ...port, driver })) };
      const first = await start(site);
      expect(await problemsOf(first)).toContain('Not claimed by a cloud yet');
      const { connect } = await cloud.identity('gw-1');
      await keepIdentity(join(folder, 'data', 'identity'), {
        gateway: 'gw-1',
        connect,
        digits: '1',
        notBefore: 0,
        notAfter: 1e15,
      });
      await until(async () => (await first.status()).uplink?.wire === 'connected', 'the uplink');
      const { epoch } = (await first.status()).log;
      await until(async () => (await first.status()).uplink?.buffered.alarm === 0, 'the inventory');
      await first.stop();

      const file = join(folder, 'data', 'log', 'log.db');
      const [image, { ino }] = [readFileSync(file), statSync(file)];
      const second = await start(site);
      await emit('{"smoke":true,"battery":80}');
      await until(async () => (await second.status()).uplink?.wire === 'connected', 'the uplink again');
      await until(async () => (await second.status()).uplink?.buffered.alarm === 0, 'the alarm');
      await second.stop();
      writeFileSync(file, image);
      expect(statSync(file).ino).toBe(ino);

      const third = await start(site);
      expect((await third.status()).log.epoch).toBe(epoch);
      expect(await third.ended).toEqual({ why: 'new-log' });
      await third.stop();
      const fourth = await start(site);
      const { log } = await fourth.status();
      expect(log.epoch).not.toBe(epoch);
      expect(log.recovered?.reason).toBe('cloned');
      await emit('{"smoke":true,"battery":80}');
      await until(async () => (await fourth.status()).uplink?.wire === 'connected', 'the uplink of the new epoch');
      await until(async () => (await fourth.status()).uplink?.buffered.alarm === 0, 'the new epoch');
    } finally {
      for (const gateway of running.splice(0)) await gateway.stop();
      await cloud.close();
    }
  });
});

describe('a burst of stops', () => {
  it('stops once, and everything that was taken is on disk', async () => {
    const { driver, emit } = handDriver();
    const site = await siteOf('listen: null\nuplink: "off"', smoke);
    const gateway = await start({ ...site, ports: site.ports.map((port) => ({ ...port, driver })) });
    const kept = emit('{"smoke":true,"battery":80}');
    const stops = [gateway.stop(), gateway.stop(), gateway.stop()];
    expect(await kept).toBe('kept');
    await Promise.all(stops);
    expect(await emit('{"smoke":false}')).toBe('closed');
    const again = await start(site);
    expect(await again.metrics()).toContain('yihu_log_accepted_records{lane="alarm"} 2');
  });
});

describe('a device that talks nonsense', () => {
  it('is logged once a minute, however often', async () => {
    const { driver, emit } = handDriver();
    const site = await siteOf('listen: null\nuplink: "off"', smoke);
    const gateway = await start({ ...site, ports: site.ports.map((port) => ({ ...port, driver })) });
    for (let i = 0; i < 50; i++) await emit('nonsense');
    expect(said.filter((line) => line.includes('"key":"smoke-1"')).length).toBe(1);
    expect((await gateway.status()).problems).toHaveLength(1);
  });
});
