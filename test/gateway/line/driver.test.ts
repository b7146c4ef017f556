import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { driver } from '../../../gateway/collect/line/driver.ts';
import type { LineDevice } from '../../../gateway/collect/line/plan.ts';
import { LinePort } from '../../../gateway/collect/line/settings.ts';
import { meterAnswers, type MeterState } from '../dlt645/slave.ts';
import { meter } from '../meters/profile.ts';
import { type FaultServer, faultServer, slave, valueOf } from '../modbus/fault-server.ts';
import { profileOf } from '../modbus/profiles.ts';
import { run } from './running.ts';

/** The line as a port of the site file: its sections, its checks, and its devices of several dialects. */

const modbus = profileOf(
  { a: { at: 10, type: 'f32' }, b: { at: 14 } },
  {
    groups: { fast: { every: '50ms' } },
    transport: { timing: { timeout: '200ms' }, serial: { baud: 9600 } },
  },
);
const volts = { type: 'bcd16', order: 'DCBA', scale: 0.1 };
const dlt645 = meter({ protocol: 'dlt645' }, { u_a: { at: '02010100', ...volts } }, { groups: { fast: { every: '500ms' } } });

function device(id: string, address: object, profile: Profile = modbus): LineDevice {
  const schema = driver.addressOf?.(profile.transport.protocol);
  if (schema === undefined) throw new Error('the line tells no addresses apart');
  return { id, profile, address: schema.parse(address) };
}

let servers: FaultServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((one) => one.close()));
  servers = [];
});

describe('a line behind a serial server', () => {
  it('polls its Modbus devices', async () => {
    const server = await faultServer('rtu');
    servers.push(server);
    const section = { mode: 'tcp', host: '127.0.0.1', port: server.port };
    const { calls, port } = await run(driver, section, [device('meter-1', { unit: 1 }), device('meter-2', { unit: 2 })]);
    await expect.poll(() => calls.length).toBeGreaterThan(6);
    for (const [frame] of calls) {
      const words = [10, 11, 12, 13, 14].map((at) => valueOf(Number(frame?.device.at(-1)), 3, at));
      expect(frame?.body).toEqual({ kind: 'registers', table: 'holding', start: 10, words });
    }
    expect(port.state()).toMatchObject({ wire: 'up', devices: { 'meter-2': { failures: 0 } } });
  });

  it('has Modbus and DL/T 645 on it, one question at a time', async () => {
    const far = await mixedSlaves({ address: '000000000161', data: new Map([['02010100', [0x01, 0x22]]]) });
    const section = { mode: 'tcp', host: '127.0.0.1', port: far.port, baud: 9600 };
    const { calls } = await run(driver, section, [
      device('meter-1', { unit: 1 }),
      device('kwh-1', { meter: '000000000161' }, dlt645),
      device('kwh-2', { meter: '000000000162' }, dlt645),
    ]);
    const bodiesOf = (id: string) => calls.filter(([frame]) => frame?.device === id).map(([frame]) => frame?.body);
    await expect.poll(() => bodiesOf('kwh-1')[0]).toBeDefined();
    await expect.poll(() => bodiesOf('kwh-2')[0]).toMatchObject({ kind: 'missed', fault: 'no-answer' });
    await expect.poll(() => bodiesOf('meter-1').length).toBeGreaterThan(3);
    expect(bodiesOf('kwh-1')[0]).toEqual({ kind: 'items', items: [{ key: '02010100', bytes: Uint8Array.of(0x01, 0x22) }] });
    expect(bodiesOf('meter-1').at(-1)).toMatchObject({ kind: 'registers', start: 10 });
    expect(far.mostAtOnce()).toBe(1);
  });

  it('shows what was on the wire, with a note for whoever wonders', async () => {
    const server = await faultServer('rtu', ({ asked, good, send }) => {
      if (asked.n > 0) send(good.subarray(0, 4));
      else send(good);
    });
    servers.push(server);
    const section = { mode: 'tcp', host: '127.0.0.1', port: server.port, timeoutMs: 30 };
    const { port } = await run(driver, section, [device('meter-1', { unit: 1 })]);
    await expect.poll(() => port.exchanges?.('meter-1').length).toBeGreaterThan(1);
    const [first, second] = port.exchanges?.('meter-1') ?? [];
    expect(first).toMatchObject({ sent: '01 03 00 0a 00 05 a5 cb', note: { en: 'Answered.' } });
    expect(first?.heard).toMatch(/^01 03 0a /);
    expect(second?.heard).toBe(first?.heard?.slice(0, 11));
    expect(second?.note?.zh).toContain('4 B');
    expect(Math.abs((second?.at ?? 0) - systemClock.now())).toBeLessThan(60_000);
    expect(port.exchanges?.('nobody')).toEqual([]);
  });
});

/** A serial server with a Modbus slave and an electricity meter behind it. */
async function mixedSlaves(state: MeterState): Promise<{ port: number; mostAtOnce: () => number }> {
  let open = 0;
  let most = 0;
  const server = createServer((socket: Socket) => {
    const registers = slave('rtu');
    const answer = (bytes: Uint8Array) => {
      open -= 1;
      socket.write(bytes);
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      open += 1;
      most = Math.max(most, open);
      const said = meterAnswers(state, chunk);
      if (said !== undefined) return void setTimeout(answer, 5, said);
      // What is not for the meter may be for the Modbus slave; a question to nobody is over when its time is.
      if (chunk[0] === 0xfe) return void (open -= 1);
      registers.hear(chunk, {
        write: (bytes) => void setTimeout(answer, 5, bytes),
        reset: () => undefined,
        finish: () => undefined,
      });
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, mostAtOnce: () => most };
}

describe('the sections of the site file', () => {
  const turnaroundMs = 100;
  it.each([
    [
      { mode: 'serial', path: '/dev/ttyS0' },
      { mode: 'serial', path: '/dev/ttyS0', turnaroundMs },
    ],
    [
      { mode: 'serial', path: '/dev/ttyS0', baud: 2400, parity: 'even' },
      { mode: 'serial', path: '/dev/ttyS0', baud: 2400, parity: 'even', turnaroundMs },
    ],
    [
      { mode: 'tcp', host: '10.0.0.9', port: 4196, fallback: { host: '10.0.0.8' } },
      { mode: 'tcp', host: '10.0.0.9', port: 4196, fallback: { host: '10.0.0.8' }, fallbackAfter: 3, turnaroundMs },
    ],
    [
      { mode: 'dial-in', listen: '0.0.0.0:9100', registration: { text: 'AB' }, heartbeat: { hex: 'FE 01' }, deadAfter: '3m' },
      {
        mode: 'dial-in',
        listen: '0.0.0.0:9100',
        registration: Buffer.from('AB'),
        heartbeat: Buffer.from([0xfe, 1]),
        deadAfter: 180_000,
        turnaroundMs,
      },
    ],
  ])('takes %j', (given, taken) => expect(driver.port.parse(given)).toEqual(taken));

  it.each([
    {},
    { mode: 'rtu', path: '/dev/ttyS0' },
    { mode: 'serial' },
    { mode: 'tcp', host: 'a' },
    { mode: 'dial-in', listen: '0.0.0.0:9100' },
    { mode: 'dial-in', listen: '9100', registration: { text: 'A' } },
    { mode: 'dial-in', listen: '0.0.0.0:9100', registration: { hex: 'ABC' } },
    { mode: 'dial-in', listen: '0.0.0.0:9100', registration: { text: '' } },
  ])('refuses %j', (given) => expect(driver.port.safeParse(given).success).toBe(false));

  it('gives each dialect its own address, and the line its word in all of them', () => {
    const words = driver.addressOf?.('modbus');
    expect(words?.parse({ unit: 7, serial: { baud: 4800, parity: 'even' } })).toEqual({
      unit: 7,
      serial: { baud: 4800, parity: 'even' },
    });
    expect(driver.addressOf?.('dlt645').parse({ meter: '000000000161' })).toEqual({ meter: '000000000161' });
    const refused = words?.safeParse({ unit: 300, meter: '1', serial: { boud: 9600 } });
    expect(refused?.success).toBe(false);
    expect(words?.safeParse({ unit: 1, meter: '1' }).error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['meter'],
    });
    expect(words?.safeParse({ unit: 300 }).error?.issues[0]?.path).toEqual(['unit']);
    expect(words?.safeParse('eleven').success).toBe(false);
  });
});

describe('what only the whole line shows', () => {
  const serial = LinePort.parse({ mode: 'serial', path: '/dev/ttyS0', baud: 9600 });
  const open = LinePort.parse({ mode: 'serial', path: '/dev/ttyS0' });
  const remote = LinePort.parse({ mode: 'tcp', host: '10.0.0.9', port: 4196 });
  const problems = (port: LinePort, ...devices: LineDevice[]) => driver.check(port, devices);
  const paths = (port: LinePort, ...devices: LineDevice[]) => problems(port, ...devices).map(({ path }) => path);
  const slow = profileOf({ a: { at: 10 } }, { transport: { serial: { baud: 9600 } } });

  it.each([
    [960, 9600],
    [96_000, 9600],
    [9601, 9600],
    [19_000, 19_200],
    [115_000, 115_200],
    [1920, 19_200],
  ])('a baud rate of %i: did you mean %i?', (baud, meant) => {
    const [problem] = problems({ ...serial, baud });
    expect(problem).toMatchObject({ path: 'baud', en: `${baud} is no baud rate. Did you mean ${meant}?` });
    expect(problem?.zh).toContain(`想写 ${meant}？`);
    expect(paths(open, device('a', { unit: 1, serial: { baud } }, slow))).toEqual(['devices.a.address.serial.baud']);
  });

  it('parity without a baud rate', () => expect(paths({ ...open, parity: 'even' })).toEqual(['baud']));

  it('two devices of one unit, and units the line or the profile does not know', () => {
    expect(paths(serial, device('a', { unit: 1 }, slow), device('b', { unit: 1 }, slow), device('c', { unit: 2 }, slow))).toEqual(
      ['devices.b.address.unit'],
    );
    const narrow = profileOf({ a: { at: 0 } }, { transport: { unitId: { default: 1, min: 1, max: 99 } } });
    expect(paths(serial, device('a', { unit: 100 }, narrow))).toEqual(['devices.a.address.unit']);
    const wide = profileOf({ a: { at: 0 } }, { transport: { unitId: { default: 255, min: 0, max: 255 } } });
    expect(paths(serial, device('a', { unit: 0 }, wide), device('b', { unit: 248 }, wide))).toEqual([
      'devices.a.address.unit',
      'devices.b.address.unit',
    ]);
  });

  it('a profile that speaks Modbus TCP only, and an address that is not there', () => {
    const tcpOnly = profileOf({ a: { at: 0 } }, { transport: { modes: ['tcp'] } });
    expect(paths(serial, device('a', { unit: 1 }, tcpOnly))).toEqual(['devices.a.address']);
    const behind = profileOf({ a: { at: 0xffff, type: 'f32' } });
    expect(paths(serial, device('a', { unit: 1 }, behind))).toEqual(['devices.a.address']);
  });

  it('the problems of every dialect', () => {
    const twins = [device('a', { meter: '000000000161' }, dlt645), device('b', { meter: '000000000161' }, dlt645)];
    expect(paths(open, device('c', { unit: 1 }, slow), ...twins)).toEqual(['devices.b.address.meter']);
  });

  it('a device without serial parameters on a line without any', () => {
    const bare = profileOf({ a: { at: 0 } });
    expect(paths(open, device('a', { unit: 1 }, bare))).toEqual(['devices.a.address']);
    expect(paths(serial, device('a', { unit: 1 }, bare))).toEqual([]);
    expect(paths(remote, device('a', { unit: 1 }, bare))).toEqual([]);
  });

  it('devices of several parameters behind a serial server, which only a line of our own can carry', () => {
    const both = [device('a', { unit: 1 }, slow), device('b', { meter: '000000000161' }, dlt645)];
    expect(paths(open, ...both)).toEqual([]);
    const [problem] = problems(remote, ...both);
    expect(problem?.path).toBe('devices.b.address');
    expect(problem?.en).toContain('wants 2400 8E1 and the line has 9600 8N1');
    expect(paths({ ...remote, baud: 2400, parity: 'even' }, ...both)).toEqual([]);
    expect(paths({ ...remote, baud: 9600 }, device('a', { unit: 1, serial: { baud: 4800 } }, slow))).toEqual([
      'devices.a.address',
    ]);
  });

  it('more polls than the line has time for, with the numbers', () => {
    const wide = profileOf({ a: { at: 0, type: 'string', length: 120 } }, { groups: { fast: { every: '250ms' } } });
    const [problem, ...others] = problems(serial, device('meter-1', { unit: 1 }, wide));
    // 8 + 5 + 240 characters of 10 bits and twice 3.5 of silence, four times a second: 1083 ms.
    expect(problem).toMatchObject({ path: '', en: expect.stringContaining('need 1083 ms of each second (108 %)') as string });
    expect(problem?.en).toContain('meter-1 fast: 271 ms / 250 ms');
    expect(others).toEqual([]);
    expect(paths({ ...serial, baud: 19_200 }, device('meter-1', { unit: 1 }, wide))).toEqual([]);
  });

  it('is said in both languages', () => {
    for (const { zh, en } of problems(remote, device('a', { unit: 1 }, slow), device('b', { meter: '000000000161' }, dlt645))) {
      expect(zh).toMatch(/[一-鿿].*。$/);
      expect(en).toMatch(/\.$/);
    }
  });
});

describe('the line-time budget', () => {
  const port = LinePort.parse({ mode: 'serial', path: '/dev/ttyS0', baud: 9600 });

  it('is the time of the bytes and silences, per device and period', () => {
    const points = { a: { at: 0, type: 'string', length: 10 }, b: { at: 40, every: '10s' }, c: { at: 200, every: '10s' } };
    const profile = profileOf(points, { groups: { fast: { every: '2s' } } });
    const budget = driver.budget?.(port, [device('m', { unit: 1 }, profile)]);
    const characterMs = 10_000 / 9_600;
    // Request 8, answer 5 and two for each register, and two silences of 3.5 characters.
    expect(budget?.polls).toMatchObject([
      { device: 'm', group: 'fast', everyMs: 2_000, requests: 1 },
      { device: 'm', group: '10000ms', everyMs: 10_000, requests: 2 },
    ]);
    expect(budget?.polls[0]?.lineMs).toBeCloseTo((8 + 25 + 7) * characterMs, 6);
    expect(budget?.polls[1]?.lineMs).toBeCloseTo(2 * (8 + 7 + 7) * characterMs, 6);
    expect(budget?.msPerSecond).toBeCloseTo((40 * characterMs) / 2 + (44 * characterMs) / 10, 6);
    // Each request costs the slave's thinking too.
    expect(budget?.likelyMsPerSecond).toBeCloseTo((budget?.msPerSecond ?? 0) + 20 / 2 + 40 / 10, 6);
  });

  it('is not known where nobody says how fast a remote line is', () => {
    const remote = LinePort.parse({ mode: 'tcp', host: '10.0.0.9', port: 4196 });
    expect(driver.budget?.(remote, [device('m', { unit: 1 }, profileOf({ a: { at: 0 } }))])).toBeUndefined();
  });

  it('is told by a running line that is nearly full, and so is an unstable name', async () => {
    const wide = profileOf(
      { a: { at: 0, type: 'string', length: 120 } },
      { groups: { fast: { every: '300ms' } }, transport: { serial: { baud: 9600 } } },
    );
    const { port: running } = await run(driver, { mode: 'serial', path: '/dev/ttyUSB99' }, [device('m', { unit: 1 }, wide)]);
    const notes = running.state().notes?.map(({ en }) => en) ?? [];
    expect(notes[0]).toMatch(/likely take 97 % .*m fast: 271 ms \/ 300 ms/);
    expect(notes[1]).toContain('/dev/serial/by-id/');
  });
});
