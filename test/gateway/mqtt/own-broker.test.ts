import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Broker, type BrokerParts } from '../../../gateway/collect/mqtt/broker.ts';
import { driver } from '../../../gateway/collect/mqtt/driver.ts';
import { hashSecret, issueSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { as, closed, connected, device, key, ownBroker, smokeProfile, temporaryFolder } from './rig.ts';

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

test('what follows a message that could not be kept does not go in front of it', async () => {
  const { kept, url, port } = await ownBroker([device('smoke-1')]);
  let refused = 0;
  kept.emit = async () => {
    // Only the first finds the disk full: the others would find room again.
    if (refused++ === 0) throw new Error('disk full');
  };
  const client = await as(url, 'smoke-1');
  const gone = closed(client);
  const acked: string[] = [];
  const say = (text: string) => client.publish('home/smoke-1', text, { qos: 1 }, (error) => error || acked.push(text));
  say('1');
  await expect.poll(() => port.counters()['messages_not_kept']).toBe(1);
  say('2');
  say('3');
  await gone;
  expect([kept.texts, acked]).toEqual([[], []]);
  const again = await as(url, 'smoke-1');
  for (const text of ['1', '2', '3']) await again.publishAsync('home/smoke-1', text, { qos: 1 });
  expect(kept.texts).toEqual(['1', '2', '3']);
});

test('a wrong secret, an unknown login and no login at all stay outside', async () => {
  const { url, port } = await ownBroker([device('smoke-1')]);
  await expect(connected(url, { username: 'smoke-1', password: 'guess' })).rejects.toThrow(/Bad username or password/);
  await expect(connected(url, { username: 'smoke-2', password: 'secret of smoke-1' })).rejects.toThrow(/Bad username/);
  await expect(connected(url)).rejects.toThrow(/Bad username/);
  expect(port.counters()['logins_refused']).toBe(3);
});

test('a port that is taken is waited for', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  const { port, kept } = await ownBroker([device('smoke-1')], { listen: `127.0.0.1:${taken}` });
  expect(port.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('in use') as string } });
  await new Promise((resolve) => blocker.close(resolve));
  await kept.until(() => port.state().wire === 'up');
  await as(`mqtt://127.0.0.1:${taken}`, 'smoke-1');
});

test('stopping says nothing about the devices: no last will goes out', async () => {
  const { kept, url, port } = await ownBroker([device('smoke-1')]);
  const will = { topic: 'home/smoke-1/availability', payload: Buffer.from('offline'), qos: 1 as const };
  const client = await as(url, 'smoke-1', { will });
  const gone = closed(client);
  await port.stop();
  await gone;
  expect(kept.frames).toEqual([]);
  expect(port.state().wire).toBe('down');
  await expect(as(url, 'smoke-1')).rejects.toThrow();
});

test('stopping waits for what is on its way to the disk', async () => {
  const { kept, url, port } = await ownBroker([device('smoke-1')]);
  const client = await as(url, 'smoke-1');
  let commit = () => undefined as void;
  const committed = new Promise<void>((resolve) => (commit = resolve));
  const emitted = new Promise<void>((resolve) => {
    kept.emit = () => {
      resolve();
      return committed;
    };
  });
  client.publish('home/smoke-1', 'x', { qos: 1 }, () => undefined);
  await emitted;
  let stopped = false;
  const stopping = port.stop().then(() => (stopped = true));
  await closed(client);
  expect(stopped).toBe(false);
  commit();
  await stopping;
  expect(kept.texts).toEqual(['x']);
});

test('a broker that dies is replaced, and its devices come back', async () => {
  const lives: BrokerParts[] = [];
  const { port, kept, url, tcp } = await ownBroker([device('smoke-1')], {}, (parts) => {
    lives.push(parts);
    // A free port once; the second life has to be where the devices look for it.
    const settings = { ...parts.settings, port: lives.length === 1 ? 0 : tcp };
    return new Broker({ ...parts, settings });
  });
  const client = await as(url, 'smoke-1', { reconnectPeriod: 50 });
  const gone = closed(client);
  lives[0]?.onDeath(new Error('the broker broke'));
  await gone;
  // A client that is quick enough meets the old one once more, on its way out.
  await kept.until(() => lives.length === 2);
  await client.publishAsync('home/smoke-1', 'back', { qos: 1 });
  expect(kept.reports.map(({ wire }) => wire)).toEqual(['up', 'down', 'up']);
  expect(port.counters()['restarts']).toBe(1);
});

test('a key file that others can read keeps the port down until it is put right', async () => {
  const file = join(temporaryFolder(), 'key');
  writeFileSync(file, key, { mode: 0o644 });
  const { port, kept } = await ownBroker([device('smoke-1')], { deviceKeyFile: file });
  expect(port.state().reason?.en).toMatch(/can be read by others. Run: chmod 600/);
  chmodSync(file, 0o600);
  await kept.until(() => port.state().wire === 'up');
});

test('a secret that was issued lets its device in, and only the hash is kept', async () => {
  const file = join(temporaryFolder(), 'key');
  const { secret, hash } = issueSecret(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(hash).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
  expect(issueSecret(file).secret).not.toBe(secret);
  const { url } = await ownBroker([device('smoke-1', { secret: hash })], { deviceKeyFile: file });
  await connected(url, { clientId: 'x', username: 'smoke-1', password: secret });
  await expect(connected(url, { clientId: 'y', username: 'smoke-1', password: hash })).rejects.toThrow(/Bad username/);
});

test('a topic of two devices is one commit with a frame for each', async () => {
  const shared = (id: string) => device(id, { identity: 'same', username: 'both', secret: hashSecret(key, 's') });
  const twin = { ...smokeProfile, id: 'test.twin' };
  const { kept, url } = await ownBroker([shared('a'), { ...shared('b'), profile: twin }]);
  const calls: string[][] = [];
  kept.emit = (frames) => {
    calls.push(frames.map((frame) => frame.device));
    return Promise.resolve();
  };
  const client = await connected(url, { clientId: 'x', username: 'both', password: 's' });
  await client.publishAsync('home/same', '1', { qos: 1 });
  expect(calls).toEqual([['a', 'b']]);
});

const listen = { listen: '127.0.0.1:1883', login: 'required', deviceKeyFile: 'key' } as const;

test('check: everything a schema cannot see, with the way out in both languages', () => {
  const { secret: _, ...bare } = device('a').address;
  const problems = driver.check({ listen: '127.0.0.1:1883', login: 'required' }, [
    { ...device('a'), address: bare },
    device('b', { identity: 'UPPER' }),
    device('c', { identity: 'same' }),
    device('d', { identity: 'same' }),
  ]);
  expect(problems.map(({ path, en }) => [path, en.slice(0, 40)])).toEqual([
    ['devices.b.address.identity', '"UPPER" does not fit the pattern [a-z0-9'],
    ['devices.d.address.identity', 'Devices c and d have the same identity "'],
    ['deviceKeyFile', 'With login: required, name a deviceKeyFi'],
    ['devices.a.address.secret', 'Device a has no secret. Issue one with y'],
  ]);
  expect(problems.every(({ zh }) => /\p{Script=Han}/u.test(zh))).toBe(true);
  expect(driver.check(listen, [device('a'), device('b')])).toEqual([]);
});

test('check: an identity may not widen a topic, and a profile may not ask for a broken one', () => {
  const loose = {
    ...smokeProfile,
    transport: { ...smokeProfile.transport, identity: { name: 'id', pattern: '.+', label: { zh: '编号' } } },
  };
  const wild = { ...device('a', { identity: '+' }), profile: loose as typeof smokeProfile };
  expect(driver.check(listen, [wild]).map(({ path }) => path)).toEqual(['devices.a.address.identity']);
  const topics = { state: { filter: 'a/b#', qos: 1 }, all: { filter: '$SYS/#', qos: 1 } };
  const broken = { ...smokeProfile, transport: { ...smokeProfile.transport, topics } } as typeof smokeProfile;
  expect(driver.check(listen, [{ ...device('a'), profile: broken }])).toHaveLength(2);
});

test.each([
  { listen: '127.0.0.1', login: 'open' },
  { listen: '127.0.0.1:1883' },
  { listen: '127.0.0.1:1883', login: 'open', extra: 1 },
  { connect: 'http://broker:1883' },
  { connect: 'mqtt://user:pass@broker:1883' },
  { listen: '127.0.0.1:1883', login: 'open', connect: 'mqtt://broker:1883' },
])('port section %j is refused', (section) => {
  expect(driver.port.safeParse(section).success).toBe(false);
});

test('an address holds a hash and never a secret', () => {
  expect(driver.address.safeParse({ identity: 'a', secret: 'hunter2' }).success).toBe(false);
  expect(driver.address.safeParse({ identity: 'a', secret: hashSecret(key, 'hunter2') }).success).toBe(true);
});
