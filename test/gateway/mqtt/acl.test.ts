import { expect, test } from 'vitest';
import type { MqttClient } from 'mqtt';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { as, closed, connected, device, key, ownBroker } from './rig.ts';

const two = () => ownBroker([device('a'), device('b')]);

/** What came of a publish: acked, or the connection was closed. */
async function publish(client: MqttClient, topic: string, qos: 0 | 1 | 2 = 1): Promise<'acked' | 'closed'> {
  const gone = closed(client).then(() => 'closed' as const);
  const acked = client.publishAsync(topic, 'x', { qos }).then(
    () => 'acked' as const,
    () => 'closed' as const,
  );
  return qos === 0 ? gone : Promise.race([gone, acked]);
}

const cases: [topic: string, outcome: 'acked' | 'closed', kept: number, counter: string][] = [
  ['home/a', 'acked', 1, 'messages_kept'],
  ['app/any/device/a/event/x/y', 'acked', 1, 'messages_kept'],
  ['app/any/device/a/event', 'acked', 1, 'messages_kept'],
  ['home/b', 'closed', 0, 'topics_foreign'],
  ['app/any/device/b/event/x', 'closed', 0, 'topics_foreign'],
  ['home/nobody', 'acked', 0, 'topics_unknown'],
  ['home/a/deeper', 'acked', 0, 'topics_unknown'],
  ['yihu/command/a', 'acked', 0, 'topics_unknown'],
  ['$SYS/x', 'closed', 0, 'topics_malformed'],
  ['$share/g/home/a', 'closed', 0, 'topics_malformed'],
  ['home/a\u0001', 'closed', 0, 'topics_malformed'],
  ['home/\ufffd', 'closed', 0, 'topics_malformed'],
  ['l/'.repeat(40), 'closed', 0, 'topics_malformed'],
];

test.each(cases)('device a publishes to %j: %s, %i kept', async (topic, outcome, count, counter) => {
  const { port, kept, url } = await two();
  const client = await as(url, 'a');
  // A topic with too many levels is closed by the broker itself before our rules see it.
  const counted = topic.startsWith('l/') ? {} : { [counter]: 1 };
  expect(await publish(client, topic)).toBe(outcome);
  expect(kept.frames).toHaveLength(count);
  expect(port.counters()).toMatchObject(counted);
});

test('QoS 2 costs the connection', async () => {
  const { port, kept, url } = await two();
  expect(await publish(await as(url, 'a'), 'home/a', 2)).toBe('closed');
  expect(kept.frames).toEqual([]);
  expect(port.counters()['qos2_refused']).toBe(1);
});

test('a foreign topic at QoS 0 costs the connection too', async () => {
  const { kept, url } = await two();
  expect(await publish(await as(url, 'a'), 'home/b', 0)).toBe('closed');
  expect(kept.frames).toEqual([]);
});

const filters: [filter: string, qos: 0 | 1 | 2, granted: number][] = [
  ['yihu/command/a', 1, 1],
  ['yihu/command/a/#', 0, 0],
  ['yihu/command/a', 2, 128],
  ['yihu/command/b', 1, 128],
  ['yihu/command/+', 1, 128],
  ['home/a', 1, 128],
  ['#', 0, 128],
  ['+/+', 0, 128],
  ['$SYS/#', 0, 128],
  ['$share/g/yihu/command/a', 1, 128],
];

test.each(filters)('device a subscribes to %s at QoS %i: %i', async (filter, qos, granted) => {
  const { url } = await two();
  const client = await as(url, 'a');
  const suback = new Promise((resolve) =>
    client.on('packetreceive', (packet) => packet.cmd === 'suback' && resolve(packet.granted)),
  );
  await client.subscribeAsync(filter, { qos }).catch(() => undefined);
  expect(await suback).toEqual([granted]);
});

test('each filter of one SUBSCRIBE is judged by itself', async () => {
  const { url } = await two();
  const client = await as(url, 'a');
  const suback = new Promise((resolve) =>
    client.on('packetreceive', (packet) => packet.cmd === 'suback' && resolve(packet.granted)),
  );
  await client.subscribeAsync(['yihu/command/a', '#', 'yihu/command/b']).catch(() => undefined);
  expect(await suback).toEqual([0, 128, 128]);
});

test('a retained message is a message and nothing more', async () => {
  const { port, kept, url } = await two();
  const client = await as(url, 'a');
  await client.publishAsync('home/a', 'kept once', { qos: 1, retain: true });
  expect(kept.texts).toEqual(['kept once']);
  expect(port.counters()['retained_ignored']).toBe(1);
});

test('a last will is a message of the device, under the same rules', async () => {
  const { port, kept, url } = await two();
  const will = (topic: string) => ({ will: { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true } });
  const honest = await as(url, 'a', will('home/a/availability'));
  honest.stream.destroy();
  await kept.until(() => kept.texts.includes('offline'));
  expect(kept.frames[0]).toMatchObject({ device: 'a', body: { channel: 'status' } });
  const thief = await as(url, 'a', will('home/b/availability'));
  thief.stream.destroy();
  await expect.poll(() => port.counters()['topics_foreign']).toBe(1);
  expect(kept.frames).toHaveLength(1);
  const broken = { clientId: 'c', username: 'a', password: 'secret of a' };
  await expect(connected(url, { ...broken, ...will('$SYS/a') })).rejects.toThrow(/Not authorized/);
});

test('a device that says goodbye has no last will', async () => {
  const { kept, url } = await two();
  const client = await as(url, 'a', { will: { topic: 'home/a/availability', payload: Buffer.from('offline') } });
  await client.endAsync();
  await (await as(url, 'b')).publishAsync('home/b', 'after', { qos: 1 });
  expect(kept.texts).toEqual(['after']);
});

test.each(['', 'a/b', '#', 'c\u0000', 'x'.repeat(65), '名'])('client id %j is not let in', async (clientId) => {
  const { url } = await two();
  const login = { clientId, username: 'a', password: 'secret of a', clean: true };
  await expect(connected(url, login)).rejects.toThrow();
});

test('nobody takes a client id that another login is using', async () => {
  const { port, url } = await two();
  const first = await as(url, 'a', { clientId: 'meter' });
  await expect(as(url, 'b', { clientId: 'meter' })).rejects.toThrow(/Identifier rejected/);
  expect(first.connected).toBe(true);
  expect(port.counters()['client_ids_refused']).toBe(1);
});

test('the newer of two connections of one identity stays, and the device is marked when it happens again', async () => {
  const { port, url } = await two();
  const first = await as(url, 'a', { clientId: 'one' });
  const gone = closed(first);
  const second = await as(url, 'a', { clientId: 'two' });
  await gone;
  await second.publishAsync('home/a', 'x', { qos: 1 });
  expect(port.counters()['take_overs']).toBe(1);
  // Once may be a device that was cut off; again within the minute is two devices.
  expect(port.state().devices['a']?.fault).toBeUndefined();
  await as(url, 'a', { clientId: 'three' });
  expect(port.state().devices['a']?.fault).toBe('duplicate-identity');
  expect(port.state().devices['b']?.fault).toBeUndefined();
});

test('two devices that push each other out are stopped: the one that is there stays', async () => {
  const { port, url } = await two();
  let stays = await as(url, 'a', { clientId: 'n0' });
  for (let round = 1; round <= 5; round++) {
    const pushed = closed(stays);
    stays = await as(url, 'a', { clientId: `n${round}` });
    await pushed;
  }
  await expect(as(url, 'a', { clientId: 'n6' })).rejects.toThrow(/Identifier rejected/);
  await stays.publishAsync('home/a', 'x', { qos: 1 });
  expect(port.counters()).toMatchObject({ take_overs: 5, messages_kept: 1 });
});

test('devices behind one concentrator share its login', async () => {
  const shared = { username: 'z2m', secret: hashSecret(key, 'of the concentrator') };
  const { kept, url } = await ownBroker([device('a', shared), device('b', { username: 'z2m' }), device('c')]);
  const client = await connected(url, { clientId: 'z', username: 'z2m', password: 'of the concentrator' });
  await client.publishAsync('home/a', '1', { qos: 1 });
  await client.publishAsync('home/b', '2', { qos: 1 });
  expect(kept.frames.map((frame) => frame.device)).toEqual(['a', 'b']);
  expect(await publish(client, 'home/c')).toBe('closed');
});

test('an open port asks for no login, and keeps every other rule', async () => {
  const { port, kept, url } = await ownBroker([device('a')], { login: 'open' });
  const client = await connected(url, { clientId: 'old-gear' });
  await client.publishAsync('home/a', '1', { qos: 1 });
  await client.publishAsync('home/x', '2', { qos: 1 });
  expect(kept.texts).toEqual(['1']);
  expect(await publish(client, '$SYS/x')).toBe('closed');
  expect(port.state().refused?.map(({ what }) => what)).toEqual(['home/x', '$SYS/x']);
});

test('the last ten refusals are kept, printable', async () => {
  const { port, url } = await ownBroker([device('a')], { login: 'open' });
  const client = await connected(url, { clientId: 'old-gear' });
  for (let i = 0; i < 12; i++) await client.publishAsync(`what/${i}`, '', { qos: 1 });
  expect(await publish(client, 'esc\u001b[2J')).toBe('closed');
  const refused = port.state().refused ?? [];
  expect(refused).toHaveLength(10);
  expect(refused[0]?.what).toBe('what/3');
  expect(refused[9]?.what).toBe('esc\ufffd[2J');
});
