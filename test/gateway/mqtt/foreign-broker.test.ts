import mqttPacket from 'mqtt-packet';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { device, foreignPort } from './rig.ts';

type Packet = { cmd: string; messageId?: number; clientId?: string; clean?: boolean };

/** A broker of ten lines that lets everybody in and can be made to misbehave. */
async function strangeBroker() {
  const sockets: Socket[] = [];
  const heard: Packet[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      heard.push(packet);
      if (packet.cmd === 'connect') socket.write(mqttPacket.generate({ cmd: 'connack', returnCode: 0, sessionPresent: true }));
      if (packet.cmd === 'subscribe') {
        const granted = packet.subscriptions.map(() => 1);
        socket.write(mqttPacket.generate({ cmd: 'suback', messageId: packet.messageId as number, granted }));
      }
    });
    socket.on('data', (chunk) => parser.parse(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const say = (topic: string, payload: string, messageId: number, retain = false) =>
    sockets.at(-1)?.write(mqttPacket.generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain }));
  return { sockets, heard, say, url: `mqtt://127.0.0.1:${port}` };
}

test('nonsense from the broker does not leave us deaf: we connect anew and hear again', async () => {
  const broker = await strangeBroker();
  const { port, kept } = await foreignPort([device('smoke-1')], { connect: broker.url });
  await kept.until(() => port.state().wire === 'up');
  broker.sockets[0]?.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await kept.until(() => port.state().wire === 'up' && broker.sockets.length === 2);
  broker.say('home/smoke-1', 'heard again', 1);
  await kept.until(() => kept.texts.includes('heard again'));
  const connects = broker.heard.filter(({ cmd }) => cmd === 'connect');
  expect(connects).toHaveLength(2);
  expect(connects[0]).toMatchObject({ clean: false });
  expect(connects[1]?.clientId).toBe(connects[0]?.clientId);
});

test('PUBACK goes out after the disk has it, and for what concerns no device at once', async () => {
  const broker = await strangeBroker();
  const { port, kept } = await foreignPort([device('smoke-1')], { connect: broker.url });
  await kept.until(() => port.state().wire === 'up');
  let commit = () => undefined as void;
  kept.emit = () => new Promise<void>((resolve) => (commit = resolve));
  const acks = () => broker.heard.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId);
  broker.say('home/smoke-1', 'slow', 11);
  broker.say('home/nobody', 'x', 12);
  await expect.poll(acks).toEqual([12]);
  commit();
  await expect.poll(acks).toEqual([12, 11]);
  expect(port.counters()).toMatchObject({ messages_kept: 1, topics_unknown: 1 });
});

test('a broker that is not there is waited for, with a sentence', async () => {
  const { port, kept } = await foreignPort([device('smoke-1')], { connect: 'mqtt://127.0.0.1:1' });
  await kept.until(() => port.state().wire === 'down');
  expect(port.state().reason?.en).toMatch(/No connection to mqtt:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/);
});

test('what the broker had kept is handed on as such, and is no sign that the device is there', async () => {
  const broker = await strangeBroker();
  const { port, kept } = await foreignPort([device('smoke-1')], { connect: broker.url });
  await kept.until(() => port.state().wire === 'up');
  broker.say('home/smoke-1', 'of yesterday', 1, true);
  await kept.until(() => kept.texts.includes('of yesterday'));
  expect(kept.frames[0]?.body).toMatchObject({ kind: 'message', retained: true });
  expect(port.state().devices['smoke-1']?.heardAt).toBeNull();
  broker.say('home/smoke-1', 'of now', 2);
  await kept.until(() => kept.texts.includes('of now'));
  expect(kept.frames[1]?.body).not.toHaveProperty('retained');
  await expect.poll(() => port.state().devices['smoke-1']?.heardAt).not.toBeNull();
});
