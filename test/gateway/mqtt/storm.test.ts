import mqttPacket from 'mqtt-packet';
import { connect as connectSocket, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../../gateway/collect/mqtt/broker.ts';
import { as, brokerParts, device, ownBroker } from './rig.ts';

function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const connectPacket = (clientId: string) =>
  mqttPacket.generate({
    cmd: 'connect',
    clientId,
    clean: false,
    keepalive: 30,
    will: { topic: 'home/a', payload: Buffer.from('gone'), qos: 1, retain: true },
  });

const samples: Buffer[] = [
  connectPacket('again'),
  mqttPacket.generate({ cmd: 'publish', topic: 'home/a', payload: '1', qos: 0, dup: false, retain: true }),
  mqttPacket.generate({ cmd: 'publish', topic: 'home/a', payload: '1', qos: 1, dup: true, retain: false, messageId: 7 }),
  mqttPacket.generate({ cmd: 'publish', topic: 'home/a', payload: '1', qos: 2, dup: false, retain: false, messageId: 8 }),
  mqttPacket.generate({ cmd: 'pubrel', messageId: 8 }),
  mqttPacket.generate({ cmd: 'pubrec', messageId: 9 }),
  mqttPacket.generate({ cmd: 'pubcomp', messageId: 9 }),
  mqttPacket.generate({ cmd: 'puback', messageId: 7 }),
  mqttPacket.generate({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'yihu/command/a/#', qos: 1 }] }),
  mqttPacket.generate({ cmd: 'subscribe', messageId: 4, subscriptions: [{ topic: '$share/g/#', qos: 2 }] }),
  mqttPacket.generate({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['yihu/command/a/#'] }),
  mqttPacket.generate({ cmd: 'pingreq' }),
  mqttPacket.generate({ cmd: 'disconnect' }),
  mqttPacket.generate({ cmd: 'connack', returnCode: 0, sessionPresent: true }),
  mqttPacket.generate({ cmd: 'suback', messageId: 3, granted: [1] }),
];

/** A stream of nonsense: packets mutated, cut, doubled and in any order, or plain noise. */
function nonsense(random: (below: number) => number, packets: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < packets; i++) {
    const sample = Buffer.from(samples[random(samples.length)] as Buffer);
    const mutations = Math.max(0, random(6) - 3);
    for (let m = 0; m < mutations; m++) sample[random(sample.length)] = random(256);
    parts.push(random(8) === 0 ? sample.subarray(0, random(sample.length) + 1) : sample);
  }
  return Buffer.concat(random(10) === 0 ? [Buffer.from(Array.from({ length: 40 }, () => random(256)))] : parts);
}

/** Says hello and waits for the answer, or not, and pours the rest. */
async function shout(tcp: number, hello: Buffer | null, rest: Buffer): Promise<void> {
  const socket = connectSocket(tcp, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answered = new Promise<void>((resolve) => socket.on('data', () => resolve()));
  if (hello) {
    socket.write(hello);
    await Promise.race([closed, answered]);
  }
  socket.end(rest);
  await closed;
}

test('25,000 packets of nonsense on 2,500 connections: the broker lives and a healthy device is served', async () => {
  const { port, kept, tcp, url } = await ownBroker([device('a')], { login: 'open', connectionsPerAddress: 4_000 });
  const healthy = await as(url, 'a');
  const seed = 20_261_123;
  const random = seeded(seed);
  // Three of four come in by a good CONNECT, so that the nonsense gets past the door.
  const hello = () => (random(4) > 0 ? connectPacket(`fuzz-${random(2 ** 30)}`) : null);
  for (let round = 0; round < 50; round++) {
    await Promise.all(Array.from({ length: 50 }, () => shout(tcp, hello(), nonsense(random, 10))));
    await healthy.publishAsync('home/a', `round ${round}`, { qos: 1 });
  }
  expect(kept.texts.filter((text) => text.startsWith('round'))).toHaveLength(50);
  expect(port.state().wire).toBe('up');
  const counted = port.counters();
  expect(counted['restarts']).toBe(0);
  // The nonsense got past the door, or this test would prove little.
  expect(
    Math.min(counted['subscriptions_refused'] ?? 0, counted['qos2_refused'] ?? 0, counted['guard_closed'] ?? 0),
  ).toBeGreaterThan(100);
  expect(kept.frames.length).toBeGreaterThan(500);
  await expect.poll(() => port.counters()['connections']).toBe(1);
});

function connectAs(id: string): Buffer {
  const password = Buffer.from(`secret of ${id}`);
  return mqttPacket.generate({ cmd: 'connect', clientId: `c-${id}`, clean: true, keepalive: 60, username: id, password });
}

function subscriber(tcp: number, id: string): Promise<Socket> {
  const socket = connectSocket(tcp, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(connectAs(id));
  socket.write(
    mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `yihu/command/${id}/#`, qos: 1 }] }),
  );
  return new Promise((resolve) => socket.once('data', () => resolve(socket)));
}

test('subscribers that leave in the middle of a flood take nothing with them', async () => {
  const { port, kept, tcp, url } = await ownBroker([device('a'), device('b')]);
  const healthy = await as(url, 'b');
  for (let round = 0; round < 5; round++) {
    const leaving = await subscriber(tcp, 'a');
    const flood = Array.from({ length: 400 }, (_, i) => healthy.publishAsync('home/b', `${round}/${i}`, { qos: 1 }));
    leaving.resetAndDestroy();
    await Promise.all(flood);
  }
  expect(kept.texts).toHaveLength(2_000);
  expect(port.counters()['restarts']).toBe(0);
});

/** A device's socket whose kernel buffers are full: what is written to it goes nowhere, for ever. */
class FrozenSocket extends Duplex {
  readonly remoteAddress = '127.0.0.9';

  setNoDelay(): this {
    return this;
  }

  override _read(): void {}

  override _write(): void {}
}

test('a device that never reads its acks is closed after the drain time, and delays nobody', async () => {
  const { parts, kept } = brokerParts([device('a'), device('b')]);
  const broker = new Broker(parts);
  onTestFinished(() => broker.close());
  const healthy = await as(`mqtt://127.0.0.1:${await broker.open()}`, 'b');
  const frozen = new FrozenSocket();
  const gone = new Promise<void>((resolve) => frozen.once('close', () => resolve()));
  broker.serve(frozen as Duplex as Socket);
  frozen.push(connectAs('a'));
  const one = { cmd: 'publish', topic: 'home/a', payload: 'x', qos: 1, dup: false, retain: false, messageId: 1 } as const;
  frozen.push(mqttPacket.generate(one));
  await kept.until(() => kept.frames.length === 1);
  // More acks than the connection keeps for a device that does not read.
  frozen.push(Buffer.concat(Array.from({ length: 6_000 }, () => mqttPacket.generate(one))));
  for (let i = 0; i < 200; i++) await healthy.publishAsync('home/b', `healthy ${i}`, { qos: 1 });
  expect(kept.texts.filter((text) => text.startsWith('healthy'))).toHaveLength(200);
  await gone;
  expect(parts.intake.counters.read()).toMatchObject({ guard_closed: 1, connections: 1 });
});
