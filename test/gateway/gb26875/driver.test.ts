import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { Act, BoundDevice, RunningPort } from '../../../gateway/collect/driver.ts';
import type { Gb26875Address } from '../../../gateway/collect/gb26875/address.ts';
import { driver } from '../../../gateway/collect/gb26875/driver.ts';
import { SimulatedPanel } from '../../../gateway/simulate/wires/gb26875/panel.ts';
import { frameBytes, hearFrames, type HeardFrame, partState, state } from '../../../gateway/simulate/wires/gb26875/frames.ts';
import { bareProfile } from '../listening/profile.ts';
import { dial, type Disk, quietly, rig, until } from '../listening/rig.ts';
import { vectors } from './vectors.ts';

const profile = bareProfile({ protocol: 'gb26875', zone: '+08:00' });
const panelAt = (id: string, address: unknown): BoundDevice<Gb26875Address> => ({
  id,
  profile,
  address: driver.address.parse(address),
});
const panel = panelAt('panel', { source: '0000000000AB' });
const smoke = { system: 1, systemAddress: 1, type: 42, address: 0x0001_0002 };

async function open(
  devices: readonly BoundDevice<Gb26875Address>[] = [panel],
  more: { readonly disk?: Disk; readonly kept?: ReadonlyMap<string, string> } = {},
): Promise<{ port: RunningPort & { listensOn: number | null }; disk: Disk }> {
  const made = rig({ listen: '127.0.0.1:0' }, devices, systemClock, more);
  const port = (await driver.start(made.context)) as RunningPort & { listensOn: number | null };
  onTestFinished(() => port.stop());
  return { port, disk: made.disk };
}

function simulated(port: number | null, more: object = {}): SimulatedPanel {
  const made = new SimulatedPanel({ host: '127.0.0.1', port: port as number, clock: systemClock, source: 0xab, ...more });
  onTestFinished(() => made.stop());
  return made;
}

const spoken = (disk: Disk) =>
  disk.frames.flatMap(({ body, child }) =>
    body.kind === 'fields'
      ? [{ channel: body.channel, fire: (body.fields as Record<string, unknown>)['fire'], child: child?.key }]
      : [],
  );

describe('a panel', () => {
  it('registers, beats, raises fire at a part and restores it, each confirmed', async () => {
    const { port, disk } = await open();
    const device = simulated(port.listensOn);
    await device.heartbeat();
    await device.part(smoke, state.fire);
    await device.part(smoke, state.normal);
    expect(spoken(disk)).toEqual([
      { channel: 'part', fire: true, child: 'part-1-1-42-00010002' },
      { channel: 'part', fire: false, child: 'part-1-1-42-00010002' },
    ]);
    expect(disk.frames.every(({ device: id }) => id === 'panel')).toBe(true);
    expect(port.state().devices['panel']?.heardAt).toBeGreaterThan(0);
    expect(port.exchanges?.('panel').some(({ sent }) => sent?.startsWith('4040'))).toBe(true);
  });

  it('is confirmed with its own serial and the addresses swapped, and only when the frame is on disk', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    disk.hold();
    device.send(
      frameBytes({ serial: 0x1234, source: 0xab, destination: 100, command: 2, data: partState(smoke, state.fire, 0), local: 0 }),
    );
    await until(() => disk.emits === 1, 'the frame is offered');
    await quietly();
    expect(device.heard.length).toBe(0);
    disk.release();
    await until(() => device.heard.length === 30, 'the confirmation');
    expect(device.heard.subarray(0, 6).toString('hex')).toBe('404034120102');
    expect(device.heard.subarray(12, 27).toString('hex')).toBe('640000000000ab0000000000000003');
  });

  it('that was not confirmed says it again, and it is one event', async () => {
    const { port, disk } = await open();
    const bytes = frameBytes({
      serial: 5,
      source: 0xab,
      destination: 100,
      command: 2,
      data: [24, 1, 1, 3, 1, 2, 3, 4, 5, 26],
      local: 0,
    });
    const device = await dial(port.listensOn);
    device.send(bytes);
    device.send(bytes);
    await until(() => device.heard.length === 60, 'both are confirmed');
    const again = await dial(port.listensOn);
    again.send(bytes);
    await until(() => again.heard.length === 30, 'on a new connection too');
    expect(spoken(disk)).toHaveLength(1);
    expect(port.counters()['frames_repeated']).toBe(2);
    // The same serial with other words is another event.
    again.send(
      frameBytes({
        serial: 5,
        source: 0xab,
        destination: 100,
        command: 2,
        data: [24, 1, 2, 3, 1, 2, 3, 4, 5, 26],
        local: 0,
      }),
    );
    await until(() => again.heard.length === 60, 'it is confirmed');
    expect(spoken(disk)).toHaveLength(2);
  });

  it('whose event was kept but not confirmed when the gateway died is known by the next one', async () => {
    const bytes = frameBytes({
      serial: 9,
      source: 0xab,
      destination: 100,
      command: 2,
      data: [24, 1, 4, 3, 1, 2, 3, 4, 5, 26],
      local: 0,
    });
    const first = await open();
    const device = await dial(first.port.listensOn);
    device.send(bytes);
    await until(() => device.heard.length === 30, 'the confirmation');
    await first.port.stop();
    const second = await open([panel], { kept: first.disk.kept });
    const back = await dial(second.port.listensOn);
    back.send(bytes);
    await until(() => back.heard.length === 30, 'the confirmation');
    expect([spoken(first.disk).length, spoken(second.disk).length]).toEqual([1, 0]);
  });

  it('says it until it is kept: a disk that fails in between loses nothing', { timeout: 30_000 }, async () => {
    const { port, disk } = await open();
    const device = simulated(port.listensOn);
    disk.failing = 5;
    await device.part(smoke, state.fire);
    expect(spoken(disk).filter(({ fire }) => fire === true)).toHaveLength(1);
  });

  it('of a source nobody knows is refused, with the source to copy into the site file', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.dirtySmoke);
    await device.closes();
    expect(port.state().refused).toMatchObject([{ what: 'source 0000322c312c (127.0.0.1)' }]);
    expect(disk.frames).toEqual([]);
  });

  it('that sends source 0, as real ones do, is told by its address', async () => {
    const here = panelAt('here', { peer: '127.0.0.1' });
    const there = panelAt('there', { peer: '127.0.0.2' });
    const { port, disk } = await open([here, there]);
    for (const from of ['127.0.0.1', '127.0.0.2']) {
      const device = await dial(port.listensOn, from);
      device.send(vectors.registration);
      device.send(vectors.fault);
      await until(() => device.heard.length === 60, 'both are confirmed');
    }
    expect(disk.frames.map(({ device }) => device)).toEqual(['here', 'here', 'there', 'there']);
  });

  it('with noise around its frames and frames in pieces loses none', async () => {
    const { port, disk } = await open([panelAt('panel', { peer: '127.0.0.1' })]);
    const device = await dial(port.listensOn);
    const bytes = Buffer.concat([
      Buffer.from('@@junk'),
      vectors.fault,
      Buffer.from('##@'),
      vectors.restored.subarray(0, 20),
      vectors.onBattery,
      vectors.restored,
    ]);
    for (let at = 0; at < bytes.length; at += 7) device.send(bytes.subarray(at, at + 7));
    await until(() => spoken(disk).length === 3, 'all three', 20_000);
    expect(spoken(disk).map(({ channel }) => channel)).toEqual(['part', 'transmitter', 'part']);
  });
});

describe('a command', () => {
  const act = (spec: unknown, args: Act['args'] = {}, deadlineMono = 1e12): Act => ({
    id: '1',
    device: 'panel',
    command: 'x',
    spec: { name: { zh: '命令' }, args: {}, do: spec, confirm: 'none', ttl: 1 },
    args,
    deadlineMono,
  });

  it('sets the clock, and asks for somebody at the panel', async () => {
    const { port } = await open();
    const device = simulated(port.listensOn, { clockOffMs: -86_400_000 });
    await device.heartbeat();
    expect(port.state().devices['panel']?.fault).toBe('clock-skew');
    expect(await port.act?.(act({ send: 'clock' }))).toEqual({ state: 'sent' });
    expect(await port.act?.(act({ send: 'inspect', minutes: '{minutes}' }, { minutes: 10 }))).toEqual({ state: 'sent' });
    expect(await port.act?.(act({ send: 'read-transmitter' }))).toEqual({ state: 'sent' });
    expect(device.inspections).toEqual([10]);
    expect(port.counters()['commands_sent']).toBe(3);
  });

  it('carries the gateway’s time in the zone of the panel', async () => {
    const { port } = await open();
    const device = await dial(port.listensOn);
    device.send(frameBytes({ serial: 1, source: 0xab, destination: 100, command: 2, data: [], local: 0 }));
    await until(() => device.heard.length === 30, 'the confirmation');
    void port.act?.(act({ send: 'clock' }));
    await until(() => device.heard.length === 68, 'the command');
    const [, command] = hearFrames(device.heard).frames as [HeardFrame, HeardFrame];
    const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = command.data.subarray(2);
    expect(command).toMatchObject({ command: 1, type: 90 });
    expect(Math.abs(Date.UTC(2000 + year, month - 1, day, hour, minute, second) - 8 * 3_600_000 - Date.now())).toBeLessThan(
      60_000,
    );
  });

  it('that is denied is refused, one that is not answered is unknown, one that is late is never sent', async () => {
    const { port } = await open();
    expect(await port.act?.(act({ send: 'clock' }))).toMatchObject({ state: 'refused', code: 'not-connected' });
    const device = await dial(port.listensOn);
    device.send(frameBytes({ serial: 1, source: 0xab, destination: 100, command: 2, data: [], local: 0 }));
    await until(() => device.heard.length === 30, 'the confirmation');
    expect(await port.act?.(act({ send: 'clock' }, {}, -1))).toMatchObject({ state: 'expired' });
    expect(device.heard.length).toBe(30);
    const denied = port.act?.(act({ send: 'inspect', minutes: 3 }));
    await until(() => device.heard.length > 30, 'the command');
    const [, command] = hearFrames(device.heard).frames as [HeardFrame, HeardFrame];
    device.send(frameBytes({ serial: command.serial, source: 0xab, destination: 100, command: 6, data: [], local: 0 }));
    expect(await denied).toMatchObject({ state: 'refused', code: 'denied' });
    const unanswered = port.act?.(act({ send: 'clock' }));
    await until(() => device.heard.length > 65, 'the command');
    device.socket.destroy();
    expect(await unanswered).toMatchObject({ state: 'unknown', code: 'no-answer' });
  });
});

describe('the site file', () => {
  it('two panels that nothing tells apart are a problem', () => {
    expect(driver.check({ listen: '0.0.0.0:9000' }, [panel, panelAt('other', { source: '0000000000ab' })])).toMatchObject([
      { path: 'devices.other.address' },
    ]);
    expect(
      driver.check({ listen: '0.0.0.0:9000' }, [panel, panelAt('other', { source: '0000000000ab', peer: '10.0.0.1' })]),
    ).toEqual([]);
  });

  it('an address says something', () => {
    expect(driver.address.safeParse({}).success).toBe(false);
    expect(driver.address.safeParse({ source: '12' }).success).toBe(false);
    expect(driver.port.safeParse({ listen: '0.0.0.0:99999' }).success).toBe(false);
    expect(driver.port.safeParse({ listen: '0.0.0.0:9000', allow: ['10.0.0.0/8'], silentAfter: '10m' }).success).toBe(true);
  });
});
