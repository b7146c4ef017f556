import { createServer } from 'node:net';
import { Aedes, type PublishPacket } from 'aedes';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { startSimulator, type SimulatorOptions } from '../../../gateway/simulate/simulator.ts';
import { detector } from './profiles.ts';

type Heard = { topic: string; text: string; qos: number };

/** A bare broker that remembers what it hears and asks for a login. */
async function listeningBroker(password = 'right') {
  const heard: Heard[] = [];
  const wills: string[] = [];
  const waiting: (() => void)[] = [];
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, given, done) => done(null, username === 'd-1' && given?.toString() === password),
    authorizePublish: (client, packet: PublishPacket, done) => {
      if (client?.closed) wills.push(packet.topic);
      heard.push({ topic: packet.topic, text: packet.payload.toString(), qos: packet.qos });
      done(null);
      waiting.forEach((look) => look());
    },
  });
  const server = createServer((socket) => broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => holds() && resolve();
      waiting.push(look);
      look();
    });
  return { heard, wills, port, until };
}

async function simulate(port: number, over: Partial<SimulatorOptions> = {}) {
  const simulator = await startSimulator({
    ports: [{ id: 'p', driver: { name: 'mqtt' }, settings: { listen: `0.0.0.0:${port}`, login: 'required' } }],
    devices: [{ id: 'det-1', profile: detector, port: 'p', address: { identity: 'd-1' } }],
    clock: systemClock,
    random: () => 0.25,
    log: pino({ level: 'silent' }),
    secretOf: () => 'right',
    ...over,
  });
  onTestFinished(() => simulator.stop());
  return simulator;
}

const last = (heard: Heard[], topic: string) => heard.findLast((each) => each.topic === topic);

test('a device logs in, says it is online and tells all its values in the shape of its profile', async () => {
  const { heard, port, until } = await listeningBroker();
  const simulator = await simulate(port);
  await until(() => heard.length === 3);
  expect(last(heard, 'app/d-1/status')).toMatchObject({ text: 'online', qos: 1 });
  expect(last(heard, 'app/d-1/flood')?.text).toBe('dry');
  await simulator.set('det-1', 'smoke', true);
  await simulator.set('det-1', 'dust', 41.5);
  await simulator.set('det-1', 'battery', 87.5);
  await simulator.set('det-1', 'mode', 'disarmed');
  const said = JSON.parse(last(heard, 'app/1/d-1/state')?.text ?? '') as Record<string, unknown>;
  expect(said).toMatchObject({ 'kind.of': 'state', smoke: true, PMS: { 'PM2.5': 41.5 }, list: [null, { b: 175 }], mode: 'd' });
  expect(Math.abs(Date.parse(String(said['time'])) - Date.now())).toBeLessThan(5_000);
  await simulator.set('det-1', 'flood', true);
  expect(last(heard, 'app/d-1/flood')?.text).toBe('wet');
});

test('an event goes out with the code that means it, and a serial number of its own', async () => {
  const { heard, port, until } = await listeningBroker();
  const simulator = await simulate(port);
  await until(() => heard.length === 3);
  await simulator.fire('det-1', 'door.forced');
  await simulator.fire('det-1', 'button.pressed');
  const events = heard.filter(({ topic }) => topic === 'app/d-1/event').map(({ text }) => JSON.parse(text) as object);
  expect(events).toMatchObject([{ event: { code: 7, no: 1 } }, { event: { code: 'x9', no: 2 } }]);
  await expect(simulator.fire('det-1', 'door.open')).rejects.toThrow(/door\.forced, button\.pressed/);
  expect(simulator.devices()[0]?.events).toEqual(['door.forced', 'button.pressed']);
});

test('faults: silent says nothing, garbage is no JSON, exception is null', async () => {
  const { heard, port, until } = await listeningBroker();
  const simulator = await simulate(port);
  await until(() => heard.length === 3);
  simulator.fault('det-1', 'silent');
  await simulator.set('det-1', 'smoke', true);
  expect(heard).toHaveLength(3);
  simulator.fault('det-1', 'exception');
  await simulator.set('det-1', 'dust', 9);
  expect(JSON.parse(last(heard, 'app/1/d-1/state')?.text ?? '')).toMatchObject({ smoke: null, PMS: { 'PM2.5': null } });
  simulator.fault('det-1', 'garbage');
  await simulator.set('det-1', 'dust', 10);
  expect(() => JSON.parse(last(heard, 'app/1/d-1/state')?.text ?? '') as unknown).toThrow();
});

test('stopping is felt like a lost device: its last will is sent', async () => {
  const { heard, wills, port, until } = await listeningBroker();
  const simulator = await simulate(port);
  await until(() => heard.length === 3);
  await simulator.stop();
  await until(() => wills.length === 1);
  expect(last(heard, 'app/d-1/status')?.text).toBe('offline');
});

test('a broker on another machine is refused', async () => {
  const ports = [{ id: 'p', driver: { name: 'mqtt' }, settings: { connect: 'mqtt://10.0.0.9:1883' } }];
  await expect(simulate(1, { ports })).rejects.toThrow(/10\.0\.0\.9, which is not this machine/);
});
