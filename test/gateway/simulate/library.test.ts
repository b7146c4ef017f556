import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { FrameBody, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import modbusSerial from 'modbus-serial';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import type { MqttDevice } from '../../../gateway/collect/mqtt/address.ts';
import { loadProfiles } from '../../../gateway/site.ts';
import { isText, isTwoState } from '../../../gateway/simulate/motion.ts';
import { startSimulator } from '../../../gateway/simulate/simulator.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { key, ownBroker } from '../mqtt/rig.ts';
import { detector, meter } from './profiles.ts';

const { profiles } = await loadProfiles();
const all = [...profiles.values(), meter, detector];
const of = (protocol: Profile['transport']['protocol']) => all.filter((profile) => profile.transport.protocol === protocol);

const base = { clock: systemClock, random: () => 0.5, log: pino({ level: 'silent' }) };

/** Something each point can be, and is not by itself. */
function values(profile: Profile): Record<string, NonNullable<Value>> {
  const read = Object.entries(profile.points).filter(([, { compute }]) => compute === undefined);
  return Object.fromEntries(read.map(([id, point]) => [id, another(point)]));
}

function another(point: Point): NonNullable<Value> {
  const names = Object.values(point.enum ?? {}).map(({ value }) => value);
  const last = names.at(-1);
  if (last !== undefined) return last;
  if (isTwoState(point)) return true;
  if (isText(point)) return 'AB12';
  const [low, high] = point.valid ?? [0, 100];
  const { from, to } = point.simulate ?? { from: low, to: Math.min(high, low + 100) };
  return Number((from + (to - from) * 0.75).toFixed(point.scale === undefined || point.scale >= 1 ? 0 : 1));
}

function expectAll(profile: Profile, readings: readonly Reading[], wanted: Readonly<Record<string, Value>>): void {
  const latest = new Map(readings.map((reading) => [reading.point, reading]));
  for (const [id, value] of Object.entries(wanted)) {
    const reading = latest.get(id);
    expect(reading, `${profile.id} ${id}`).toMatchObject({ quality: 'good' });
    const step = Math.abs(profile.points[id]?.scale ?? 0) * (profile.points[id]?.scaleExp ? 100 : 1);
    if (typeof value === 'number') expect(Math.abs(Number(reading?.value) - value), id).toBeLessThanOrEqual(step / 2 + 0.01);
    else expect(reading?.value, id).toBe(value);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function readAll(client: InstanceType<typeof modbusSerial.default>, profile: Profile): Promise<FrameBody[]> {
  const bodies: FrameBody[] = [];
  for (const point of Object.values(profile.points)) {
    if (point.compute !== undefined) continue;
    const table: Table = point.table ?? profile.defaults.table ?? 'holding';
    const shift = profile.defaults.addressing === 'one-based' ? 1 : 0;
    const at = Number(point.at ?? 0) - shift;
    const bits = Number(/\d+$/.exec(point.type ?? '')?.[0] ?? 16);
    const beside = [point.scaleExp, point.unitFrom].flatMap((name) => profile.points[name ?? '']?.at ?? []);
    const places = [at, ...beside.map((place) => Number(place) - shift)];
    const own = point.type === 'string' ? (point.length ?? 1) : Math.ceil(bits / 16);
    // A value is read together with its exponent and its unit, whichever is first, or it cannot be told.
    const start = Math.min(...places);
    const count = Math.max(at + own, ...places.map((place) => place + 1)) - start;
    if (table === 'coil') bodies.push({ kind: 'bits', table, start, bits: (await client.readCoils(start, 1)).data.slice(0, 1) });
    else if (table === 'discrete')
      bodies.push({ kind: 'bits', table, start, bits: (await client.readDiscreteInputs(start, 1)).data.slice(0, 1) });
    else if (table === 'input')
      bodies.push({ kind: 'registers', table, start, words: (await client.readInputRegisters(start, count)).data });
    else bodies.push({ kind: 'registers', table, start, words: (await client.readHoldingRegisters(start, count)).data });
  }
  return bodies;
}

test('the library has profiles of both protocols', () => {
  expect(profiles.size).toBeGreaterThanOrEqual(6);
});

test.each(of('modbus').map((profile) => [profile.id, profile] as const))(
  '%s over Modbus reads back as set',
  async (_id, profile) => {
    const { modes } = modbusOf(profile);
    const isTcp = modes.includes('tcp');
    const port = await freePort();
    const simulator = await startSimulator({
      ...base,
      ports: [{ id: 'p', driver: { name: isTcp ? 'modbus' : 'line' }, settings: { mode: 'tcp', host: '127.0.0.1', port } }],
      devices: [{ id: 'd', profile, port: 'p', address: { unit: 5 } }],
    });
    onTestFinished(() => simulator.stop());
    const client = new modbusSerial.default();
    onTestFinished(() => new Promise((resolve) => client.close(() => resolve())));
    await (isTcp ? client.connectTCP('127.0.0.1', { port }) : client.connectTelnet('127.0.0.1', { port }));
    client.setTimeout(2_000);
    client.setID(5);
    const decoder = compile(profile);
    const read = async () =>
      (await readAll(client, profile)).flatMap((body) => decoder.decode({ device: 'd', at: systemClock.now(), body }).readings);
    const untouched = simulator.devices()[0]?.values ?? {};
    // Counters and gauges move while they are read: only that they are all there and good.
    const first = await read();
    expect(new Set(first.map(({ point }) => point))).toEqual(new Set(Object.keys(untouched)));
    expect(first.filter(({ quality }) => quality !== 'good')).toEqual([]);
    const wanted = values(profile);
    for (const [point, value] of Object.entries(wanted)) await simulator.set('d', point, value);
    expectAll(profile, await read(), wanted);
  },
);

test.each(of('mqtt').map((profile) => [profile.id, profile] as const))('%s over MQTT is heard as set', async (_id, profile) => {
  const identity = '24e124126a148401';
  const device: MqttDevice = { id: 'd', profile, address: { identity, secret: hashSecret(key, 's') } };
  const { kept, tcp } = await ownBroker([device]);
  const decoder = compile(profile);
  const decoded = () => kept.frames.map((frame) => decoder.decode(frame));
  const simulator = await startSimulator({
    ...base,
    ports: [{ id: 'p', driver: { name: 'mqtt' }, settings: { listen: `127.0.0.1:${tcp}`, login: 'required' } }],
    devices: [{ ...device, port: 'p' }],
    secretOf: () => 's',
  });
  onTestFinished(() => simulator.stop());
  const told = (wanted: Readonly<Record<string, Value>>) => {
    const latest = new Map(decoded().flatMap(({ readings }) => readings.map((reading) => [reading.point, reading.value])));
    return Object.entries(wanted).every(([id, value]) => latest.get(id) === value || typeof value === 'number');
  };
  // What no channel of the profile tells is known by its events only.
  const paths = Object.values(profile.decode).flat();
  const sayable = new Set(paths.flatMap((branch) => Object.keys(branch.points ?? {})));
  const wanted = Object.fromEntries(Object.entries(values(profile)).filter(([id]) => sayable.has(id)));
  await kept.until(() => kept.frames.length > 0);
  for (const [point, value] of Object.entries(wanted)) await simulator.set('d', point, value);
  await kept.until(() => told(wanted));
  const readings = decoded().flatMap((each) => each.readings);
  expectAll(profile, readings, wanted);
  expect(decoded().filter(({ refused }) => refused !== undefined)).toEqual([]);
  for (const event of simulator.devices()[0]?.events ?? []) {
    await simulator.fire('d', event);
    await kept.until(() => decoded().some(({ events }) => events.some(({ type }) => type === event)));
  }
  if (profile.availability.will) {
    await simulator.stop();
    await kept.until(() => decoded().some(({ will }) => will === 'offline'));
  }
});
