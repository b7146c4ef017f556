import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { blobPartBytes } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { ListenerOptions } from '../../../cloud/accept/listener.ts';
import { createPictures } from '../../../cloud/records/snapshot-pictures.ts';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Blobs } from '../../../gateway/uplink/picture-sender.ts';
import type { Uplink } from '../../../gateway/uplink/uplink.ts';
import { embeddedServer } from '../../cloud/records/servers.ts';
import {
  alarmRecord,
  type Bench,
  openWorkshop,
  site,
  smoke502,
  transition,
  type Workshop,
} from '../../cloud/records/workshop.ts';
import { makePicture, takenRecord, type TestPicture } from '../../cloud/snapshots/picture.ts';
import { chanceOf, startProxy, type TcpProxy } from '../../faults/tcp-proxy.ts';
import { newLog, startCloud, type TestCloud, until, uplinkTo } from './cloud-and-gateway.ts';

/** A clock that runs twenty times as fast: twenty seconds without an answer in one. */
const hurried: Clock = {
  now: () => systemClock.now(),
  mono: () => systemClock.mono() * 20,
  after: (ms, run) => systemClock.after(ms / 20, run),
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

/** Pictures that wait, in memory. */
class Waiting implements Blobs {
  readonly pictures: TestPicture[] = [];
  readonly done_: string[] = [];
  readonly #listeners = new Set<() => void>();

  add(...pictures: TestPicture[]): void {
    this.pictures.push(...pictures);
    for (const listener of this.#listeners) listener();
  }

  async next(aside: ReadonlySet<string>) {
    return this.pictures.find(({ id }) => !aside.has(id) && !this.done_.includes(id)) ?? null;
  }

  async done(id: string): Promise<void> {
    this.done_.push(id);
  }

  onMore(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

describe('pictures on the wire', () => {
  let workshop: Workshop;
  let bench: Bench;
  let cloud: TestCloud;
  let proxy: TcpProxy;
  let log: MemoryLog;
  let waiting: Waiting;
  const uplinks: Uplink[] = [];
  beforeAll(async () => {
    workshop = await openWorkshop(embeddedServer);
  });
  afterAll(() => workshop.stop());
  beforeEach(async () => {
    bench = await workshop.fresh();
    log = newLog();
    waiting = new Waiting();
  });
  afterEach(async () => {
    await Promise.all(uplinks.splice(0).map((uplink) => uplink.stop()));
    await proxy.close();
    await cloud.close();
    await bench.close();
  });

  const open = async (options: Partial<ListenerOptions> = {}) => {
    cloud = await startCloud({ ingest: bench.ingest, pictures: createPictures(bench.database, bench.rules), ...options });
    proxy = await startProxy({ to: cloud.port, clock: systemClock, chance: chanceOf(1) });
  };
  const start = async (clock: Clock = systemClock) => {
    const { connect } = await cloud.identity('gw-1');
    const url = `mqtts://127.0.0.1:${proxy.port}`;
    const uplink = uplinkTo({ ...connect, url }, log, { blobs: waiting, clock });
    uplinks.push(uplink);
    return uplink;
  };
  const at = Date.UTC(2026, 10, 23, 2);
  /** An alarm, and that there are pictures of it. */
  const write = (...pictures: TestPicture[]) =>
    log.append({
      alarm: [
        site(at, smoke502),
        alarmRecord(smoke502, at, transition('raised', 1, at)),
        ...pictures.map((one) => takenRecord(one, 'cam-1', at, { device: 'smoke-502', alarm: 'smoke', episode: 1 })),
      ],
      telemetry: [],
      state: [],
    });
  const here = async () => {
    const { rows } = await sql<{ blob: string; picture: Buffer }>`select s.blob, p.picture from snapshot s
      join snapshot_picture p on p.snapshot = s.id order by s.blob`.execute(bench.database.db);
    return new Map(rows.map(({ blob, picture }) => [blob, picture]));
  };
  const parts = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from snapshot_part`.execute(bench.database.db)).rows[0]?.n ?? 0;
  const alarms = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from alarm`.execute(bench.database.db)).rows[0]?.n ?? 0;

  it('arrive whole, of one part and of many, and each is acked once it is committed', async () => {
    await open();
    const pictures = [makePicture(1), makePicture(2, 3 * blobPartBytes), makePicture(3, 500_000)];
    await write(...pictures);
    const uplink = await start();
    waiting.add(...pictures);
    await until(() => waiting.done_.length === 3, 'the pictures');
    const arrived = await here();
    for (const { id, bytes } of pictures) expect(arrived.get(id)?.equals(bytes)).toBe(true);
    expect(uplink.counters()).toMatchObject({ pictures: 3, picture_repeats: 0, pictures_refused: 0 });
    expect(cloud.server.counters()).toMatchObject({ pictures: 3, pictures_refused: 0, overflow: 0 });
    expect(await parts()).toBe(0);
  });

  it('go on where they were when the line breaks, and when the cloud is started anew', async () => {
    await open();
    const picture = makePicture(4, 500_000);
    await write(picture);
    proxy.faults.bytesPerSecond = 200_000;
    const uplink = await start(hurried);
    waiting.add(picture);
    await until(async () => (await parts()) >= 3, 'a few parts');
    proxy.cut();
    await until(async () => (await parts()) >= 6, 'a few more');
    await cloud.restart();
    proxy.faults.bytesPerSecond = 0;
    await until(() => waiting.done_.length === 1, 'the picture');
    expect((await here()).get(picture.id)?.equals(picture.bytes)).toBe(true);
    // Sixteen parts in all; what was begun anew is the one in the air, and the first, which asks how far it is.
    expect(uplink.counters().picture_parts).toBeLessThanOrEqual(16 + 4 + (uplink.counters().picture_repeats ?? 0));
  });

  it('let an alarm pass on a thin line: it is committed long before the picture it came behind', async () => {
    await open();
    const picture = makePicture(5, 500_000);
    await write(picture);
    proxy.faults.bytesPerSecond = 128_000;
    await start();
    waiting.add(picture);
    await until(async () => (await parts()) >= 1, 'the first part');
    await log.append({
      alarm: [alarmRecord({ ...smoke502, id: 'smoke-9' }, at, transition('raised', 1, at))],
      telemetry: [],
      state: [],
    });
    await until(async () => (await alarms()) === 2, 'the alarm');
    expect(await parts()).toBeLessThan(8);
    expect(waiting.done_).toEqual([]);
    proxy.faults.bytesPerSecond = 0;
    await until(() => waiting.done_.length === 1, 'the picture');
  });

  it('wait behind a burst of 200 alarms', async () => {
    await open();
    const pictures = Array.from({ length: 10 }, (_, nth) => makePicture(10 + nth, 40_000));
    await write(...pictures);
    waiting.add(...pictures);
    const devices = Array.from({ length: 200 }, (_, nth) => ({ ...smoke502, id: `smoke-${nth}` }));
    const alarm = devices.map((device) => alarmRecord(device, at, transition('raised', 1, at)));
    await log.append({ alarm, telemetry: [], state: [] });
    proxy.faults.delayMs = 5;
    await start();
    await until(async () => (await here()).size > 0, 'the first picture');
    expect(await alarms()).toBe(201);
    await until(() => waiting.done_.length === 10, 'all pictures');
  });

  it('that the database takes later are sent again, and nothing else waits for them', async () => {
    let isDown = true;
    const pictures = createPictures(bench.database, bench.rules);
    await open({
      pictures: { part: (...given) => (isDown ? Promise.reject(new Error('the disk is full')) : pictures.part(...given)) },
    });
    const picture = makePicture(6);
    await write(picture);
    const uplink = await start(hurried);
    waiting.add(picture);
    await until(() => (uplink.counters().picture_repeats ?? 0) >= 2, 'the second try');
    expect([await alarms(), waiting.done_.length]).toEqual([1, 0]);
    isDown = false;
    await until(() => waiting.done_.length === 1, 'the picture');
  });

  it('are not offered to a cloud that says nothing of them', async () => {
    await open({ pictures: undefined });
    const picture = makePicture(7);
    await write(picture);
    const uplink = await start();
    waiting.add(picture);
    await until(async () => (await alarms()) === 1, 'the alarm');
    await systemClock.sleep(200);
    expect(uplink.counters()).toMatchObject({ picture_parts: 0, connects: 1 });
    expect(uplink.state().wire).toBe('connected');
  });

  it('of nonsense end the session of whoever sends it', async () => {
    await open();
    const { connect } = await cloud.identity('gw-1');
    const mqtt = await import('mqtt');
    const client = await mqtt.default.connectAsync(`mqtts://127.0.0.1:${cloud.port}`, {
      ...connect,
      clientId: 'gw-1',
      reconnectPeriod: 0,
    });
    client.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish('gw/gw-1/blob', Buffer.from('{"id":"../../etc/passwd"}'), { qos: 1 });
    await ended;
    expect(cloud.server.counters()).toMatchObject({ malformed: 1, pictures: 0 });
  });
});
