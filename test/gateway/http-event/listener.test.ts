import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { Intake } from '../../../gateway/collect/http-event/intake.ts';
import { Listener } from '../../../gateway/collect/http-event/listener.ts';
import { selfSigned } from './certificate.ts';
import { acsEvent, device, httpPort, post, profileOf, quiet, secretOf, temporaryFolder, terminal } from './rig.ts';

const pushing = (id: string, address: Record<string, unknown> = {}) => device(id, terminal, address);
const ingest = (url: string, id: string) => `${url}/ingest/hik/${secretOf(id)}`;

/** Sends bytes as they are and resolves with all that came back until the end. */
function raw(url: string, ...pieces: string[]): Promise<string> {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
  for (const piece of pieces) socket.write(piece);
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

describe('an event that is posted', () => {
  it('is one frame with its channel, and the reply says so', async () => {
    const { kept, url, port } = await httpPort([pushing('door-1')]);
    const reply = await post(ingest(url, 'door-1'), acsEvent(139));
    expect([reply.status, await reply.text()]).toEqual([200, '']);
    expect(kept.frames.map(({ device: id, body }) => [id, body])).toEqual([
      ['door-1', { kind: 'fields', channel: 'event', fields: acsEvent(139) }],
    ]);
    expect(port.state().devices['door-1']?.heardAt).toBe(kept.frames[0]?.at);
    expect(port.counters()).toMatchObject({ messages_kept: 1, senders_refused: 0 });
  });

  it('is answered only when it is on disk', async () => {
    const { kept, url } = await httpPort([pushing('door-1')]);
    let commit = () => undefined as void;
    const emitted = new Promise<void>((resolve) => {
      kept.emit = ([frame]) => {
        if (frame?.body.kind === 'alive') return Promise.resolve();
        resolve();
        return new Promise((done) => (commit = done));
      };
    });
    let isAnswered = false;
    const answered = post(ingest(url, 'door-1'), acsEvent(1)).then(() => (isAnswered = true));
    await emitted;
    // Another device's request comes and goes meanwhile: the door is open, only this answer waits.
    expect((await fetch(ingest(url, 'door-1'))).status).toBe(200);
    expect(isAnswered).toBe(false);
    commit();
    await answered;
  });

  it('that could not be kept is answered 503, and sent again it is stored once', async () => {
    const { kept, url, port } = await httpPort([pushing('door-1')]);
    kept.emit = () => Promise.reject(new Error('disk full'));
    const refused = await post(ingest(url, 'door-1'), acsEvent(7));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    kept.emit = () => Promise.resolve();
    expect((await post(ingest(url, 'door-1'), acsEvent(7))).status).toBe(200);
    expect((await post(ingest(url, 'door-1'), acsEvent(7))).status).toBe(200);
    expect(kept.messages()).toEqual([acsEvent(7)]);
    expect(port.counters()).toMatchObject({ messages_not_kept: 1, messages_kept: 1, messages_repeated: 1 });
  });
});

describe('bodies', () => {
  const xml =
    '<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><eventType>VMD</eventType><channelID>2</channelID></EventNotificationAlert>';
  it('XML has the same paths as JSON', async () => {
    const { kept, url } = await httpPort([pushing('door-1')]);
    await post(ingest(url, 'door-1'), xml, { 'content-type': 'application/xml; charset="UTF-8"' });
    expect(kept.messages()).toEqual([{ version: '2.0', eventType: 'VMD', channelID: '2' }]);
  });

  it('of several parts: the event is heard, pictures are dropped', async () => {
    const { kept, url, port } = await httpPort([pushing('door-1')], { keepsPictures: true });
    const form = new FormData();
    form.set('event_log', JSON.stringify(acsEvent(3)));
    form.set('Picture', new Blob([new Uint8Array(300_000)], { type: 'image/jpeg' }), 'Picture.jpg');
    expect((await fetch(ingest(url, 'door-1'), { method: 'POST', body: form })).status).toBe(200);
    expect(kept.messages()).toEqual([acsEvent(3)]);
    expect([kept.snapshots, port.counters()['pictures_dropped']]).toEqual([[], 1]);
  });

  it('of several parts: a picture the profile names is handed on with its event, one of a face never', async () => {
    const pictures = ['Background', 'FaceBackground'];
    const camera = profileOf({ listen: { event: { path: '/cam/{key}' } }, pictures, serial: '$.no' });
    const { kept, url, port } = await httpPort([device('cam-1', camera)], { keepsPictures: true });
    const form = new FormData();
    form.set('event', '{"no":12}');
    for (const name of [...pictures, 'Other'])
      form.set(name, new Blob([Buffer.from(name)], { type: 'image/jpeg' }), `${name}.jpg`);
    await fetch(`${url}/cam/${secretOf('cam-1')}`, { method: 'POST', body: form });
    expect(kept.snapshots).toMatchObject([{ device: 'cam-1', name: 'Background', type: 'image/jpeg', serial: '12' }]);
    expect(Buffer.from(kept.snapshots[0]?.bytes ?? []).toString()).toBe('Background');
    expect(port.counters()).toMatchObject({ pictures_kept: 1, pictures_dropped: 2 });
  });

  it('that cannot be read are counted and answered: a device must not stand still before one of them', async () => {
    const { kept, url, port } = await httpPort([pushing('door-1')]);
    for (const body of ['{"half":', '<a><b></a>', '\u0000'.repeat(10)])
      expect((await post(ingest(url, 'door-1'), body)).status).toBe(200);
    expect(kept.frames.filter(({ body }) => body.kind !== 'alive')).toEqual([]);
    expect(port.counters()['bodies_unread']).toBe(3);
    expect(port.state().refused?.map(({ why }) => why)).toEqual(['not-json', 'not-xml', 'not-json']);
    expect(port.state().devices['door-1']?.heardAt).not.toBeNull();
  });

  it('that are longer than the profile allows are not read to the end', async () => {
    const small = profileOf({ listen: { event: { path: '/s/{key}', longest: 100 } } });
    const { kept, url, port } = await httpPort([device('a', small)]);
    expect((await post(`${url}/s/${secretOf('a')}`, 'x'.repeat(101))).status).toBe(413);
    const chunked = await raw(
      url,
      `POST /s/${secretOf('a')} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ...Array.from({ length: 20 }, () => `10\r\n${'y'.repeat(16)}\r\n`),
    );
    expect(chunked).toContain('413');
    expect([kept.frames, port.counters()['requests_too_large']]).toEqual([[], 2]);
  });
});

describe('the reply is part of the protocol', () => {
  const zk = profileOf({
    listen: {
      options: {
        method: 'GET',
        path: '/iclock/cdata',
        query: { SN: '{sn}', options: '*' },
        is: 'alive',
        reply: { body: 'GET OPTION FROM: {sn}\nRealtime=1' },
      },
      line: { path: '/iclock/cdata', query: { SN: '{sn}', table: 'rtlog' }, form: 'lines', reply: { body: 'OK: {count}' } },
      other: { path: '/iclock/cdata', query: { SN: '{sn}' }, is: 'alive', reply: { body: 'OK' } },
    },
  });
  const reader = () => device('zk-1', zk, { identity: '3383154200002', key: undefined, from: ['127.0.0.1'] });
  const pinned = { port: { senders: 'pinned' } };

  it('a reader that pushes lines is told how many, in plain text', async () => {
    const { kept, url } = await httpPort([reader()], pinned);
    const body =
      'time=2017-01-10 11:49:32\tpin=0\tcardno=0\teventaddr=1\tevent=27\tindex=21\r\ntime=2017-01-10 11:49:40\tpin=1\tindex=22\r\n';
    const reply = await post(`${url}/iclock/cdata?SN=3383154200002&table=rtlog`, body, {
      'content-type': 'application-push; charset=UTF-8',
    });
    expect([reply.status, reply.headers.get('content-type'), await reply.text()]).toEqual([200, 'text/plain', 'OK: 2']);
    expect(kept.messages()).toMatchObject([{ index: '21', event: '27' }, { index: '22' }]);
  });

  it('the request that asks most of the query is the one that is meant', async () => {
    const { kept, url } = await httpPort([reader()], pinned);
    const options = await fetch(`${url}/iclock/cdata?SN=3383154200002&options=all&pushver=2.4.1`);
    expect(await options.text()).toBe('GET OPTION FROM: 3383154200002\nRealtime=1');
    const users = await post(`${url}/iclock/cdata?SN=3383154200002&table=USERINFO`, 'PIN=1\tName=X', {
      'content-type': 'text/plain',
    });
    expect(await users.text()).toBe('OK');
    expect(kept.messages()).toEqual([]);
  });

  it('the first whose condition holds is sent, with words of the message in it', async () => {
    const reply = (info: string) => ({ type: 'application/json', body: `{"Response_AlarmInfoPlate":{"info":"no",${info}}}` });
    const plate = profileOf({
      listen: {
        plate: {
          path: '/lpr/{key}',
          reply: [
            {
              when: { path: '$.isoffline', equals: 1 },
              ...reply('"ContinuePushOffline":{"plateid":{id},"continue":1}'),
              fill: { id: '$.plateid' },
            },
            reply('"content":"retransfer_stop"'),
          ],
        },
      },
    });
    const { url } = await httpPort([device('lpr-1', plate)]);
    const to = `${url}/lpr/${secretOf('lpr-1')}`;
    expect(await (await post(to, { plateid: 123, isoffline: 1 })).json()).toEqual({
      Response_AlarmInfoPlate: { info: 'no', ContinuePushOffline: { plateid: 123, continue: 1 } },
    });
    expect(await (await post(to, { plateid: 124, isoffline: 0 })).json()).toEqual({
      Response_AlarmInfoPlate: { info: 'no', content: 'retransfer_stop' },
    });
  });
});

describe('who may speak', () => {
  it('a key in the path, in a header, as bearer or as password is the same key', async () => {
    const open = profileOf({ listen: { event: { path: '/e/{sn}' } } });
    const { kept, url } = await httpPort([device('a', open, { identity: 'A1' })]);
    const basic = `Basic ${Buffer.from(`anything:${secretOf('a')}`).toString('base64')}`;
    const headers = [{ 'x-device-key': secretOf('a') }, { authorization: `Bearer ${secretOf('a')}` }, { authorization: basic }];
    for (const each of headers) expect((await post(`${url}/e/A1`, { n: 1 }, each)).status).toBe(200);
    expect(kept.messages()).toHaveLength(3);
  });

  it('nobody else: a wrong key, none, another’s identity, another address; each is listed without its key', async () => {
    const open = profileOf({ listen: { event: { path: '/e/{sn}' } } });
    const far = device('c', terminal, { from: ['10.1.2.3'] });
    const { kept, url, port } = await httpPort([
      device('a', open, { identity: 'A1' }),
      device('b', open, { identity: 'B1' }),
      far,
    ]);
    const wrong = 'w'.repeat(43);
    const answers = [
      await post(`${url}/e/A1`, {}, { 'x-device-key': wrong }),
      await post(`${url}/e/A1`, {}),
      await post(`${url}/e/A1`, {}, { 'x-device-key': secretOf('b') }),
      await post(ingest(url, 'c'), {}),
      await post(`${url}/ingest/hik/${wrong}`, {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await post(`${url}/nowhere/${wrong}`, {})).status).toBe(404);
    expect(kept.frames).toEqual([]);
    expect(port.counters()).toMatchObject({ senders_refused: 5, requests_refused: 1 });
    const listed = JSON.stringify(port.state());
    for (const secret of [wrong, secretOf('b'), secretOf('c')]) expect(listed).not.toContain(secret);
    expect(listed).toContain('127.0.0.1 /e/A1');
  });

  it('on a port for old devices the address decides, and nothing else', async () => {
    const open = profileOf({ listen: { event: { path: '/iclock/cdata' } } });
    const here = device('here', open, { key: undefined, from: ['127.0.0.1'] });
    const there = device('there', open, { key: undefined, from: ['127.0.0.2'] });
    const { kept, url } = await httpPort([here, there], { port: { senders: 'pinned' } });
    expect((await post(`${url}/iclock/cdata`, { n: 1 })).status).toBe(200);
    expect(kept.frames.map(({ device: id }) => id)).toEqual(['here']);
    const { url: closed } = await httpPort([there], { port: { senders: 'pinned' } });
    expect((await post(`${closed}/iclock/cdata`, { n: 1 })).status).toBe(403);
  });
});

describe('strangers', () => {
  it('bytes that are no HTTP, heads too long and targets too long are turned away', async () => {
    const { url, port } = await httpPort([pushing('door-1')]);
    expect(await raw(url, '\x16\x03\x01 nonsense\r\n\r\n')).toContain('400');
    expect(await raw(url, `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toContain('400');
    expect((await fetch(`${url}/${'a'.repeat(3_000)}`)).status).toBe(414);
    expect(port.counters()['requests_refused']).toBe(3);
    expect((await fetch(ingest(url, 'door-1'))).status).toBe(200);
  });

  it('more connections of one address than it may have are closed', async () => {
    const { url, port } = await httpPort([pushing('door-1')], { port: { connectionsPerAddress: 2 } });
    const sockets = Array.from({ length: 2 }, () => createConnection(Number(new URL(url).port), '127.0.0.1'));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await expect.poll(() => port.counters()['connections']).toBe(2);
    await expect(fetch(url)).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => port.counters()['connections']).toBe(0);
    expect((await fetch(ingest(url, 'door-1'))).status).toBe(200);
  });

  it('a device that goes away in the middle of its event leaves nothing behind', async () => {
    const { url, kept, port } = await httpPort([pushing('door-1')]);
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    socket.write(`POST /ingest/hik/${secretOf('door-1')} HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{"half":`);
    await expect.poll(() => port.counters()['connections']).toBe(1);
    socket.destroy();
    await expect.poll(() => port.counters()['connections']).toBe(0);
    expect(kept.frames).toEqual([]);
    expect(port.state().wire).toBe('up');
    expect((await post(ingest(url, 'door-1'), acsEvent(1))).status).toBe(200);
  });
});

test('who takes too long for a head, or for a body, is closed (slowloris)', async () => {
  const intake = new Intake({
    devices: [],
    clock: systemClock,
    log: quiet,
    emit: () => Promise.resolve(),
    report: () => undefined,
  });
  const settings = { host: '127.0.0.1', port: 0, connections: 10, connectionsPerAddress: 10, headMs: 300, requestMs: 600 };
  const served: string[] = [];
  const serve = async (request: IncomingMessage) => {
    served.push(request.url ?? '');
    for await (const chunk of request) void chunk;
  };
  const listener = new Listener({ settings, intake, clock: systemClock, serve, onDeath: () => undefined });
  const port = await listener.open();
  onTestFinished(() => listener.close());
  const drip = (head: string) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.write(head);
    const timer = setInterval(() => socket.write('x'), 50);
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.once('close', resolve)).finally(() => clearInterval(timer));
  };
  await Promise.all([drip('POST /head HTTP/1.1\r\nX: '), drip('POST /body HTTP/1.1\r\nContent-Length: 100000\r\n\r\n')]);
  expect(served).toEqual(['/body']);
  expect(intake.counters.read()).toMatchObject({ connections: 0, requests_refused: 2 });
});

test('a port that is taken is waited for, and stopping lets go of it', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  const { port, kept } = await httpPort([pushing('door-1')], { port: { listen: `127.0.0.1:${taken}` } });
  expect(port.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('in use') as string } });
  await new Promise((resolve) => blocker.close(resolve));
  await kept.until(() => port.state().wire === 'up');
  expect((await post(`http://127.0.0.1:${taken}/ingest/hik/${secretOf('door-1')}`, acsEvent(1))).status).toBe(200);
  await port.stop();
  await expect(fetch(`http://127.0.0.1:${taken}`)).rejects.toThrow();
});

test('a certificate that is not there is named, and taken when it is', async () => {
  const folder = temporaryFolder();
  const { key, cert } = await selfSigned();
  writeFileSync(join(folder, 'cert.pem'), cert);
  const tls = { certFile: 'cert.pem', keyFile: 'key.pem' };
  const { port, kept } = await httpPort([pushing('door-1')], { folder, port: { tls } });
  expect(port.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('key.pem') as string } });
  writeFileSync(join(folder, 'key.pem'), key);
  await kept.until(() => port.state().wire === 'up');
});

test('stopping waits for what is on its way to the disk', async () => {
  const { kept, url, port } = await httpPort([pushing('door-1')]);
  let commit = () => undefined as void;
  const emitted = new Promise<void>((resolve) => {
    kept.emit = () => {
      resolve();
      return new Promise((done) => (commit = done));
    };
  });
  const answer = post(ingest(url, 'door-1'), acsEvent(1)).catch(() => 'cut');
  await emitted;
  let isStopped = false;
  const stopping = port.stop().then(() => (isStopped = true));
  expect(await answer).toBe('cut');
  expect(isStopped).toBe(false);
  commit();
  await stopping;
  expect(kept.messages()).toHaveLength(1);
});
