import { describe, expect, it } from 'vitest';
import { HandClock } from '../../hand-clock.ts';
import { camera, login, passing, until, watch } from './rig.ts';

describe('an output of a camera', () => {
  it('is switched by its place in the camera’s own order, and what came of it is heard', async () => {
    const cam = await camera({ login });
    const { act, messages, port } = await watch(cam.port, { password: login.password });
    await until(() => port.state().wire === 'up');
    expect(await act('open')).toEqual({ state: 'sent' });
    expect(cam.relays).toEqual([false, true]);
    await until(() => messages().length === 1);
    expect(messages()[0]).toMatchObject({
      topic: 'Device/Trigger/Relay',
      source: { RelayToken: 'Relay_2' },
      data: { LogicalState: 'active' },
    });
    expect(await act('pick', { nth: 1 })).toEqual({ state: 'sent' });
    expect(cam.relays).toEqual([true, true]);
    expect(port.counters()).toMatchObject({ commands_sent: 2 });
  });

  it('that the camera has not: refused, and nothing is sent', async () => {
    const cam = await camera();
    const { act } = await watch(cam.port);
    expect(await act('pick', { nth: 3 })).toMatchObject({ state: 'refused', code: 'no-relay' });
    expect(cam.countOf('SetRelayOutputState')).toBe(0);
  });

  it.each([
    ['fault', { state: 'refused', code: 'fault-Action' }],
    ['reset', { state: 'unknown', code: 'broken-off' }],
  ] as const)('%s: what is known of it is said, and it is not tried twice', async (how, outcome) => {
    const cam = await camera();
    cam.manners.relay = how;
    const { act } = await watch(cam.port);
    expect(await act('open')).toMatchObject(outcome);
    expect(cam.countOf('SetRelayOutputState')).toBe(1);
  });

  it('without an answer: unknown, when the time is over', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    cam.manners.relay = 'silent';
    const { act } = await watch(cam.port, { clock });
    let outcome: unknown;
    void act('open', {}, clock.mono() + 3_000).then((said) => (outcome = said));
    await until(() => cam.countOf('SetRelayOutputState') === 1);
    await passing(clock, () => outcome !== undefined);
    expect(outcome).toMatchObject({ state: 'unknown', code: 'no-answer' });
    expect(clock.mono()).toBeLessThan(10_000);
  });

  it('too late: never sent', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    const { act } = await watch(cam.port, { clock });
    expect(await act('open', {}, clock.mono())).toMatchObject({ state: 'expired' });
    expect(cam.countOf('SetRelayOutputState')).toBe(0);
  });

  it('of a camera that is down, or does not know us: certainly not switched', async () => {
    const cam = await camera({ login });
    const wrong = await watch(cam.port, { password: 'wrong' });
    expect(await wrong.act('open')).toMatchObject({ state: 'refused', code: 'wrong-login' });
    await cam.stop();
    const { act } = await watch(cam.port, { password: login.password });
    expect(await act('open')).toMatchObject({ state: 'refused', code: 'unreachable' });
    expect(cam.relays).toEqual([false, false]);
  });
});
