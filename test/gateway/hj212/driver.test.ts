import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { Act, BoundDevice, RunningPort } from '../../../gateway/collect/driver.ts';
import type { Hj212Address } from '../../../gateway/collect/hj212/address.ts';
import { driver } from '../../../gateway/collect/hj212/driver.ts';
import { packetBytes, SimulatedStation } from '../../../gateway/simulate/wires/hj212/station.ts';
import { HandClock } from '../../hand-clock.ts';
import { bareProfile } from '../listening/profile.ts';
import { dial, type Dialled, type Disk, quietly, rig, until } from '../listening/rig.ts';
import { vectors } from './vectors.ts';

const profile = bareProfile({ protocol: 'hj212', zone: '+08:00' });
const stationAt = (id: string, mn: string): BoundDevice<Hj212Address> => ({ id, profile, address: driver.address.parse({ mn }) });
const stations = [
  stationAt('air', '010000A8900016F000169DC0'),
  stationAt('water', '0873HHMZWSLH02'),
  stationAt('hourly', 'Z13401000010301'),
];

async function open(clock: Clock = systemClock): Promise<{ port: RunningPort & { listensOn: number | null }; disk: Disk }> {
  const made = rig({ listen: '127.0.0.1:0' }, stations, clock);
  const port = (await driver.start(made.context)) as RunningPort & { listensOn: number | null };
  onTestFinished(() => port.stop());
  return { port, disk: made.disk };
}

const heard = (dialled: Dialled) => dialled.heard.toString('latin1');
const act = (spec: unknown, args: Act['args'] = {}): Act => ({
  id: '1',
  device: 'air',
  command: 'x',
  spec: { name: { zh: '命令' }, args: {}, do: spec, confirm: 'none', ttl: 1 },
  args,
  deadlineMono: 1e12,
});

describe('a station', () => {
  it('is answered in the form of 2017, only when its data are on disk', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    disk.hold();
    device.send(vectors.air);
    await until(() => disk.emits === 1, 'the data are offered');
    await quietly();
    expect(heard(device)).toBe('');
    disk.release();
    await until(() => heard(device).endsWith('\r\n'), 'the answer');
    expect(heard(device)).toBe(
      packetBytes('QN=20160801085000001;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&').toString('latin1'),
    );
    expect(disk.frames).toMatchObject([
      { device: 'air', body: { channel: 'realtime', fields: { factors: { a34004: { rtd: 207 } } } } },
    ]);
  });

  it('of 2005 that asks for nothing gets nothing, and one that asks gets the form of 2005', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.water);
    await until(() => disk.frames.length === 1, 'it is kept');
    device.send(
      packetBytes(
        'QN=20040516010101001;ST=32;CN=2051;PW=123456;MN=0873HHMZWSLH02;Flag=1;CP=&&DataTime=20040516021000;B01-Avg=1&&',
      ),
    );
    await until(() => heard(device).endsWith('\r\n'), 'the answer');
    expect(heard(device)).toBe(
      packetBytes('ST=91;CN=9014;PW=123456;MN=0873HHMZWSLH02;Flag=0;CP=&&QN=20040516010101001;CN=2051&&').toString('latin1'),
    );
  });

  it('that repeats itself is one event, answered twice', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.hour + vectors.hour);
    await until(() => heard(device).split('CN=9014').length === 3, 'two answers');
    expect(disk.frames.filter(({ body }) => body.kind === 'fields')).toHaveLength(1);
  });

  it('sends its data in parts: each is kept and answered, with the time of the first', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    const head = (part: number) => `QN=20260503100100000;ST=22;CN=2011;PW=1;MN=Z13401000010301;Flag=7;PNUM=2;PNO=${part}`;
    device.send(packetBytes(`${head(1)};CP=&&DataTime=20260503100000;a34004-Rtd=1,a34004-Flag=N&&`));
    device.send(packetBytes(`${head(2)};CP=&&a34002-Rtd=2,a34002-Flag=N&&`));
    await until(() => heard(device).split('CN=9014').length === 3, 'two answers');
    expect(disk.frames.map(({ body }) => body.kind === 'fields' && (body.fields as Record<string, unknown>)['at'])).toEqual(
      Array.from({ length: 2 }, () => '2026-05-03T10:00:00+08:00'),
    );
  });

  it('that asks for the time gets an answer to its notice', async () => {
    const { port } = await open();
    const device = await dial(port.listensOn);
    device.send(packetBytes('QN=20260503100100000;ST=22;CN=1013;PW=1;MN=Z13401000010301;Flag=5;CP=&&PolId=w01018&&'));
    await until(() => heard(device).includes('CN=9013'), 'the answer');
  });

  it('reports by itself and is kept, though the disk fails in between', { timeout: 30_000 }, async () => {
    const { port, disk } = await open();
    const station = new SimulatedStation({
      host: '127.0.0.1',
      port: port.listensOn as number,
      clock: systemClock,
      mn: 'Z13401000010301',
    });
    onTestFinished(() => station.stop());
    disk.failing = 3;
    await station.realtime({ a34004: 35, LA: 51.2 }, { LA: 'D' });
    expect(disk.frames.filter(({ body }) => body.kind === 'fields')).toMatchObject([
      { body: { fields: { factors: { a34004: { rtd: 35 }, LA: { rtd: null, flag: 'D' } } } } },
    ]);
  });

  it('whose name nobody knows is refused, and its password is not shown', async () => {
    const { port } = await open();
    const device = await dial(port.listensOn);
    device.send(packetBytes('QN=1;ST=22;CN=2011;PW=secret;MN=STRANGER;Flag=5;CP=&&&&'));
    await device.closes();
    expect(port.state().refused).toMatchObject([{ what: 'MN STRANGER (127.0.0.1)' }]);
    const known = await dial(port.listensOn);
    known.send(vectors.hour);
    await until(() => heard(known).includes('9014'), 'the answer');
    expect(JSON.stringify([port.state(), port.exchanges?.('hourly')])).not.toMatch(/secret|BF470F88957588DE902D1A52/);
  });
});

describe('a command', () => {
  it('is the standard’s own example', async () => {
    const clock = new HandClock(Date.UTC(2016, 7, 1, 0, 58, 57, 223));
    const { port } = await open(clock);
    const device = await dial(port.listensOn);
    // The station has said what it is; the centre sets its interval.
    device.send(
      packetBytes(
        'QN=20160801085000001;ST=32;CN=2011;PW=100000;MN=010000A8900016F000169DC0;Flag=4;CP=&&DataTime=20160801085000&&',
      ),
    );
    await until(() => port.state().devices['air']?.heardAt !== null, 'it is known');
    const outcome = port.act?.(act({ send: 'interval', seconds: '{seconds}' }, { seconds: 30 }));
    await until(() => heard(device).endsWith('\r\n'), 'the command');
    expect(heard(device)).toBe(vectors.interval);
    device.send(packetBytes('QN=20160801085857223;ST=91;CN=9011;PW=100000;MN=010000A8900016F000169DC0;Flag=4;CP=&&QnRtn=1&&'));
    device.send(packetBytes('QN=20160801085857223;ST=91;CN=9012;PW=100000;MN=010000A8900016F000169DC0;Flag=4;CP=&&ExeRtn=1&&'));
    expect(await outcome).toEqual({ state: 'sent' });
  });

  it('that the station refuses is refused, and one that it is silent about is unknown', async () => {
    const { port } = await open();
    expect(await port.act?.(act({ send: 'clock' }))).toMatchObject({ state: 'refused', code: 'not-connected' });
    const device = await dial(port.listensOn);
    device.send(vectors.air);
    await until(() => heard(device).includes('9014'), 'it is known');
    const refused = port.act?.(act({ send: 'clock' }));
    await until(() => heard(device).includes('CN=1012'), 'the command');
    const qn = /QN=(\d+);ST=22;CN=1012/.exec(heard(device))?.[1] ?? '';
    device.send(packetBytes(`QN=${qn};ST=91;CN=9011;PW=1;MN=010000A8900016F000169DC0;Flag=4;CP=&&QnRtn=2&&`));
    expect(await refused).toMatchObject({ state: 'refused' });
    const silent = port.act?.(act({ send: 'clock' }));
    await until(() => heard(device).split('CN=1012').length === 3, 'the command');
    device.socket.destroy();
    expect(await silent).toMatchObject({ state: 'unknown' });
  });

  it('reaches a simulated station', async () => {
    const { port } = await open();
    const station = new SimulatedStation({
      host: '127.0.0.1',
      port: port.listensOn as number,
      clock: systemClock,
      mn: '010000A8900016F000169DC0',
    });
    onTestFinished(() => station.stop());
    await station.realtime({ LA: 50 });
    expect(await port.act?.(act({ send: 'clock' }))).toEqual({ state: 'sent' });
    expect(station.requests).toMatchObject([{ cn: '1012', parameters: expect.stringMatching(/^SystemTime=\d{14}$/) as string }]);
  });
});
