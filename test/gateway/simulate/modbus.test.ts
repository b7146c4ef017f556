import { connect, createServer } from 'node:net';
import modbusSerial from 'modbus-serial';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { Fault } from '../../../gateway/simulate/faults.ts';
import { startSimulator, type SimulatorOptions } from '../../../gateway/simulate/simulator.ts';
import { meter } from './profiles.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

async function simulate(driver: 'modbus' | 'line', over: Partial<SimulatorOptions> = {}) {
  const port = await freePort();
  const simulator = await startSimulator({
    ports: [{ id: 'p', driver: { name: driver }, settings: { mode: 'tcp', host: '127.0.0.1', port } }],
    devices: [1, 2].map((unit) => ({ id: `meter-${unit}`, profile: meter, port: 'p', address: { unit } })),
    clock: systemClock,
    random: seeded(1),
    log: pino({ level: 'silent' }),
    ...over,
  });
  onTestFinished(() => simulator.stop());
  const client = new modbusSerial.default();
  onTestFinished(() => (client.isOpen ? new Promise<void>((resolve) => client.close(() => resolve())) : undefined));
  if (driver === 'modbus') await client.connectTCP('127.0.0.1', { port });
  else await client.connectTelnet('127.0.0.1', { port });
  client.setTimeout(400);
  client.setID(1);
  return { simulator, client, port };
}

for (const driver of ['modbus', 'line'] as const) {
  test(`${driver}: a foreign client reads what was set`, async () => {
    const { simulator, client } = await simulate(driver);
    await simulator.set('meter-1', 'voltage', 231.7);
    await simulator.set('meter-1', 'power', -12.5);
    await simulator.set('meter-1', 'mode', 'stop');
    await simulator.set('meter-1', 'fault', true);
    await simulator.set('meter-1', 'reading', 123_456.78);
    await simulator.set('meter-1', 'relay', true);
    await simulator.set('meter-1', 'warm', -30);
    await simulator.set('meter-2', 'voltage', 219.9);
    // -125 is ffff ff83, the low word first; mode 2 at bit 4 and the fault at bit 0 share register 20.
    expect((await client.readHoldingRegisters(0, 3)).data).toEqual([2317, 0xff83, 0xffff]);
    expect((await client.readHoldingRegisters(19, 3)).data).toEqual([0b10_0001, 0x1234, 0x5678]);
    expect((await client.readCoils(0, 1)).data[0]).toBe(true);
    expect((await client.readDiscreteInputs(2, 1)).data[0]).toBe(false);
    expect((await client.readInputRegisters(4, 1)).data).toEqual([10 << 8]);
    client.setID(2);
    expect((await client.readHoldingRegisters(0, 1)).data).toEqual([2199]);
  });
}

test('a point given back moves again inside its range', async () => {
  const { simulator, client } = await simulate('modbus');
  await simulator.set('meter-1', 'voltage', 0);
  expect((await client.readHoldingRegisters(0, 1)).data).toEqual([0]);
  await simulator.set('meter-1', 'voltage', null);
  const [raw = 0] = (await client.readHoldingRegisters(0, 1)).data;
  expect(raw).toBeGreaterThanOrEqual(2150);
  expect(raw).toBeLessThanOrEqual(2350);
});

test('addresses the device does not have, and units that are not there, are exceptions', async () => {
  const { client } = await simulate('modbus');
  await expect(client.readHoldingRegisters(40, 1)).rejects.toMatchObject({ modbusCode: 2 });
  client.setID(9);
  await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ modbusCode: 11 });
});

test('faults: silent, exception, garbage, and health again after each', async () => {
  const { simulator, client } = await simulate('line');
  simulator.fault('meter-1', 'exception');
  await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ modbusCode: 4 });
  simulator.fault('meter-1', 'silent');
  await expect(client.readHoldingRegisters(0, 1)).rejects.toThrow(/Timed out/);
  simulator.fault('meter-1', null);
  expect((await client.readHoldingRegisters(0, 1)).data).toHaveLength(1);
  simulator.fault('meter-1', 'garbage');
  await expect(client.readHoldingRegisters(0, 1)).rejects.toThrow();
});

for (const driver of ['modbus', 'line'] as const) {
  test(`${driver}: what was written is read back, until the simulator says otherwise`, async () => {
    const { simulator, client } = await simulate(driver);
    await client.writeRegister(0, 1_234);
    await client.writeRegisters(19, [7, 8, 9]);
    await client.writeCoil(0, true);
    expect((await client.readHoldingRegisters(0, 1)).data).toEqual([1_234]);
    expect((await client.readHoldingRegisters(19, 3)).data).toEqual([7, 8, 9]);
    expect((await client.readCoils(0, 1)).data[0]).toBe(true);
    await client.writeCoils(0, [false]);
    expect((await client.readCoils(0, 1)).data[0]).toBe(false);
    await simulator.set('meter-1', 'voltage', 231.7);
    expect((await client.readHoldingRegisters(0, 1)).data).toEqual([2317]);
  });

  test(`${driver}: one register can be refused`, async () => {
    const { simulator, client } = await simulate(driver);
    simulator.fault('meter-1', 'exception:1');
    await expect(client.readHoldingRegisters(0, 3)).rejects.toMatchObject({ modbusCode: 2 });
    expect((await client.readHoldingRegisters(0, 1)).data).toHaveLength(1);
  });

  test(`${driver}: the wire can be out, and nobody is let in`, async () => {
    const { simulator, port } = await simulate(driver);
    simulator.fault('meter-2', 'unplugged');
    const socket = connect({ port, host: '127.0.0.1' });
    const isClosed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await isClosed;
    simulator.fault('meter-2', null);
  });
}

/** What the wire says to a read of register 0 of unit 1, in hex, until it has been silent for a while. */
async function heard(port: number, request: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(Buffer.from(request, 'hex'));
  await expect.poll(() => chunks.length).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return Buffer.concat(chunks).toString('hex');
}

test('faults of the wire, byte by byte', async () => {
  // The read of unit 1, register 0, whose value is 0x090d; its answers in both framings.
  const rtu = { request: '010300000001840a', good: '010302090d7fd1' };
  const tcp = { request: '000700000006010300000001', good: '000700000005010302090d' };
  const line = await simulate('line');
  const host = await simulate('modbus');
  for (const { simulator } of [line, host]) await simulator.set('meter-1', 'voltage', 231.7);
  const rtuHeard = () => heard(line.port, rtu.request);
  const tcpHeard = () => heard(host.port, tcp.request);
  expect([await rtuHeard(), await tcpHeard()]).toEqual([rtu.good, tcp.good]);
  const set = (fault: Fault) => [line, host].forEach(({ simulator }) => simulator.fault('meter-1', fault));
  set('truncated');
  expect([await rtuHeard(), await tcpHeard()]).toEqual([rtu.good.slice(0, -6), tcp.good.slice(0, -6)]);
  set('wrong-unit');
  expect([(await rtuHeard()).slice(0, 10), await tcpHeard()]).toEqual(['020302090d', tcp.good.replace('000501', '000502')]);
  set('stray');
  expect((await rtuHeard()).endsWith(rtu.good)).toBe(true);
  expect((await tcpHeard()).length).toBeGreaterThan(tcp.good.length);
  line.simulator.fault('meter-1', 'bad-crc');
  expect(await rtuHeard()).toBe('010302090d7f8b');
  line.simulator.fault('meter-1', 'echo');
  expect(await rtuHeard()).toBe(rtu.request + rtu.good);
  expect(() => host.simulator.fault('meter-1', 'echo')).toThrow(/cannot have the fault echo; it can have: silent/);
});

test('only this machine is simulated, and it is said before anything starts', async () => {
  const ports = [{ id: 'p', driver: { name: 'modbus' }, settings: { mode: 'tcp', host: '192.168.1.20', port: 502 } }];
  await expect(simulate('modbus', { ports })).rejects.toThrow(/not this machine/);
  const serial = [{ id: 'p', driver: { name: 'line' }, settings: { mode: 'serial', path: '/dev/ttyS0' } }];
  await expect(simulate('modbus', { ports: serial })).rejects.toThrow(/no real serial port is taken over/);
});

test('what is unknown or cannot be is refused with what there is', async () => {
  const { simulator } = await simulate('modbus');
  await expect(simulator.set('meter-9', 'voltage', 1)).rejects.toThrow(/there are: meter-1, meter-2/);
  await expect(simulator.set('meter-1', 'volts', 1)).rejects.toThrow(/has no point volts; it has: voltage/);
  await expect(simulator.set('meter-1', 'mode', 'fly')).rejects.toThrow(/run, stop/);
  await expect(simulator.fire('meter-1', 'door.forced')).rejects.toThrow(/sends no events/);
});
