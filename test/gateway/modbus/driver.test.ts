import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import { driver } from '../../../gateway/collect/modbus/driver.ts';
import { type ModbusAddress, ModbusPort } from '../../../gateway/collect/modbus/settings.ts';
import { run, type Running } from '../line/running.ts';
import { type FaultServer, faultServer, honest, valueOf } from './fault-server.ts';
import * as faults from './faults.ts';
import { profileOf } from './profiles.ts';

type Device = BoundDevice<ModbusAddress>;

const profile = profileOf(
  { a: { at: 10, type: 'f32' }, b: { at: 14 } },
  { groups: { fast: { every: '50ms' } }, transport: { timing: { timeout: '60ms' } } },
);

function device(id: string, address: ModbusAddress, of = profile): Device {
  return { id, profile: of, address };
}

let running: Running['port'] | undefined;
let servers: FaultServer[] = [];

async function server(...args: Parameters<typeof faultServer>): Promise<FaultServer> {
  const one = await faultServer(...args);
  servers.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(servers.map((one) => one.close()));
  servers = [];
});

async function start(section: unknown, devices: readonly Device[]): Promise<Running> {
  const started = await run(driver, section, devices);
  running = started.port;
  return started;
}

const right = (unit: number) => ({
  kind: 'registers',
  table: 'holding',
  start: 10,
  words: [10, 11, 12, 13, 14].map((at) => valueOf(unit, 3, at)),
});

describe('a running port', () => {
  it('serves many TCP devices, each with a connection of its own, and units behind one host with one', async () => {
    const [one, two] = [await server('tcp'), await server('tcp')];
    const host = '127.0.0.1';
    const { calls } = await start({ mode: 'tcp', host, port: one.port }, [
      device('meter-1', { unit: 1 }),
      device('meter-2', { unit: 2 }),
      device('meter-3', { unit: 3, host, port: two.port }),
    ]);
    await expect.poll(() => new Set(calls.map(([frame]) => frame?.device)).size).toBe(3);
    for (const [frame, ...others] of calls) {
      expect(frame?.body).toEqual(right(Number(frame?.device.at(-1))));
      expect(others).toEqual([]);
      expect(Math.abs((frame?.at ?? 0) - systemClock.now())).toBeLessThan(60_000);
    }
    expect([one.connections, two.connections]).toEqual([1, 1]);
    expect(running?.state()).toMatchObject({ wire: 'up', devices: { 'meter-3': { failures: 0, breaker: 'closed' } } });
    expect(running?.counters()).toMatchObject({ connects: 2, reconnects: 0, timeouts: 0, failed_cycles: 0 });
  });

  it('starts without its devices, tells why, and reads them when they come', async () => {
    const absent = await faultServer('tcp');
    const { port } = absent;
    await absent.close();
    const { calls, states } = await start({ mode: 'tcp', host: '127.0.0.1', port }, [device('meter-1', { unit: 1 })]);
    await expect.poll(() => calls.length).toBeGreaterThan(2);
    expect(calls[0]?.[0]?.body).toMatchObject({ kind: 'fault', fault: 'no-answer', start: 10, count: 5 });
    expect(running?.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('refuses') } });
    await expect.poll(() => states.length).toBeGreaterThan(1);
    await server('tcp', honest, port);
    await expect.poll(() => calls.at(-1)?.[0]?.body).toEqual(right(1));
    await expect.poll(() => states.at(-1)?.wire).toBe('up');
  });

  it('tells one fault per cycle, not one per try', async () => {
    const one = await server('tcp', faults.silent);
    const started = await start({ mode: 'tcp', host: '127.0.0.1', port: one.port }, [device('meter-1', { unit: 1 })]);
    const triesAt: number[] = [];
    started.emit = async () => void triesAt.push(one.seen.length);
    await expect.poll(() => triesAt.length).toBeGreaterThan(0);
    expect(triesAt[0]).toBe(2);
    expect(started.calls[0]).toMatchObject([{ device: 'meter-1', body: { kind: 'fault', fault: 'no-answer' } }]);
  });

  it('holds back while the store is slow, and goes on after it refused', async () => {
    const one = await server('tcp');
    const started = await start({ mode: 'tcp', host: '127.0.0.1', port: one.port }, [device('meter-1', { unit: 1 })]);
    let refuse: ((error: Error) => void) | undefined;
    started.emit = () => new Promise((_, reject) => (refuse = reject));
    await expect.poll(() => refuse).toBeDefined();
    const held = started.calls.length;
    await expect.poll(() => running?.counters()['skipped_polls']).toBeGreaterThan(3);
    expect(started.calls.length).toBe(held);
    started.emit = () => Promise.resolve();
    refuse?.(new Error('disk full'));
    await expect.poll(() => started.calls.length).toBeGreaterThan(held + 2);
    expect(running?.counters()).toMatchObject({ emit_failures: 1 });
  });

  it('waits at its stop for what it handed on, and hands on nothing afterwards', async () => {
    const one = await server('tcp', faults.late(20));
    const started = await start({ mode: 'tcp', host: '127.0.0.1', port: one.port }, [device('meter-1', { unit: 1 })]);
    let release: () => void = () => undefined;
    started.emit = () => new Promise((resolve) => (release = resolve));
    await expect.poll(() => started.calls.length).toBe(1);
    let isStopped = false;
    const stopping = running?.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    release();
    await stopping;
    expect(running?.state().wire).toBe('down');
    await systemClock.sleep(120);
    expect(started.calls.length).toBe(1);
  });
});

describe('the sections of the site file', () => {
  it.each([
    [{}, { mode: 'tcp', window: 1, fallbackAfter: 3 }],
    [
      { host: 'a', fallback: { host: 'b' }, tls: { ca: 'ca.pem' } },
      { mode: 'tcp', host: 'a', fallback: { host: 'b' }, fallbackAfter: 3, tls: { ca: 'ca.pem' }, window: 1 },
    ],
  ])('takes %j', (given, taken) => expect(driver.port.parse(given)).toEqual(taken));

  it.each([{ mode: 'udp' }, { prot: 502 }, { tls: true }, { window: 0 }])('refuses %j', (given) =>
    expect(driver.port.safeParse(given).success).toBe(false),
  );

  it('says where serial lines have gone', () => {
    const refused = driver.port.safeParse({ mode: 'rtu', path: '/dev/ttyUSB0', baud: 9600, parity: 'none', stopBits: 1 });
    expect(refused.error?.issues.map(({ message }) => message).join()).toContain('driver: line');
  });
});

describe('what only the whole port shows', () => {
  const tcp = ModbusPort.parse({});
  const paths = (port: ModbusPort, devices: Device[]) => driver.check(port, devices).map(({ path }) => path);

  it('two devices with one unit on one host', () => {
    expect(paths(tcp, [device('a', { unit: 1, host: 'x' }), device('b', { unit: 1, host: 'y' })])).toEqual([]);
    expect(paths(tcp, [device('a', { unit: 1, host: 'x' }), device('b', { unit: 1, host: 'x', port: 502 })])).toEqual([
      'devices.b.address.unit',
    ]);
  });

  it('a unit that the profile does not know', () => {
    const wide = profileOf({ a: { at: 0 } }, { transport: { unitId: { default: 255, min: 0, max: 255 } } });
    expect(paths({ ...tcp, host: 'x' }, [device('a', { unit: 255 }, wide)])).toEqual([]);
    const narrow = profileOf({ a: { at: 0 } }, { transport: { unitId: { default: 1, min: 1, max: 99 } } });
    expect(paths({ ...tcp, host: 'x' }, [device('a', { unit: 100 }, narrow)])).toEqual(['devices.a.address.unit']);
  });

  it('a profile that does not speak Modbus TCP, a device without a host, half a certificate', () => {
    const serialOnly = profileOf({ a: { at: 0 } }, { transport: { modes: ['rtu'], serial: { baud: 9600 } } });
    expect(paths({ ...tcp, host: 'x' }, [device('a', { unit: 1 }, serialOnly)])).toEqual(['devices.a.address']);
    expect(paths(tcp, [device('a', { unit: 1 })])).toEqual(['devices.a.address.host']);
    expect(paths({ ...tcp, host: 'x', tls: { cert: 'c.pem' } }, [])).toEqual(['tls.key']);
  });

  it('an address that is not there', () => {
    const fromOne = profileOf({ a: { at: 0 } }, { defaults: { addressing: 'one-based' } });
    expect(paths({ ...tcp, host: 'x' }, [device('a', { unit: 1 }, fromOne)])).toEqual(['devices.a.address']);
    const behind = profileOf({ a: { at: 0xffff, type: 'f32' } });
    expect(paths({ ...tcp, host: 'x' }, [device('a', { unit: 1 }, behind)])).toEqual(['devices.a.address']);
  });

  it('is said in both languages', () => {
    for (const { zh, en } of driver.check(tcp, [device('a', { unit: 1 })])) {
      expect(zh).toMatch(/[一-鿿].*。$/);
      expect(en).toMatch(/\.$/);
    }
  });
});
