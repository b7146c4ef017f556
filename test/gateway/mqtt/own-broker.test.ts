import { expect, test } from 'vitest';
import { as, closed, connected, device, ownBroker } from './rig.ts';

test('a message of a device is one frame with its channel, topic and payload', async () => {
  const { kept, url, port } = await ownBroker([device('smoke-1')]);
  const client = await as(url, 'smoke-1');
  await client.publishAsync('home/smoke-1', '{"smoke":true}', { qos: 1 });
  await client.publishAsync('app/7/device/smoke-1/event/up', 'x', { qos: 0 });
  await kept.until(() => kept.frames.length === 2);
  expect(kept.frames.map(({ device: id, body }) => [id, body.kind === 'message' && [body.channel, body.topic]])).toEqual([
    ['smoke-1', ['state', 'home/smoke-1']],
    ['smoke-1', ['events', 'app/7/device/smoke-1/event/up']],
  ]);
  expect(kept.texts).toEqual(['{"smoke":true}', 'x']);
  expect(port.state().wire).toBe('up');
  await expect.poll(() => port.state().devices['smoke-1']?.heardAt).toBe(kept.frames[1]?.at);
});

test('PUBACK waits for the disk', async () => {
  const { kept, url } = await ownBroker([device('smoke-1')]);
  const client = await as(url, 'smoke-1');
  const steps: string[] = [];
  let commit = () => undefined as void;
  kept.emit = () =>
    new Promise((resolve) => {
      steps.push('emitted');
      commit = () => {
        steps.push('committed');
        resolve();
      };
    });
  const acked = client.publishAsync('home/smoke-1', '1', { qos: 1 }).then(() => steps.push('acked'));
  await expect.poll(() => steps).toContain('emitted');
  // A ping goes and comes while the commit hangs: the connection lives, only the ack waits.
  await new Promise<void>((resolve) => {
    client.once('packetreceive', (packet) => packet.cmd === 'pingresp' && resolve());
    client.sendPing();
  });
  expect(steps).toEqual(['emitted']);
  commit();
  await acked;
  expect(steps).toEqual(['emitted', 'committed', 'acked']);
});

test('what could not be kept is not acked, and comes again', async () => {
  const { kept, url, port } = await ownBroker([device('smoke-1')]);
  let failures = 1;
  kept.emit = () => (failures-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve());
  const client = await as(url, 'smoke-1', { reconnectPeriod: 50, clean: false });
  let acked = false;
  const gone = closed(client).then(() => expect(acked).toBe(false));
  await client.publishAsync('home/smoke-1', 'again', { qos: 1 });
  acked = true;
  await gone;
  expect(kept.texts).toEqual(['again']);
  expect(port.counters()).toMatchObject({ messages_not_kept: 1, messages_kept: 1 });
});

test('a wrong secret, an unknown login and no login at all stay outside', async () => {
  const { url, port } = await ownBroker([device('smoke-1')]);
  await expect(connected(url, { username: 'smoke-1', password: 'guess' })).rejects.toThrow(/Bad username or password/);
  await expect(connected(url, { username: 'smoke-2', password: 'secret of smoke-1' })).rejects.toThrow(/Bad username/);
  await expect(connected(url)).rejects.toThrow(/Bad username/);
  expect(port.counters()['logins_refused']).toBe(3);
});
