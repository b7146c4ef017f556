import { describe, expect, it } from 'vitest';
import { HandClock, settle } from '../../hand-clock.ts';
import type { SimulatedCamera } from '../../../gateway/simulate/wires/onvif/camera.ts';
import { camera, impatient, login, motion, passing, until, watch } from './rig.ts';

/** With a clock turned by hand: until the first pull was answered and the one that waits is out. */
async function pulled(cam: SimulatedCamera, clock: HandClock): Promise<void> {
  await until(() => cam.countOf('PullMessages') === 1);
  await clock.advance(1_000);
  await until(() => cam.countOf('PullMessages') === 2);
}

const topic = 'RuleEngine/CellMotionDetector/Motion';

describe('events of a camera', () => {
  it('are pulled and given to the profile, and how it stood before we came is told apart', async () => {
    const cam = await camera();
    cam.say(motion());
    const { messages, port, frames } = await watch(cam.port);
    await until(() => messages().length === 1);
    cam.say(motion(false));
    cam.say({ topic: 'Monitoring/ProcessorUsage', data: { Value: '0.3' } });
    cam.say({ topic: 'Device/Trigger/DigitalInput', source: { InputToken: '1' }, data: { LogicalState: 'true' } });
    await until(() => messages().length === 3);
    expect(messages().map(({ topic: of, operation, source, data }) => ({ topic: of, operation, source, data }))).toEqual([
      { topic, operation: 'Initialized', source: { Rule: 'r1' }, data: { IsMotion: 'true' } },
      { topic, operation: 'Changed', source: { Rule: 'r1' }, data: { IsMotion: 'false' } },
      { topic: 'Device/Trigger/DigitalInput', operation: '', source: { InputToken: '1' }, data: { LogicalState: 'true' } },
    ]);
    expect(messages()[0]?.utcTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(frames.find(({ body }) => body.kind === 'fields')).toMatchObject({ device: 'cam-1', body: { channel: 'event' } });
    expect(port.state()).toMatchObject({ wire: 'up', devices: { 'cam-1': { failures: 0 } } });
    expect(port.counters()).toMatchObject({ subscriptions: 1, messages: 3, messages_other: 1, reconnects: 0 });
  });

  it('hold no faces and no plates: what an analysis made of people goes nowhere', async () => {
    const cam = await camera();
    const { messages, frames } = await watch(cam.port);
    await until(() => cam.countOf('PullMessages') > 0);
    const element =
      '<tt:Frame><tt:Object ObjectId="1"><tt:HumanFace>a-face</tt:HumanFace><tt:PlateNumber>京A12345</tt:PlateNumber></tt:Object></tt:Frame>';
    cam.say({ ...motion(), element });
    await until(() => messages().length === 1);
    expect(JSON.stringify(frames)).not.toMatch(/a-face|A12345/);
  });

  it('come from cameras that tell subscriptions apart by a reference parameter, whose prefix stands at the envelope', async () => {
    const cam = await camera({ tells: 'parameter' });
    const { messages } = await watch(cam.port);
    await until(() => cam.countOf('PullMessages') > 0);
    cam.say(motion());
    await until(() => messages().length === 1);
    cam.say(motion(false));
    await until(() => messages().length === 2);
    expect(cam.countOf('CreatePullPointSubscription')).toBe(1);
  });

  it('come from cameras from before GetServices, and from those whose first profile has no encoder', async () => {
    const cam = await camera({ hasServices: false, media: ['media'], hasBareProfile: true });
    const { messages, picture } = await watch(cam.port);
    await until(() => cam.countOf('PullMessages') > 0);
    cam.say(motion());
    await until(() => messages().length === 1);
    expect(cam.countOf('GetCapabilities')).toBe(1);
    expect(await picture()).toHaveProperty('bytes');
  });

  it('that the disk does not take are offered again, in order, and nothing is pulled meanwhile', async () => {
    const cam = await camera();
    const watched = await watch(cam.port);
    await until(() => cam.countOf('PullMessages') > 0);
    let refused = 0;
    watched.take = () => (++refused <= 3 ? Promise.reject(new Error('the disk is full')) : Promise.resolve());
    cam.say(motion());
    await until(() => refused === 2);
    const pulls = cam.countOf('PullMessages');
    cam.say(motion(false));
    await until(() => watched.messages().length === 2);
    expect(watched.messages().map(({ data }) => data)).toEqual([{ IsMotion: 'true' }, { IsMotion: 'false' }]);
    expect(pulls).toBe(1);
    expect(watched.port.counters()).toMatchObject({ messages_not_kept: 3 });
  });

  it('nothing happens: every answer is a sign of life, and a camera that does not wait is not asked in a circle', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    cam.manners.pull = 'at-once';
    const { frames } = await watch(cam.port, { clock });
    await until(() => frames.length === 1);
    for (let second = 0; second < 5; second++) {
      await clock.advance(999);
      await settle();
      expect(cam.countOf('PullMessages')).toBe(second + 1);
      await clock.advance(1);
      await until(() => frames.length === second + 2);
    }
    expect(frames.every(({ body }) => body.kind === 'alive')).toBe(true);
  });

  it.each([
    ['pulls that keep the subscription', { doPullsKeep: true }],
    ['pulls that do not: it is renewed', { doPullsKeep: false }],
    ['a lease of ten seconds: nobody waits longer for a pull', { doPullsKeep: false, leaseMs: 10_000 }],
  ])('%s, and after five minutes it is the first one still', async (_, options) => {
    const clock = new HandClock();
    const cam = await camera({ clock, ...options });
    const { messages, port } = await watch(cam.port, { clock });
    await pulled(cam, clock);
    await passing(clock, () => clock.mono() > 5 * 60_000, 2_000);
    cam.say(motion());
    await until(() => messages().length === 1);
    expect(port.counters()).toMatchObject({ reconnects: 0, subscriptions: 1 });
    expect(cam.countOf('Renew') > 0).toBe(!options.doPullsKeep);
  });

  it('a camera that cannot renew, and whose pulls do not either, is subscribed anew before it forgets us', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock, doPullsKeep: false });
    cam.manners.renew = 'fault';
    const { messages, port, fault } = await watch(cam.port, { clock });
    await pulled(cam, clock);
    await passing(clock, () => cam.countOf('CreatePullPointSubscription') === 2);
    expect(cam.countOf('Renew')).toBe(1);
    expect(fault()).toBe('lease-over');
    // It was given back, not forgotten.
    expect(cam.countOf('Unsubscribe')).toBe(1);
    expect(clock.mono()).toBeLessThan(65_000);
    cam.say(motion());
    await until(() => messages().length === 1);
    expect(port.counters()).toMatchObject({ reconnects: 1 });
  });

  it('it stops at once, and gives its room back', async () => {
    const cam = await camera();
    const { port } = await watch(cam.port, { clock: impatient });
    await until(() => cam.countOf('PullMessages') === 1);
    expect(cam.subscriptions).toBe(1);
    await port.stop();
    expect(cam.countOf('Unsubscribe')).toBe(1);
    expect(cam.subscriptions).toBe(0);
    expect(port.state().wire).toBe('down');
  });
});

describe('a camera that goes wrong (wires: every row gives its later events)', () => {
  /** Goes wrong for a while, then is itself again: what it says afterwards must arrive. */
  const rows = [
    ['pull', 'fault'],
    ['pull', 'html'],
    ['pull', 'empty'],
    ['pull', 'unauthorized'],
    ['pull', 'reset'],
    ['pull', 'malformed'],
    ['create', 'fault'],
    ['create', 'empty'],
    ['create', 'html'],
    ['calls', 'html'],
    ['calls', 'endless'],
  ] as const;

  it.each(rows)('%s: %s', async (what, how) => {
    const cam = await camera({ login });
    Object.assign(cam.manners, { [what]: how });
    const { messages, failures, port, fault } = await watch(cam.port, { password: login.password });
    await until(() => failures() >= 3);
    expect(fault()).toBeDefined();
    expect(port.state().wire).not.toBe('up');
    Object.assign(cam.manners, { [what]: 'ok' });
    await until(() => port.state().wire === 'up');
    for (let nth = 0; nth < 5; nth++) {
      const before = messages().filter(({ operation }) => operation === 'Changed').length;
      cam.say(motion(nth % 2 === 0));
      await until(() => messages().filter(({ operation }) => operation === 'Changed').length > before);
    }
    expect(cam.subscriptions).toBe(1);
    expect(failures()).toBe(0);
  });

  it('malformed XML makes one pull of one pull, never two loops', async () => {
    const cam = await camera();
    const { port, messages } = await watch(cam.port);
    cam.manners.pull = 'malformed';
    await until(() => port.counters()['reconnects'] === 4);
    cam.manners.pull = 'ok';
    await until(() => port.state().wire === 'up');
    const pulls = cam.countOf('PullMessages');
    cam.say(motion());
    await until(() => messages().length > 0);
    await until(() => cam.countOf('PullMessages') > pulls);
    await settle();
    // One for the event, and the next that waits.
    expect(cam.countOf('PullMessages')).toBeLessThanOrEqual(pulls + 2);
    expect(cam.subscriptions).toBe(1);
  });

  it('create without an answer: the time-out ends it, and it is tried again', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    cam.manners.create = 'silent';
    const { failures, messages, port } = await watch(cam.port, { clock });
    await until(() => cam.countOf('CreatePullPointSubscription') === 1);
    await clock.advance(10_000);
    await until(() => failures() === 1);
    cam.manners.create = 'ok';
    await passing(clock, () => cam.countOf('PullMessages') > 0);
    cam.say(motion());
    await until(() => messages().length === 1);
    expect(port.counters()).toMatchObject({ reconnects: 1, subscriptions: 1 });
  });

  it('pulls without answers for 90 s: the subscription is given back and another made', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    const { failures, messages, port } = await watch(cam.port, { clock });
    await pulled(cam, clock);
    cam.manners.pull = 'silent';
    // The pull that is out already is still answered.
    await clock.advance(20_000);
    await until(() => cam.countOf('PullMessages') === 3);
    for (let nth = 1; nth <= 2; nth++) {
      await clock.advance(30_000);
      await until(() => failures() === nth);
      expect(port.counters()).toMatchObject({ reconnects: 0 });
      await clock.advance(2_000);
      await until(() => cam.countOf('PullMessages') === 3 + nth);
    }
    await clock.advance(30_000);
    await until(() => cam.countOf('Unsubscribe') === 1);
    await until(() => port.counters()['reconnects'] === 1);
    cam.manners.pull = 'ok';
    await passing(clock, () => cam.countOf('CreatePullPointSubscription') === 2 && cam.countOf('PullMessages') === 6);
    cam.say(motion(false));
    await until(() =>
      messages().some(({ operation, data }) => operation === 'Changed' && JSON.stringify(data).includes('false')),
    );
  });

  it('no room for one more subscription: it is left alone for a while each time, and taken when there is room', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock, room: 1 });
    const first = await watch(cam.port, { clock });
    await until(() => cam.subscriptions === 1);
    const second = await watch(cam.port, { clock });
    await until(() => second.failures() === 1);
    expect(second.fault()).toBe('fault-MaxSubscriptions');
    expect(cam.countOf('CreatePullPointSubscription')).toBe(2);
    await clock.advance(14_000);
    expect(cam.countOf('CreatePullPointSubscription')).toBe(2);
    await first.port.stop();
    await passing(clock, () => cam.subscriptions === 1);
    cam.say(motion());
    await until(() => second.messages().length === 1);
  });

  it('is started anew: its references are dead, and it is followed again', async () => {
    const cam = await camera({ login });
    const { messages, port, picture } = await watch(cam.port, { password: login.password });
    await until(() => port.state().wire === 'up' || cam.countOf('PullMessages') > 0);
    expect(await picture()).toHaveProperty('bytes');
    await cam.reboot(100);
    await until(() => (port.counters()['subscriptions'] ?? 0) >= 2 && cam.subscriptions === 1);
    cam.say(motion());
    await until(() => messages().length > 0);
    // Its pictures have other addresses now.
    expect(await picture()).toHaveProperty('bytes');
  });

  it('is not there: back-off grows, and is over with the first answer', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock });
    const { port: number } = cam;
    await cam.stop();
    const { port, failures } = await watch(number, { clock });
    await until(() => failures() === 1);
    expect(port.state()).toMatchObject({ wire: 'down' });
    await passing(clock, () => failures() >= 9);
    // One, two, four seconds and so on, a quarter more or less.
    expect(clock.mono()).toBeGreaterThan(90_000);
    expect(clock.mono()).toBeLessThan(400_000);
    await cam.start();
    await passing(clock, () => cam.countOf('PullMessages') > 0);
    cam.say(motion());
    await until(() => port.state().wire === 'up');
  });
});
