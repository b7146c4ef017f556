import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { Act, BoundDevice, RunningPort } from '../../../gateway/collect/driver.ts';
import type { DnyAddress } from '../../../gateway/collect/dny/address.ts';
import { driver } from '../../../gateway/collect/dny/driver.ts';
import { chargingData, dnyBytes, heartbeatData, SimulatedPile } from '../../../gateway/simulate/wires/dny/pile.ts';
import { bareProfile } from '../listening/profile.ts';
import { dial, type Disk, quietly, rig, until } from '../listening/rig.ts';
import { vectors } from './vectors.ts';

const profile = bareProfile({ protocol: 'dny' });
const pileAt = (device: string, id: string): BoundDevice<DnyAddress> => ({
  id: device,
  profile,
  address: driver.address.parse({ id }),
});

async function open(
  devices = [pileAt('pile', '04AB373B'), pileAt('socket', '04a228cd')],
): Promise<{ port: RunningPort & { listensOn: number | null }; disk: Disk }> {
  const made = rig({ listen: '127.0.0.1:0' }, devices, systemClock);
  const port = (await driver.start(made.context)) as RunningPort & { listensOn: number | null };
  onTestFinished(() => port.stop());
  return { port, disk: made.disk };
}

function simulated(port: number | null): SimulatedPile {
  const pile = new SimulatedPile({ host: '127.0.0.1', port: port as number, clock: systemClock, id: 0x04ab373b });
  onTestFinished(() => pile.stop());
  return pile;
}

const act = (spec: unknown, args: Act['args'] = {}): Act => ({
  id: '1',
  device: 'pile',
  command: 'x',
  spec: { name: { zh: '命令' }, args: {}, do: spec, confirm: 'none', ttl: 1 },
  args,
  deadlineMono: 1e12,
});

const channels = (disk: Disk) =>
  disk.frames.map(({ body, child }) => [body.kind === 'fields' ? body.channel : body.kind, child?.key]);

describe('a pile', () => {
  it('is acked as the maker’s papers show it, when it is on disk', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    disk.hold();
    device.send(Buffer.concat([Buffer.from('89860429165872938875'), vectors.heartbeat]));
    await until(() => disk.emits === 1, 'the heartbeat is offered');
    await quietly();
    expect(device.heard.length).toBe(0);
    disk.release();
    await until(() => device.heard.length === 15, 'the ack');
    expect(device.heard).toEqual(vectors.heartbeatAck);
    device.send(vectors.settled);
    await until(() => device.heard.length === 30, 'the ack');
    expect(device.heard.subarray(15)).toEqual(vectors.settledAck);
  });

  it('beats, charges, settles, raises an alarm', async () => {
    const { port, disk } = await open();
    const pile = simulated(port.listensOn);
    await pile.heartbeat();
    await pile.charging(1, 100);
    await pile.alarm(4);
    await pile.settled(1, 0x11);
    await pile.link();
    await until(() => disk.frames.length === 7, 'all of it');
    expect(channels(disk)).toEqual([
      ['pile', undefined],
      ['port', 'port-01'],
      ['port', 'port-02'],
      ['port', 'port-02'],
      ['alarm', undefined],
      ['charge', undefined],
      ['alive', undefined],
    ]);
  });

  it('is told the time', async () => {
    const { port } = await open();
    const device = await dial(port.listensOn);
    device.send(dnyBytes(0x04ab373b, 9, 0x22, []));
    await until(() => device.heard.length === 18, 'the time');
    expect(device.heard.subarray(0, 12).toString('hex')).toBe('444e590d003b37ab04090022');
    expect(Math.abs(device.heard.readUInt32LE(12) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('that repeats a settlement is one event, acked twice', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(Buffer.concat([vectors.settled, vectors.settled]));
    await until(() => device.heard.length === 30, 'two acks');
    expect(disk.frames.filter(({ body }) => body.kind === 'fields')).toHaveLength(1);
  });

  it('that shows a card is not answered: that is the operator’s business', async () => {
    const { port } = await open();
    const device = await dial(port.listensOn);
    device.send(dnyBytes(0x04ab373b, 1, 0x02, [0x7a, 0x8d, 0x05, 0xdd, 0, 1, 0, 0]));
    device.send(vectors.heartbeat);
    await until(() => device.heard.length === 15, 'the heartbeat alone is acked');
    expect(JSON.stringify(port.exchanges?.('pile'))).not.toContain('7a8d05dd');
  });

  it('nobody knows is refused; behind a host that is known it costs the others nothing', async () => {
    const { port, disk } = await open();
    const stranger = await dial(port.listensOn);
    stranger.send(dnyBytes(0x04ffffff, 1, 0x21, heartbeatData(220, [0], 20)));
    await stranger.closes();
    const host = await dial(port.listensOn);
    host.send(vectors.heartbeat);
    host.send(dnyBytes(0x04ffffff, 1, 0x21, heartbeatData(220, [0], 20)));
    host.send(vectors.heartbeatOld);
    await until(() => disk.frames.some(({ device }) => device === 'socket'), 'the one behind it');
    expect(host.closed).toBe(false);
    expect(port.state().refused).toMatchObject([{ what: 'id 04ffffff (no. 16777215) (127.0.0.1)' }]);
  });
});

describe('a command', () => {
  it('finds a pile, asks it, and stops a charge whose order is known', async () => {
    const { port, disk } = await open();
    const pile = simulated(port.listensOn);
    await pile.heartbeat();
    expect(await port.act?.(act({ send: 'stop', port: '{port}' }, { port: 2 }))).toMatchObject({
      state: 'refused',
      code: 'no-order',
    });
    await pile.charging(1, 100);
    await until(() => channels(disk).length === 4, 'the order is known');
    expect(await port.act?.(act({ send: 'locate', seconds: 10 }))).toEqual({ state: 'sent' });
    expect(await port.act?.(act({ send: 'query' }))).toEqual({ state: 'sent' });
    expect(await port.act?.(act({ send: 'stop', port: '{port}' }, { port: 2 }))).toEqual({ state: 'sent' });
    expect(pile.done.map(({ command }) => command)).toEqual([0x96, 0x82]);
    const stop = pile.done[1]?.data;
    expect([stop?.[5], stop?.[6], stop?.subarray(9, 25).toString('hex')]).toEqual([1, 0, '20260503100100000000000000000001']);
  });

  it('has the bytes of a real one', async () => {
    const { port } = await open([pileAt('pile', '04a26cf3')]);
    const device = await dial(port.listensOn);
    device.send(dnyBytes(0x04a26cf3, 1, 0x06, chargingData(0, 1, 1, 1, [])));
    await until(() => port.state().devices['pile']?.heardAt !== null, 'it is known');
    const outcome = port.act?.(act({ send: 'locate', seconds: 10 }));
    await until(() => device.heard.length === 15, 'the command');
    // All but the number of the message, which is ours, and the sum over it.
    expect(device.heard.subarray(0, 9)).toEqual(vectors.locate.subarray(0, 9));
    expect(device.heard.subarray(11, 13)).toEqual(vectors.locate.subarray(11, 13));
    device.send(dnyBytes(0x04a26cf3, device.heard.readUInt16LE(9), 0x96, [1]));
    expect(await outcome).toMatchObject({ state: 'refused', code: 'refused-by-pile' });
  });

  it('is not sent within half a second of another', async () => {
    const { port } = await open();
    const pile = simulated(port.listensOn);
    await pile.heartbeat();
    const begun = systemClock.mono();
    await port.act?.(act({ send: 'locate', seconds: 1 }));
    await port.act?.(act({ send: 'locate', seconds: 1 }));
    expect(systemClock.mono() - begun).toBeGreaterThanOrEqual(490);
  });
});

describe('the site file', () => {
  it('does not have an id twice', () => {
    expect(driver.check({ listen: '0.0.0.0:1' }, [pileAt('a', '04ab373b'), pileAt('b', '04AB373B')])).toMatchObject([
      { path: 'devices.b.address.id' },
    ]);
  });
});
