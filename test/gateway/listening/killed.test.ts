import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { SimulatedAlarmHost } from '../../../gateway/simulate/wires/dc09/alarm-host.ts';
import { SimulatedPanel } from '../../../gateway/simulate/wires/gb26875/panel.ts';
import { SimulatedStation } from '../../../gateway/simulate/wires/hj212/station.ts';
import { SimulatedPile } from '../../../gateway/simulate/wires/dny/pile.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { gatewayProgram, Programs } from '../../stories/programs.ts';

/** A real gateway that dies again and again while four devices speak to it: what one of them was told is kept, is kept. */

const kills = 4;
/** What a device was told is kept, in the order it was told. */
type Acked = number[];

/** Says one number after the other, each until it was acked; resolves when it is told to stop. */
async function count(say: (n: number) => Promise<void>, acked: Acked, isOver: () => boolean, most: number): Promise<void> {
  for (let n = 1; n <= most && !isOver(); n++) {
    await say(n);
    acked.push(n);
    await systemClock.sleep(20);
  }
}

describe(`${kills} times SIGKILL while devices dial in`, () => {
  let programs: Programs;
  const acked = { panel: [] as Acked, host: [] as Acked, station: [] as Acked, pile: [] as Acked };
  let repeats = 0;
  let entries: Entry[] = [];

  beforeAll(async () => {
    programs = new Programs('listening');
    const port = { panel: await freePort(0), host: await freePort(0), station: await freePort(0), pile: await freePort(0) };
    const site = join(programs.folder, 'gateway.yaml');
    writeFileSync(
      site,
      stringify({
        schema: 'yihu-site/1',
        gateway: { id: 'gw-1', name: '测试网关' },
        data: 'gateway',
        listen: null,
        uplink: 'off',
        ports: [
          { id: 'fire', driver: 'gb26875', listen: `127.0.0.1:${port.panel}` },
          { id: 'alarm', driver: 'dc09', listen: `127.0.0.1:${port.host}` },
          { id: 'dust', driver: 'hj212', listen: `127.0.0.1:${port.station}` },
          { id: 'bikes', driver: 'dny', listen: `127.0.0.1:${port.pile}` },
        ],
        devices: [
          { id: 'panel', profile: 'gb26875.transmitter', port: 'fire', address: { source: '0000000000AB' }, name: '传输装置' },
          { id: 'host', profile: 'dc09.alarm-host', port: 'alarm', address: { account: '1234' }, name: '报警主机' },
          { id: 'station', profile: 'hj212.dust-noise', port: 'dust', address: { mn: 'DUST0001' }, name: '扬尘站' },
          { id: 'pile', profile: 'dny.charging-pile', port: 'bikes', address: { id: '04A26CF3' }, name: '充电桩' },
        ],
      }),
    );
    const at = { host: '127.0.0.1', clock: systemClock };
    const panel = new SimulatedPanel({ ...at, port: port.panel, source: 0xab });
    const host = new SimulatedAlarmHost({ ...at, port: port.host, account: '1234' });
    const station = new SimulatedStation({ ...at, port: port.station, mn: 'DUST0001' });
    const pile = new SimulatedPile({ ...at, port: port.pile, id: 0x04a26cf3 });
    const devices = [panel, host, station, pile];
    programs.atEnd(() => devices.forEach((device) => device.stop()));
    let isOver = false;
    const counting = [
      count(
        (n) => panel.operation(1, n),
        acked.panel,
        () => isOver,
        255,
      ),
      count(
        (n) => host.event('1601', n),
        acked.host,
        () => isOver,
        999,
      ),
      count(
        (n) => station.realtime({ a34004: n * 3 }),
        acked.station,
        () => isOver,
        300,
      ),
      // Voltage in tenths as it is sent; a charge that ended is told by its port.
      count(
        (n) => pile.settled(0, (n % 4) + 1),
        acked.pile,
        () => isOver,
        999,
      ),
    ];
    const start = () => programs.ours('gateway', [gatewayProgram, 'run', site, '--json']);
    let gateway = start();
    for (let i = 0; i < kills; i++) {
      await gateway.started;
      // Moments spread over a connect, a first frame and a stream of them.
      await systemClock.sleep(150 + ((i * 389) % 900));
      gateway.process.kill('SIGKILL');
      await gateway.ended;
      gateway = start();
    }
    await gateway.started;
    await systemClock.sleep(1_500);
    isOver = true;
    await Promise.all(counting);
    repeats = devices.reduce((sum, device) => sum + device.repeats, 0);
    gateway.process.kill('SIGTERM');
    await gateway.ended;
    entries = await readLog(join(programs.folder, 'gateway', 'log'));
  }, 120_000);

  afterAll(() => programs.dispose(), 60_000);

  const events = (device: string, type: string) =>
    entries.flatMap(({ record }) =>
      record.kind === 'alarm' && record.device === device ? record.events.filter((event) => event.type === type) : [],
    );

  it('each device said things again because the gateway died before its ack', () => {
    expect(repeats).toBeGreaterThan(0);
    for (const numbers of Object.values(acked)) expect(numbers.length).toBeGreaterThan(kills);
  });

  it('each operation at the transmitter is one event, in order', () => {
    expect(events('panel', 'operation.reset').map(({ data }) => Number(data?.['operator']))).toEqual(acked.panel);
  });

  it('each test of the alarm host is one event, in order', () => {
    expect(events('host', 'host.tested').map(({ data }) => Number(data?.['number']))).toEqual(acked.host);
  });

  it('each value of the dust station is one reading, in order', () => {
    const readings = entries.flatMap(({ record }) =>
      record.kind === 'readings' && record.device === 'station' ? record.readings.filter(({ point }) => point === 'pm25') : [],
    );
    expect(readings.map(({ value }) => Number(value) / 3)).toEqual(acked.station);
  });

  it('each charge that ended is one event', () => {
    expect(events('pile', 'charge.ended').length).toBe(acked.pile.length);
  });
});

/** Everything in a log that its gateway left, both lanes, each in its order. */
async function readLog(folder: string): Promise<Entry[]> {
  expect(existsSync(folder)).toBe(true);
  const log = await openLog({ folder, maxBytes: 64 * 1024 * 1024, readers: ['history'], clock: systemClock });
  const all: Entry[] = [];
  for (const lane of ['alarm', 'telemetry'] satisfies Lane[])
    for (let after = 0; ;) {
      const batches = await log.read('history', lane, 4 * 1024 * 1024, after);
      if (batches.length === 0) break;
      for (const { blob } of batches) all.push(...unpack(blob));
      after = batches.at(-1)?.last ?? after;
    }
  await log.close();
  return all;
}
