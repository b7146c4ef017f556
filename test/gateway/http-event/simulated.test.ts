import { loadLibrary, type LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import { httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import type { Fault } from '../../../gateway/simulate/faults.ts';
import { SimulatedHttpDevice } from '../../../gateway/simulate/wires/http-event/device.ts';
import { eventTypes } from '../../../gateway/simulate/said/message.ts';
import { device, httpPort, type Options, secretFile, secretOf, temporaryFolder } from './rig.ts';

const { profiles } = await loadLibrary();
const ofHttp: [string, Profile][] = [...profiles].flatMap(([id, { profile }]) =>
  profile.transport.protocol === 'http-event' && profile.children === undefined ? [[id, profile] as [string, Profile]] : [],
);
const identity = 'A123456';
const password = 'what the installer chose';

interface Wish extends Pick<Options, 'memory'> {
  /** What the gateway believes the device's password to be. */
  readonly believed?: string;
  /** It posts to nobody, and can only be listened to. */
  readonly isMute?: boolean;
}

/** A device of the library, simulated, and the port that it belongs to. */
async function both(id: string, { memory, believed = password, isMute = false }: Wish = {}) {
  const { profile } = profiles.get(id) as LoadedProfile;
  const { listen, stream } = httpEventOf(profile);
  const hasKey = Object.values(listen).some(({ path }) => path.includes('{key}'));
  const isPosting = !isMute && Object.keys(listen).length > 0;
  const simulated = new SimulatedDevice('sim', profile, { identity }, () => 0.25);
  // The device is there before the gateway is, and tries until somebody answers.
  const gateway = { host: '127.0.0.1', port: 1 };
  const sim = new SimulatedHttpDevice({
    device: simulated,
    own: { host: '127.0.0.1', port: 0 },
    ...(isPosting && { gateway }),
    ...(hasKey && { key: secretOf('sim') }),
    login: { username: 'admin', password },
    clock: systemClock,
    random: () => 0.5,
  });
  await sim.start();
  onTestFinished(() => sim.stop());
  const folder = temporaryFolder();
  const isGoneTo = stream !== undefined || Object.values(profile.commands).some(({ do: asked }) => 'path' in (asked as object));
  const passwordFile = secretFile(folder, believed);
  const address = {
    identity,
    ...(!hasKey && { key: undefined, from: ['127.0.0.1'] }),
    ...(isGoneTo && { host: '127.0.0.1', port: sim.port, username: 'admin', passwordFile }),
  };
  const port = isPosting ? { senders: hasKey ? 'known' : 'pinned' } : { listen: undefined };
  const rig = await httpPort([device('sim', profile, address)], { folder, port, ...(memory && { memory }) });
  gateway.port = rig.port.listensOn ?? 1;
  const decoder = compile(profile);
  const decoded = () => rig.kept.frames.map((frame) => decoder.decode(frame));
  const become = (fault: Fault | null) => {
    simulated.fault = fault;
    sim.failed();
  };
  const act = (command: string, args = {}) => {
    const spec = profile.commands[command];
    if (!spec) throw new Error(`no command ${command}`);
    return rig.port.act({ id: 'act-1', device: 'sim', command, spec, args, deadlineMono: systemClock.mono() + 20_000 });
  };
  return {
    ...rig,
    sim,
    simulated,
    become,
    act,
    events: () => decoded().flatMap(({ events }) => events),
    history: () =>
      rig.kept.frames
        .filter(({ body }) => body.kind === 'fields' && body.historical === true)
        .flatMap((frame) => decoder.decode(frame).events),
    readings: () => decoded().flatMap(({ readings }) => readings),
    isStreaming: () => rig.kept.until(() => rig.port.counters()['streams_up'] === 1),
  };
}

describe('every device of the library that speaks HTTP', () => {
  it('is one of these', () => expect(ofHttp.length).toBeGreaterThanOrEqual(11));
  it.each(ofHttp)('%s: each of its events is heard as what it is', async (id, profile) => {
    const { sim, events, kept } = await both(id);
    const types = eventTypes(profile);
    for (const type of types) {
      const before = events().length;
      await sim.fire(type);
      await kept.until(() => events().length > before);
    }
    // What it says on two ways is heard once where it is numbered.
    const heard = events();
    expect(new Set(heard.map(({ type }) => type))).toEqual(new Set(types));
    const numbers = heard.flatMap(({ serial }) => serial ?? []);
    expect(numbers).toEqual([...new Set(numbers)]);
  });
  it.each(ofHttp.filter(([, { points }]) => Object.keys(points).length > 0))('%s: its values are heard', async (id, profile) => {
    const { sim, kept, simulated, readings } = await both(id);
    for (const [point, value] of Object.entries(simulated.values(systemClock.now()))) simulated.set(point, value);
    await sim.say();
    await kept.until(() => new Set(readings().map(({ point }) => point)).size === Object.keys(profile.points).length);
    for (const { point, value, quality } of readings()) {
      expect([point, quality, value]).toEqual([point, 'good', simulated.value(point, 0)]);
    }
  });
});

describe('a simulated terminal', () => {
  it('tells all that happened while nobody heard it, once, and not as news', async () => {
    const { sim, kept, events, history, become, isStreaming } = await both('hikvision.access-terminal');
    await isStreaming();
    await sim.fire('door.opened');
    await kept.until(() => events().length === 1);
    become('unplugged');
    await sim.fire('door.forced');
    await sim.fire('person.duress');
    become(null);
    await sim.fire('door.closed');
    await kept.until(() => events().length >= 4);
    const heard = events().toSorted((a, b) => Number(a.serial) - Number(b.serial));
    expect(heard.map(({ type, serial }) => [type, serial])).toEqual([
      ['door.opened', '1'],
      ['door.forced', '2'],
      ['person.duress', '3'],
      ['door.closed', '4'],
    ]);
    // The last one is asked for too where the stream was not back yet; the first was heard as it happened.
    const asHistory = history().map(({ serial }) => serial);
    expect(asHistory).toEqual(expect.arrayContaining(['2', '3']));
    expect(asHistory).not.toContain('1');
  });

  it('goes on where it was after the gateway has been away', async () => {
    const first = await both('hikvision.access-terminal');
    await first.sim.fire('door.opened');
    await first.port.stop();
    const second = await both('hikvision.access-terminal', { memory: first.kept.memory });
    // The same numbers again, by a device that was not there meanwhile: 1 was kept, 2 and 3 are missing once 4 is heard.
    second.become('silent');
    for (const type of ['door.opened', 'door.held', 'door.closed']) await second.sim.fire(type);
    second.become(null);
    await second.sim.fire('access.doorbell');
    await second.kept.until(() => second.events().length >= 3);
    const types = second.events().map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set(['door.held', 'door.closed', 'access.doorbell']));
  });

  it('opens its door to who knows its password', async () => {
    const { sim, act } = await both('hikvision.access-terminal');
    expect(await act('open_door', { door: 2 })).toEqual({ state: 'sent' });
    expect(sim.orders).toEqual(['PUT /ISAPI/AccessControl/RemoteControl/door/2']);
  });
});

describe('a simulated device that does wrong', () => {
  const posting = 'generic.lift-monitor.http';
  it.each(['truncated', 'slow', 'garbage'] as const)('%s: what it posts is kept once, when it is whole', async (fault) => {
    const { sim, events, become } = await both(posting);
    become(fault);
    await sim.fire('lift.overspeed');
    expect(events().map(({ type }) => type)).toEqual(['lift.overspeed']);
    expect(sim.repeats).toBe(fault === 'slow' ? 0 : 1);
  });
  it('is asked to say it again while the gateway cannot keep it', async () => {
    const { sim, kept, events } = await both(posting);
    let refusals = 2;
    kept.emit = () => (refusals-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve());
    await sim.fire('lift.overspeed');
    expect([events().length, sim.repeats]).toEqual([1, 2]);
  });
  it.each(['truncated', 'slow'] as const)('%s: what it streams is heard once, when it is whole', async (fault) => {
    const { sim, kept, events, become, isStreaming } = await both('hikvision.camera', { isMute: true });
    await isStreaming();
    become(fault);
    await sim.fire('video.tamper');
    await kept.until(() => events().length > 0);
    expect(events().map(({ type }) => type)).toEqual(['video.tamper']);
  });
  it('is gone back to when it is well again, and nothing of its noise is an event', async () => {
    const { sim, kept, port, events, become, isStreaming } = await both('hikvision.camera', { isMute: true });
    await isStreaming();
    become('garbage');
    await sim.fire('video.tamper');
    await vi.waitUntil(() => (port.counters()['parts_unread'] ?? 0) > 0);
    become('exception');
    await kept.until(() => port.state().wire !== 'up');
    become(null);
    await isStreaming();
    await sim.fire('video.tamper');
    await kept.until(() => events().length > 0);
    expect(events().map(({ type }) => type)).toEqual(['video.tamper']);
  });
  it('lets nobody in with a wrong password, and is not stormed', async () => {
    const { sim, kept, port } = await both('dahua.camera', { believed: 'another' });
    await kept.until(() => port.state().wire === 'down');
    expect(port.state().reason?.en).toMatch(/password/);
    await systemClock.sleep(300);
    expect(sim.refusals).toBe(2);
  });
});

describe('an order', () => {
  it('waits at a controller that asks, and is said to be done', async () => {
    const { sim, act } = await both('zkteco.push-access');
    expect(await act('open_door', { door: '01' })).toEqual({ state: 'sent' });
    expect(sim.orders).toEqual([expect.stringMatching(/^C:\d+:CONTROL DEVICE 01010105$/)]);
  });
  it('raises the barrier of a plate reader that holds its question open', async () => {
    const { sim, act } = await both('vzenith.plate-reader');
    expect(await act('open_gate')).toEqual({ state: 'sent' });
    await vi.waitUntil(() => sim.orders.length > 0);
    expect(sim.orders).toEqual(['"info":"ok","content":"retransfer_stop","is_pay":"true"']);
  });
});
