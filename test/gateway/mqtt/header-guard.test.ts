import { array, assert, integer, property } from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { connect as connectSocket, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HeaderGuard, LargePacketBudget } from '../../../gateway/collect/mqtt/header-guard.ts';
import { limits } from '../../../gateway/collect/mqtt/limits.ts';
import { as, device, ownBroker } from './rig.ts';

const connectPacket = mqttPacket.generate({ cmd: 'connect', clientId: 'raw', clean: true, keepalive: 30 });
const publishPacket = (bytes: number) =>
  mqttPacket.generate({ cmd: 'publish', topic: 'home/a', payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false });

function opened(): HeaderGuard {
  const guard = new HeaderGuard(new LargePacketBudget());
  guard.take(connectPacket);
  guard.accept();
  return guard;
}

test('however the bytes are cut, the same of them pass', () => {
  const stream = Buffer.concat([
    publishPacket(3),
    publishPacket(200),
    mqttPacket.generate({ cmd: 'pingreq' }),
    publishPacket(20_000),
  ]);
  assert(
    property(array(integer({ min: 1, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const guard = opened();
      let from = 0;
      for (const to of [...cuts.toSorted((a, b) => a - b), stream.length]) {
        const chunk = stream.subarray(from, to);
        expect(guard.take(chunk)).toEqual({ pass: chunk.length });
        from = to;
      }
    }),
  );
});

test('nothing but one CONNECT passes until it is accepted', () => {
  const guard = new HeaderGuard(new LargePacketBudget());
  const both = Buffer.concat([connectPacket, publishPacket(3)]);
  expect(guard.take(both)).toEqual({ pass: connectPacket.length });
  guard.accept();
  expect(guard.take(both.subarray(connectPacket.length))).toEqual({ pass: both.length - connectPacket.length });
});

test.each([
  ['a PUBLISH first', publishPacket(1), 'not-connect', 0],
  ['a CONNECT of 5,000 bytes', Buffer.from([0x10, 0x88, 0x27]), 'too-large', 2],
  ['a length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]), 'bad-header', 4],
  ['a claim of 256 MB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), 'too-large', 4],
] as const)('%s is a fault', (_name, bytes, fault, pass) => {
  expect(new HeaderGuard(new LargePacketBudget()).take(bytes)).toEqual({ pass, fault });
});

test('the largest packet passes, one byte more does not', () => {
  const header = (bytes: number) => Buffer.from([0x30, (bytes & 0x7f) | 0x80, ((bytes >> 7) & 0x7f) | 0x80, bytes >> 14]);
  expect(opened().take(header(limits.packetBytes)).fault).toBeUndefined();
  expect(opened().take(header(limits.packetBytes + 1)).fault).toBe('too-large');
  expect(opened().take(Buffer.from([0xf0])).fault).toBe('bad-header');
});

test('unfinished large packets share one budget, given back when the socket goes', () => {
  const budget = new LargePacketBudget();
  const header = Buffer.from([0x30, 0x80, 0x80, 0x10]);
  const claim = () => {
    const guard = new HeaderGuard(budget);
    guard.take(connectPacket);
    guard.accept();
    return { guard, ...guard.take(header) };
  };
  const many = Array.from({ length: limits.largePacketsBytes / limits.packetBytes }, claim);
  expect(many.every(({ fault }) => fault === undefined)).toBe(true);
  expect(claim().fault).toBe('memory');
  many[0]?.guard.release();
  expect(claim().fault).toBeUndefined();
});

function raw(tcp: number): Socket {
  const socket = connectSocket(tcp, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Writes until the other side closes; resolves with the bytes it took. */
function pour(socket: Socket, first: Buffer, most: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024);
  const more = () => {
    while (!socket.destroyed && socket.bytesWritten < most) if (!socket.write(block)) return;
  };
  socket.on('drain', more);
  socket.write(first);
  more();
  return new Promise((resolve) => socket.once('close', () => resolve(socket.bytesWritten)));
}

test('a hundred strangers who claim 256 MB are closed at the claim, and memory stays', async () => {
  const { port, tcp, url, kept } = await ownBroker([device('a')]);
  const healthy = await as(url, 'a');
  const before = process.memoryUsage().rss;
  const claim = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]);
  const taken = await Promise.all(Array.from({ length: 100 }, () => pour(raw(tcp), claim, 32 * 1024 * 1024)));
  // What the kernel's buffers swallow before the reset arrives is not ours; no socket came near its claim.
  expect(Math.max(...taken)).toBeLessThan(32 * 1024 * 1024);
  expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024);
  expect(port.counters()['guard_closed']).toBe(100);
  await healthy.publishAsync('home/a', 'still here', { qos: 1 });
  expect(kept.texts).toEqual(['still here']);
});

test('a message of 200 KB from a device passes, one of 300 KB does not', async () => {
  const { port, kept, url } = await ownBroker([device('a')]);
  const client = await as(url, 'a');
  await client.publishAsync('home/a', Buffer.alloc(200_000, 'x'), { qos: 1 });
  expect(kept.texts[0]).toHaveLength(200_000);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('home/a', Buffer.alloc(300_000), { qos: 1 }, () => undefined);
  await gone;
  expect(port.counters()['guard_closed']).toBe(1);
});

test('packets sent right behind CONNECT are heard after it is accepted', async () => {
  const { kept, tcp } = await ownBroker([device('a')], { login: 'open' });
  raw(tcp).write(Buffer.concat([connectPacket, publishPacket(3), publishPacket(4)]));
  await kept.until(() => kept.frames.length === 2);
  expect(kept.texts.map((text) => text.length)).toEqual([3, 4]);
});

test('more than 4 KB behind a CONNECT that is not yet accepted is too early', async () => {
  const { port, tcp, kept } = await ownBroker([device('a')]);
  const socket = raw(tcp);
  socket.write(Buffer.concat([connectPacket, publishPacket(5_000)]));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(kept.frames).toEqual([]);
  expect(port.counters()['guard_closed']).toBe(1);
});

test('connections are capped per address', async () => {
  const { port, tcp } = await ownBroker([device('a')], { connectionsPerAddress: 3 });
  const sockets = Array.from({ length: 5 }, () => raw(tcp));
  await expect.poll(() => port.counters()['connections_refused']).toBe(2);
  expect(port.counters()['connections']).toBe(3);
  sockets.forEach((socket) => socket.destroy());
  await expect.poll(() => port.counters()['connections']).toBe(0);
});

test('a connection that drips its CONNECT byte by byte is closed after five seconds', async () => {
  const { port, tcp } = await ownBroker([device('a')]);
  const socket = raw(tcp);
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let at = 0;
  const drip = setInterval(() => socket.write(connectPacket.subarray(at, ++at)), 450);
  onTestFinished(() => clearInterval(drip));
  await gone;
  expect(at).toBeLessThan(connectPacket.length);
  expect(port.counters()['connections']).toBe(0);
});

test('a device that promises a sign of life and gives none is closed', async () => {
  const { port, kept, tcp } = await ownBroker([device('a')], { login: 'open' });
  const socket = raw(tcp);
  const will = { topic: 'home/a/availability', payload: Buffer.from('offline'), qos: 1 as const, retain: false };
  socket.write(mqttPacket.generate({ cmd: 'connect', clientId: 'raw', clean: true, keepalive: 1, will }));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  expect(kept.texts).toEqual(['offline']);
  expect(port.counters()['connections']).toBe(0);
});

test.each([0, 1_201])('a keepalive of %i s would let it be silent for too long', async (keepalive) => {
  const { url } = await ownBroker([device('a')]);
  await expect(as(url, 'a', { keepalive })).rejects.toThrow();
});
