import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../demo/ports.ts';
import type { Child } from '../../demo/child.ts';
import { issueSecret } from '../../gateway/collect/mqtt/secret.ts';
import { memoryDisk, type SmallDisk } from '../gateway/store/mounts.ts';
import { describeWith } from '../needs.ts';
import { Community } from '../stories/community.ts';
import { ModbusServer } from '../stories/modbus-server.ts';
import { endOf, gatewayProgram, until } from '../stories/programs.ts';
import { switchRoom } from '../stories/switch-room.ts';
import { CloudRows } from './cloud-rows.ts';
import { counterProfile } from './counter-profile.ts';
import { NumberingDevice } from './numbering-device.ts';
import { refuser } from './refuses.ts';
import { chanceOf } from './tcp-proxy.ts';

// Whole programs start and stop here, on machines that do other things as well.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** One gateway and one cloud live through all of it; one device goes on numbering its messages, and at the end all are there. */
describeWith(['pymodbus', 'root'], 'bad weather for a running gateway', () => {
  let community: Community;
  let disk: SmallDisk;
  let server: ModbusServer;
  let garbage: Server;
  let mqttPort: number;
  let device: NumberingDevice;
  let gateway: Child;
  let cloud: Child;
  const refuses = refuser(() => community.programs);

  beforeAll(async () => {
    community = await Community.make('bad-input');
    const { programs } = community;
    disk = memoryDisk(48 * 1024 * 1024);
    server = await ModbusServer.start(programs);
    garbage = await garbageServer();
    mqttPort = await freePort(0);
    const deviceKeyFile = join(programs.folder, 'device.key');
    const { secret, hash } = issueSecret(deviceKeyFile);
    community.writeProfile(switchRoom);
    community.writeProfile(counterProfile);
    const room = (id: string, port: string) => ({ id, profile: switchRoom.id, port, address: { unit: 1 }, name: { zh: id } });
    await community.writeSite({
      data: join(disk.folder, 'gateway'),
      store: { maxMegabytes: 16 },
      profiles: ['profiles'],
      ports: [
        { id: 'room', driver: 'modbus', mode: 'tcp', host: '127.0.0.1', port: server.port },
        { id: 'garbage', driver: 'modbus', mode: 'tcp', host: '127.0.0.1', port: (garbage.address() as AddressInfo).port },
        { id: 'wireless', driver: 'mqtt', listen: `127.0.0.1:${mqttPort}`, login: 'required', deviceKeyFile },
      ],
      devices: [
        room('busbar-1', 'room'),
        room('babbler', 'garbage'),
        {
          id: 'counter-1',
          profile: counterProfile.id,
          port: 'wireless',
          address: { identity: 'counter-1', secret: hash },
          name: { zh: '计数器' },
        },
      ],
    });
    cloud = (await community.startCloud()).child;
    await community.claim();
    gateway = await community.startGateway();
    const message = (n: number) => ({ topic: 'counter/counter-1', payload: { n, hot: false } });
    device = new NumberingDevice({ port: mqttPort, identity: 'counter-1', secret, window: 4, pauseMs: 20, message });
    programs.atEnd(() => device.stop());
  });

  afterAll(async () => {
    await community?.dispose();
    garbage?.close();
    disk?.dispose();
  });

  /** Messages go on being kept. */
  const goesOn = async (by = 20) => {
    const before = device.acked.size;
    await until('messages to be acked', () => device.acked.size >= before + by);
  };
  beforeEach(() => goesOn());

  const status = [gatewayProgram, 'status', '--url'];
  const statusArgs = () => [...status, `http://127.0.0.1:${community.localPort}`];
  const problem = (part: RegExp) => async () => (await community.status()).problems.find(({ zh }) => part.test(zh));
  const latest = async (id: string) => {
    const rows = await CloudRows.ofFolder(join(community.programs.folder, 'cloud'));
    try {
      return await rows.latest(id, 'temperature');
    } finally {
      await rows.close();
    }
  };

  test('a Modbus exception is a bad reading with its reason, and good again when it is over', async () => {
    await server.tell('set 0 415');
    await until('a good value', async () => (await latest('busbar-1'))?.quality === 'good');
    await server.tell('exception 1');
    const bad = await until('a bad value', async () => {
      const row = await latest('busbar-1');
      return row?.quality === 'bad' && row;
    });
    expect(bad.reason).toBe('exception');
    await server.tell('exception 0');
    await until('a good value again', async () => (await latest('busbar-1'))?.quality === 'good');
  });

  test('a Modbus server that babbles never gives a value, and holds nobody else up', async () => {
    await until('its reading', async () => (await latest('babbler'))?.quality === 'bad');
    expect((await latest('babbler'))?.value).toBeNull();
    await goesOn();
    expect(gateway.process.exitCode).toBeNull();
  });

  test('broken packets cost their sender the connection and nobody else anything', async () => {
    const chance = chanceOf(7);
    const bytes = (count: number) => Buffer.from(Uint8Array.from({ length: count }, () => Math.floor(chance() * 256)));
    const hello = generate({ cmd: 'connect', clientId: 'x', clean: true, keepalive: 30 });
    const broken = [
      bytes(100),
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]),
      Buffer.alloc(5_000, 0x30),
      Buffer.concat([hello, bytes(64)]),
    ];
    for (const packet of [...broken, ...Array.from({ length: 20 }, () => bytes(1 + Math.floor(chance() * 400)))]) {
      await closedAfter(connect(mqttPort, '127.0.0.1'), packet);
      await closedAfter(connect(community.uplinkPort, '127.0.0.1'), packet);
    }
    // Without a certificate nobody comes as far as MQTT.
    await closedAfter(connectTls({ port: community.uplinkPort, host: '127.0.0.1', rejectUnauthorized: false }), hello);
    await goesOn();
    expect([gateway.process.exitCode, cloud.process.exitCode]).toEqual([null, null]);
    expect((await community.status()).uplink?.wire).toBe('connected');
  });

  test('a full disk is said at once; what cannot be kept is not acked, and it goes on when there is room again', async () => {
    const filler = join(disk.folder, 'filler');
    // The gateway has a reserve of its own, which goes first.
    await until('the gateway to say so', () => {
      fill(filler);
      return problem(/磁盘|写进/)();
    });
    await refuses(statusArgs(), 2, /数据存不下来.*检查磁盘空间/s, /data cannot be kept.*check the disk space/s);
    rmSync(filler);
    await goesOn();
    await until('health', async () => (await community.status()).health !== 'failing', 30_000);
    expect(gateway.process.exitCode).toBeNull();
  });

  test('a cloud that is gone costs nothing: kept, said, and sent when it is there again', async () => {
    expect(await endOf(cloud.process)).toBe(0);
    await until('the gateway to notice', async () => (await community.status()).uplink?.wire !== 'connected');
    await goesOn(50);
    await until('the sentence', async () => (await community.status()).uplink?.reason?.zh.includes('连不上平台'));
    await refuses(
      statusArgs(),
      2,
      /连不上平台，数据先存在网关里.*请检查网络和平台地址/s,
      /cannot be reached. Data is kept here.*Check the network/s,
    );
    expect((await community.status()).uplink?.buffered.telemetry).toBeGreaterThan(0);
    const keptMeanwhile = Math.max(...device.acked);
    cloud = (await community.startCloud()).child;
    const rows = await CloudRows.ofFolder(join(community.programs.folder, 'cloud'));
    try {
      // The device goes on sending, so the gateway's buffer need never be seen empty.
      const arrived = async () => ((await rows.readings('counter-1')).at(-1)?.n ?? 0) >= keptMeanwhile;
      await until('all of it sent', arrived, 60_000);
    } finally {
      await rows.close();
    }
  });

  test('an MQTT port that is taken is waited for: the rest runs, status says which program to look for', async () => {
    expect(await endOf(gateway.process)).toBe(0);
    const blocker = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => blocker.listen(mqttPort, '127.0.0.1', done));
    gateway = await community.startGateway();
    await refuses(
      statusArgs(),
      2,
      /端口 wireless.*已被其他程序占用，请停止该程序或更改 listen/s,
      /wireless.*in use by another program. Stop that program/s,
    );
    await new Promise((done) => blocker.close(done));
    await goesOn();
  });

  test('in the end everything that was acked is in the cloud, in order, or in a counted gap of the full disk', async () => {
    await device.finish();
    await until('all of it sent', async () => (await community.status()).uplink?.buffered.telemetry === 0, 60_000);
    const rows = await CloudRows.ofFolder(join(community.programs.folder, 'cloud'));
    const numbers = (await rows.readings('counter-1')).map(({ n }) => n);
    const [cursor] = await rows.cursors(community.gatewayId);
    await rows.close();
    const kept = new Set(numbers);
    // A disk that ends gives up the oldest readings that nobody has confirmed yet, and says how many.
    expect([...device.acked].filter((n) => !kept.has(n)).length).toBeLessThanOrEqual(Number(cursor?.gaps_telemetry));
    expect([...kept]).toEqual([...kept].toSorted((a, b) => a - b));
  });
});

/** Answers every request with bytes that mean nothing. */
async function garbageServer(): Promise<Server> {
  const chance = chanceOf(11);
  const babble = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () =>
      socket.write(Buffer.from(Uint8Array.from({ length: 9 + Math.floor(chance() * 40) }, () => Math.floor(chance() * 256)))),
    );
  });
  await new Promise<void>((done) => babble.listen(0, '127.0.0.1', done));
  return babble;
}

/** Writes and waits for the other end to hang up; its reset is also an answer. */
async function closedAfter(socket: Socket, bytes: Buffer): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.resume();
  const gone = once(socket, 'close');
  socket.write(bytes);
  // A packet that claims to be longer than it is leaves the server waiting for the rest: then we hang up.
  socket.setTimeout(250, () => socket.destroy());
  await gone;
}

/** Writes until not one block is free. */
function fill(file: string): void {
  const open = openSync(file, 'a');
  try {
    for (const bytes of [256 * 1024, 4 * 1024]) while (writes(open, bytes));
  } finally {
    closeSync(open);
  }
}

function writes(open: number, bytes: number): boolean {
  try {
    writeSync(open, Buffer.alloc(bytes));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
