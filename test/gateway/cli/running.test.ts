import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type RunningGateway, startGateway } from '../../../gateway/main.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { loadSite } from '../../../gateway/site.ts';
import { registerServer, type RegisterServer } from '../modbus/register-server.ts';
import { until } from '../real-gateway.ts';
import { here } from './here.ts';

/** What the commands of this machine ask of a gateway that runs, through the socket in its data folder. */

const folder = mkdtempSync(join(tmpdir(), 'yihu-service-'));
const file = join(folder, 'gateway.yaml');
let gateway: RunningGateway;
let server: RegisterServer;
let closeServer: () => void;

beforeAll(async () => {
  server = await registerServer('rtu', (close) => void (closeServer = close));
  server.holding.set(0x2000, 0x4366).set(0x2001, 0x3334);
  const lines = [
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    'uplink: "off"',
    'listen: null',
    'ports:',
    `  - {id: bus, driver: line, mode: tcp, host: 127.0.0.1, port: ${server.port}}`,
    '  - {id: dead, driver: modbus, host: 127.0.0.1, port: 1}',
    'devices:',
    '  - {id: relay-1, profile: generic.relay-8, port: bus, address: {unit: 2}, name: 继电器}',
    '  - {id: meter-2, profile: chint.ddsu666, port: dead, address: {unit: 1}, name: 电表}',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const loaded = await loadSite(file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { site } = loaded;
  gateway = await startGateway({ site, clock: systemClock, chance: chanceFrom('service'), log: pino({ level: 'silent' }) });
}, 120_000);

afterAll(async () => {
  await gateway.stop();
  closeServer();
  rmSync(folder, { recursive: true, force: true });
});

const asked = async (...words: string[]) => {
  const { code, out } = await here(...words, '--site', file, '--json');
  return { code, said: JSON.parse(out) as Record<string, unknown> };
};

describe('a gateway that runs', { timeout: 120_000 }, () => {
  it('tells why a device is silent', async () => {
    await until('the relay speaks', async () => {
      const { said } = await asked('doctor', 'relay-1');
      return JSON.stringify(said).includes('"cause":"speaks"');
    });
    await until('the port of the meter is known to be down', async () => {
      const { said } = await asked('doctor', 'meter-2');
      return JSON.stringify(said).includes('"cause":"port-down"');
    });
    const { code, said } = await asked('doctor');
    expect(code).toBe(2);
    expect((said['devices'] as { evidence: { device: string } }[]).map(({ evidence }) => evidence.device)).toEqual(['meter-2']);
    const { out } = await here('doctor', 'relay-1', '--site', file, '--lang', 'zh');
    expect(out).toContain('✓ relay-1  设备在说话');
    expect(out).toMatch(/>> [0-9a-f ]+/);
  });

  it('carries out a command and shows that it was read back', async () => {
    const { said, code } = await asked('write', 'relay-1', 'on_3', '--yes', '--by', 'w');
    expect(said).toMatchObject({ schema: 'yihu.write/1', state: 'confirmed' });
    expect(code).toBe(0);
    expect(server.coils.get(2)).toBe(true);
  });

  it('turns away what no device can do, with what it can', async () => {
    const { said, code } = await asked('write', 'relay-1', 'explode', '--yes');
    expect(code).toBe(2);
    expect(JSON.stringify(said)).toContain('on_3');
    expect((await asked('doctor', 'nobody')).said).toMatchObject({ error: { en: expect.stringContaining('relay-1') as string } });
  });

  it('lists what stands, with what to do next', async () => {
    await until('the meter is missed', async () => (await asked('alarm', 'list')).code === 2);
    const { said } = await asked('alarms', 'list', 'meter-2');
    expect(said).toMatchObject({
      schema: 'yihu.alarms/1',
      alarms: [{ device: 'meter-2', name: { zh: '通信中断' }, deviceName: { zh: '电表' }, episode: 1, isTest: false }],
    });
    expect((await asked('alarm', 'list', 'relay-1')).code).toBe(0);
    expect((await here('alarm', 'list', '--site', file, '--lang', 'zh')).out).toContain('yihu-gateway doctor meter-2');
    expect((await asked('alarm', 'list', 'nobody')).said).toMatchObject({
      error: { zh: expect.stringContaining('meter-2') as string },
    });
  });

  it('shows the site that is in force and how a file differs from it', async () => {
    expect(await asked('config', 'diff', file)).toMatchObject({ code: 0, said: { schema: 'yihu.change-plan/1', isEmpty: true } });
    const other = join(folder, 'other.yaml');
    writeFileSync(other, readFileSync(file, 'utf8').replace(/.*meter-2.*\n/, ''));
    const { said } = await asked('config', 'diff', other);
    expect(said).toMatchObject({ isEmpty: false });
    expect(JSON.stringify(said)).toContain('"removed":["meter-2"]');
    expect((await here('config', 'diff', file, other, '--lang', 'en')).out).toContain('- meter-2');
    const { out } = await here('config', 'show', file, '--lang', 'zh');
    expect(out).toContain('# 正在运行的现场');
    expect(out).toContain('id: relay-1');
  });

  it('looks for devices on a line that it has, and goes on polling it', async () => {
    const place = `127.0.0.1:${server.port}`;
    const words = ['scan', 'serial', place, '--units', '1-3', '--wire', 'modbus'];
    const { said, code } = await asked(...words);
    expect(code).toBe(0);
    const found = said['found'] as { address: { unit: number }; known: string | null }[];
    const units = found.toSorted((a, b) => a.address.unit - b.address.unit);
    expect(units.map(({ address, known }) => [address.unit, known])).toEqual([
      [1, null],
      [2, 'relay-1'],
      [3, null],
    ]);
    // Its line stands in the site file already.
    expect(JSON.stringify(said['lines'])).not.toContain('ports:');
    const { out } = await here(...words, '--site', file, '--lang', 'zh');
    expect(out).toContain(`${place} 归正在运行的网关（进程 ${process.pid}，端口 bus）所有，由它来问`);
    const since = systemClock.now();
    await until('the relay is read again', async () => {
      const [{ evidence } = { evidence: { heardAt: 0 } }] = (await asked('doctor', 'relay-1')).said['devices'] as {
        evidence: { heardAt: number };
      }[];
      return evidence.heardAt > since;
    });
  });

  it('puts a test alarm on record and clears it', async () => {
    const { said, code } = await asked('alarm', 'test', 'relay-1');
    expect(code).toBe(0);
    expect(said).toMatchObject({ schema: 'yihu.alarm-test/1', ok: true, isAcknowledged: false });
    expect((said['steps'] as { step: string }[]).map(({ step }) => step)).toEqual(['kept', 'cleared']);
  });

  it('that does not run is said, with what to do', async () => {
    const { code, out } = await here('doctor', '--site', join(folder, 'none', 'gateway.yaml'), '--json');
    expect(code).toBe(3);
    expect(out).toContain('yihu-gateway run');
    const none = join(folder, 'none.yaml');
    writeFileSync(none, readFileSync(file, 'utf8').replace('gateway: ', 'data: elsewhere\ngateway: '));
    expect(await here('config', 'diff', none, '--site', none, '--json')).toMatchObject({
      code: 3,
      out: expect.stringContaining('yihu-gateway config diff') as string,
    });
    expect((await here('config', 'show', none, '--json')).out).toContain('"source":"file"');
    expect((await here('alarm', 'list', '--site', none, '--json')).code).toBe(3);
  });
});
