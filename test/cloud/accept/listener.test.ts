import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import { encodeUp, maxUplinkBytes } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { chanceOf } from '../../faults/tcp-proxy.ts';
import { startCloud, type TestCloud, until } from '../../gateway/uplink/cloud-and-gateway.ts';
import { entriesOf, headerOf } from './entries.ts';

interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Resolves when it is over, whatever ended it. */
const closed = (peer: MqttClient | Socket) =>
  new Promise<void>((resolve) => (peer as { once(event: 'close', run: () => void): unknown }).once('close', resolve));

describe('the listener', () => {
  let cloud: TestCloud;
  const revoked = new Set<string>();
  const clients: MqttClient[] = [];
  const sockets: TLSSocket[] = [];
  beforeEach(async () => {
    revoked.clear();
    cloud = await startCloud({
      isRevoked: (serial) => revoked.has(serial),
      limits: { connectMs: 400, handshakeMs: 400, sweepMs: 50 },
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    for (const socket of sockets.splice(0)) socket.destroy();
    await cloud.close();
  });

  const client = (connect: Credentials, options: IClientOptions = {}): MqttClient => {
    const made = mqtt.connect(`mqtts://127.0.0.1:${cloud.port}`, {
      clientId: 'gw-1',
      clean: true,
      keepalive: 15,
      reconnectPeriod: 0,
      ...options,
      ca: connect.ca,
      cert: connect.cert,
      key: connect.key,
    });
    made.on('error', () => undefined);
    clients.push(made);
    return made;
  };
  const connected = async (connect: Credentials, options: IClientOptions = {}) => {
    const made = client(connect, options);
    await new Promise<void>((resolve, reject) => {
      made.once('connect', () => resolve());
      made.once('error', reject);
    });
    return made;
  };
  const refused = async (made: MqttClient) => {
    let admitted = false;
    made.on('connect', () => (admitted = true));
    await closed(made);
    expect(admitted).toBe(false);
  };
  const tlsSocket = (connect: Credentials): TLSSocket => {
    const socket = connectTls({ host: '127.0.0.1', port: cloud.port, ca: connect.ca, cert: connect.cert, key: connect.key });
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  const identity = async (gateway = 'gw-1') => (await cloud.identity(gateway)).connect;
  const nothingStored = () => expect(cloud.ingest.stored('gw-1', 'e1', 'telemetry')).toEqual([]);
  const up = (first: number, last: number) =>
    encodeUp(headerOf('telemetry', first, last), pack(entriesOf('telemetry', first, last)));

  it('lets a gateway in by its certificate', async () => {
    await connected(await identity());
    expect(cloud.server.counters()).toMatchObject({ sessions: 1, sockets: 1, refused: {} });
  });

  it('ends the live session of a revoked certificate and lets it in no more', async () => {
    const { connect, serial } = await cloud.identity('gw-1');
    const made = await connected(connect);
    revoked.add(serial);
    await closed(made);
    expect(cloud.server.counters().refused['revoked']).toBe(1);
    await refused(client(connect));
    expect(cloud.server.counters().refused['revoked']).toBe(2);
    expect(cloud.server.counters().sessions).toBe(0);
  });

  it('takes nothing from a revoked gateway, not even before the session is ended', async () => {
    await cloud.server.stop();
    await cloud.close();
    cloud = await startCloud({ isRevoked: (serial) => revoked.has(serial), limits: { sweepMs: 60_000 } });
    const { connect, serial } = await cloud.identity('gw-1');
    const made = await connected(connect);
    revoked.add(serial);
    made.publish('gw/gw-1/up', up(1, 3), { qos: 1 }, () => undefined);
    await closed(made);
    nothingStored();
  });

  it.each([
    'gw/gw-2/up',
    'gw/gw-1/up/more',
    'gw/gw-1/cursor',
    'gw/gw-1/unknown',
    '$SYS/x/new/clients',
    '$share/a/gw/gw-1/up',
    'anything',
  ])('ends a session that publishes on %s', async (topic) => {
    const made = await connected(await identity());
    made.publish(topic, up(1, 3), { qos: 1 }, () => undefined);
    await closed(made);
    nothingStored();
    expect(cloud.ingest.stored('gw-2', 'e1', 'telemetry')).toEqual([]);
  });

  it.each<[string, { qos: 0 | 1 | 2; retain: boolean }]>([
    ['retained', { qos: 1, retain: true }],
    ['with QoS 2', { qos: 2, retain: false }],
  ])('ends a session that publishes %s', async (_name, options) => {
    const made = await connected(await identity());
    made.publish('gw/gw-1/up', up(1, 3), options, () => undefined);
    await closed(made);
    nothingStored();
  });

  it.each(['#', 'gw/#', 'gw/+/cursor', 'gw/gw-2/cursor', 'gw/gw-1/up', 'gw/gw-1/#', '$SYS/#', '$share/g/gw/gw-1/cursor'])(
    'does not let a gateway listen on %s',
    async (topic) => {
      const made = await connected(await identity());
      const [granted] = await made.subscribeAsync(topic, { qos: 1 }).catch(() => [{ qos: 128 }]);
      expect(granted?.qos).toBe(128);
    },
  );

  it.each<[string, IClientOptions]>([
    ['another client id', { clientId: 'gw-2' }],
    ['a client id with a wildcard', { clientId: '#' }],
    ['a session to be kept', { clean: false }],
    ['a last will', { will: { topic: 'gw/gw-2/up', payload: Buffer.from('x'), qos: 1, retain: false } }],
    ['no keepalive', { keepalive: 0 }],
  ])('refuses a CONNECT with %s', async (_name, options) => {
    await refused(client(await identity(), options));
  });

  it('keeps one live session per gateway: the newer one', async () => {
    const connect = await identity();
    const first = await connected(connect);
    const gone = closed(first);
    const second = await connected(connect);
    await gone;
    expect(cloud.server.counters()).toMatchObject({ sessions: 1, takeovers: 1 });
    second.publish('gw/gw-1/up', up(1, 3), { qos: 1 });
    await until(() => cloud.ingest.stored('gw-1', 'e1', 'telemetry').length === 3, 'the newer session’s batch');
  });

  it('ends a packet that says it is longer than allowed, before it is read', async () => {
    const socket = tlsSocket(await identity());
    await once(socket, 'secureConnect');
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await closed(socket);
    expect(cloud.server.counters().sessions).toBe(0);
  });

  it('allows a long batch to a gateway, and not one byte past the limit', async () => {
    const made = await connected(await identity());
    made.publish('gw/gw-1/up', Buffer.concat([up(1, 3), Buffer.alloc(maxUplinkBytes / 2)]), { qos: 1 });
    await until(() => cloud.server.counters().batches === 1, 'the long one');
    made.publish('gw/gw-1/up', Buffer.alloc(maxUplinkBytes + 2_048), { qos: 1 }, () => undefined);
    await closed(made);
    expect(cloud.server.counters().batches).toBe(1);
  });

  it('ends who does not say CONNECT, and who does not finish the handshake', async () => {
    const silent = tlsSocket(await identity());
    await once(silent, 'secureConnect');
    silent.resume();
    const plain = connectTcp({ host: '127.0.0.1', port: cloud.port });
    plain.on('error', () => undefined);
    plain.resume();
    await Promise.all([closed(silent), closed(plain)]);
    await until(() => cloud.server.counters().sockets === 0, 'both to be forgotten');
  });

  it('allows so many connections from one address and no more', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { socketsPerAddress: 16 } });
    const connect = await identity();
    const open = Array.from({ length: 20 }, () => tlsSocket(connect));
    await until(() => (cloud.server.counters().refused['too-many-connections'] ?? 0) === 4, 'the four too many');
    for (const socket of open) socket.destroy();
    await until(() => cloud.server.counters().sockets === 0, 'them to leave');
    await connected(connect);
  });

  it.each([1, 2, 3])('outlives random bytes before and after CONNECT (seed %i)', async (seed) => {
    const chance = chanceOf(seed);
    const connect = await identity();
    const hello = generate({
      cmd: 'connect',
      clientId: 'gw-1',
      protocolVersion: 4,
      clean: true,
      keepalive: 15,
      protocolId: 'MQTT',
    });
    const good = generate({
      cmd: 'publish',
      topic: 'gw/gw-1/up',
      payload: up(1, 3),
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
    for (let round = 0; round < 12; round++) {
      const socket = tlsSocket(connect);
      await once(socket, 'secureConnect');
      if (round % 2 === 0) socket.write(hello);
      const bytes = round % 3 === 0 ? Buffer.from(good) : Buffer.alloc(400);
      for (let index = 0; index < bytes.length; index++) {
        if (round % 3 !== 0 || chance() < 0.03) bytes[index] = Math.floor(chance() * 256);
      }
      socket.end(bytes);
      socket.resume();
      await closed(socket);
    }
    await until(() => cloud.server.counters().sockets === 0, 'all sockets to be gone');
    const made = await connected(connect);
    await made.publishAsync('gw/gw-1/beat', JSON.stringify({ epoch: 'e1', at: 1, last: { alarm: 0, telemetry: 0 } }), { qos: 1 });
  });

  it('ends a session that sends what is not our protocol, and answers the next one', async () => {
    const connect = await identity();
    const made = await connected(connect);
    made.publish('gw/gw-1/up', Buffer.from([0xff, 0xff, 1]), { qos: 1 }, () => undefined);
    await closed(made);
    expect(cloud.server.counters()).toMatchObject({ malformed: 1, refused: { malformed: 1 } });
    await connected(connect);
  });

  it('a gateway that stops reading is disconnected and holds up nobody', async () => {
    const connect = await identity();
    const frozen = await connected(connect);
    await frozen.subscribeAsync('gw/gw-1/command', { qos: 1 });
    const other = await connected(await identity('gw-2'), { clientId: 'gw-2' });
    const heard: string[] = [];
    other.on('message', (_topic, payload) => heard.push(payload.toString()));
    await other.subscribeAsync('gw/gw-2/command', { qos: 1 });
    frozen.stream.pause();
    const block = Buffer.alloc(512 * 1024);
    for (let index = 0; index < 40; index++) cloud.server.send('gw-1', 'command', block);
    cloud.server.send('gw-2', 'command', 'still here');
    await until(() => heard.length === 1, 'the other gateway’s command');
    await until(() => cloud.server.counters().sessions === 1, 'the frozen session to end');
    expect(heard).toEqual(['still here']);
  });
});
