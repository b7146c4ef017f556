import { loadLibrary } from '@yihu/device-profiles/library/load.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { Driver, RunningPort } from '../../../gateway/collect/driver.ts';
import { compileChildren } from '../../../gateway/decode/children.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';
import { evaluate } from '../../../gateway/evaluate/evaluate.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { type DeviceState, freshState } from '../../../gateway/evaluate/state.ts';
import { SimulatedAlarmHost } from '../../../gateway/simulate/wires/dc09/alarm-host.ts';
import { SimulatedPile } from '../../../gateway/simulate/wires/dny/pile.ts';
import { SimulatedPanel } from '../../../gateway/simulate/wires/gb26875/panel.ts';
import { state } from '../../../gateway/simulate/wires/gb26875/frames.ts';
import { rig } from './rig.ts';

/** What a device that dials in says of its parts, from its bytes to the alarm of the part, by the profiles of the library. */

const { profiles } = await loadLibrary();
const drivers = await loadDrivers();

function profileOf(id: string): Profile {
  const found = profiles.get(id)?.profile;
  if (!found) throw new Error(`no profile ${id}`);
  return found;
}

/** A port with one device of the profile; `said` is what its frames said so far, by part. */
async function open(id: string, address: unknown): Promise<{ port: number; frames: Frame[] }> {
  const profile = profileOf(id);
  const driver = drivers.get(profile.transport.protocol) as Driver;
  const device = { id: 'device', profile, address: driver.address.parse(address) };
  const { context, disk } = rig<unknown, unknown>(driver.port.parse({ listen: '127.0.0.1:0' }), [device], systemClock);
  const running = (await driver.start(context)) as RunningPort & { listensOn: number };
  onTestFinished(() => running.stop());
  return { port: running.listensOn, frames: disk.frames };
}

/** `part profile: alarm raised` (or `cleared`), in order; a part's rules go on from what they knew. */
function alarmsOf(parent: Profile, frames: readonly Frame[]): string[] {
  const split = compileChildren(parent);
  const states = new Map<string, DeviceState>();
  return frames.flatMap(split).flatMap((frame) => {
    const { key = 'itself', profile: id = parent.id } = frame.child ?? {};
    const profile = profileOf(id);
    const { at, body } = frame;
    if (body.kind === 'alive') return [];
    const decoded = compile(profile).decode(frame);
    expect(decoded.refused, JSON.stringify(body)).toBeUndefined();
    const result = evaluate(compileRules(profile), states.get(key) ?? freshState(0), decoded, { at, mono: at });
    states.set(key, result.state);
    return result.transitions.map(({ kind, alarm }) => `${key} ${id}: ${alarm} ${kind}`);
  });
}

const at = { host: '127.0.0.1', clock: systemClock };

describe('the parts of what dials in', () => {
  it('a smoke detector and a call point behind a transmitter each have their own fire', async () => {
    const { port, frames } = await open('gb26875.transmitter', { source: '0000000000AB' });
    const panel = new SimulatedPanel({ ...at, port, source: 0xab });
    onTestFinished(() => panel.stop());
    const smoke = { system: 1, systemAddress: 1, type: 42, address: 0x0001_0002 };
    await panel.part(smoke, state.fire);
    await panel.part({ ...smoke, type: 23, address: 0x0001_0003 }, state.fire);
    await panel.part(smoke, state.normal);
    await panel.part({ ...smoke, type: 250, address: 9 }, state.fault);
    await panel.transmitter(state.fire);
    expect(alarmsOf(profileOf('gb26875.transmitter'), frames)).toEqual([
      'part-1-1-42-00010002 gb26875.smoke: fire raised',
      'part-1-1-23-00010003 gb26875.manual-call-point: fire raised',
      'part-1-1-42-00010002 gb26875.smoke: fire cleared',
      'part-1-1-250-00000009 gb26875.part: fault raised',
      'itself gb26875.transmitter: fire raised',
    ]);
  });

  it('a zone that is restored ends no other zone’s alarm', async () => {
    const { port, frames } = await open('dc09.alarm-host', { account: '1234' });
    const host = new SimulatedAlarmHost({ ...at, port, account: '1234' });
    onTestFinished(() => host.stop());
    await host.event('1130', 1);
    await host.event('1130', 2);
    await host.event('3130', 2);
    expect(alarmsOf(profileOf('dc09.alarm-host'), frames)).toEqual([
      'zone-00-001 dc09.zone: burglary raised',
      'zone-00-002 dc09.zone: burglary raised',
      'zone-00-002 dc09.zone: burglary cleared',
    ]);
  });

  it('a port whose relay sticks is the port’s trouble', async () => {
    const { port, frames } = await open('dny.charging-pile', { id: '04A26CF3' });
    const pile = new SimulatedPile({ ...at, port, id: 0x04a26cf3 });
    onTestFinished(() => pile.stop());
    pile.state(1, 9);
    await pile.heartbeat();
    expect(alarmsOf(profileOf('dny.charging-pile'), frames)).toEqual(['port-02 dny.charging-port: relay_stuck raised']);
  });

  it('have keys and profiles that hold', async () => {
    const { port, frames } = await open('gb26875.transmitter', { source: '0000000000AB' });
    const panel = new SimulatedPanel({ ...at, port, source: 0xab });
    onTestFinished(() => panel.stop());
    for (const type of [0, 1, 10, 16, 23, 24, 30, 40, 74, 91, 96, 102, 117, 128, 255])
      await panel.part({ system: 255, systemAddress: 255, type, address: 0xffff_ffff }, state.normal);
    const split = compileChildren(profileOf('gb26875.transmitter'));
    const children = frames.flatMap(split).flatMap(({ child }) => child ?? []);
    expect(new Set(children.map(({ key }) => key)).size).toBe(15);
    for (const { key, profile = '' } of children) {
      expect(key).toMatch(/^[a-z0-9][a-z0-9-]{0,47}$/);
      expect(profileOf(profile).transport.protocol).toBe('gb26875');
    }
  });
});
