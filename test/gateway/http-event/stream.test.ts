import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import { camera, heartbeat, part } from './camera.ts';
import { selfSigned } from './certificate.ts';
import { acsEvent, device, httpPort, profileOf, secretFile, temporaryFolder } from './rig.ts';

const streaming = (readTimeout = '5s', more: Record<string, unknown> = {}) =>
  profileOf({
    stream: { path: '/ISAPI/Event/notification/alertStream', channel: 'stream', readTimeout },
    heartbeat: [
      [
        { path: '$.eventType', equals: 'videoloss' },
        { path: '$.eventState', equals: 'inactive' },
      ],
    ],
    ...more,
  });

/** A port that goes to one camera, with a login if it has one. */
async function watching(port: number, profile = streaming(), more: Record<string, unknown> = {}) {
  const folder = temporaryFolder();
  secretFile(folder, 'pass word!');
  const login = { username: 'admin', passwordFile: 'password' };
  const cam = device('cam-1', profile, { key: undefined, host: '127.0.0.1', port, ...login, ...more });
  return httpPort([cam], { folder, port: { listen: undefined } });
}

describe('a stream', () => {
  it('is asked for with a digest, and what it says is heard with its last byte', async () => {
    const cam = await camera({ password: 'pass word!' });
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    const whole = part(acsEvent(1));
    // The line end behind the part has not come yet, nor any delimiter.
    cam.latest().write(whole.slice(0, -2));
    await kept.until(() => kept.messages().length === 1);
    expect(kept.frames.at(-1)?.body).toEqual({ kind: 'fields', channel: 'stream', fields: acsEvent(1) });
    expect(cam.heard.map(({ method, url, authorization }) => [method, url, authorization?.slice(0, 6)])).toEqual([
      ['GET', '/ISAPI/Event/notification/alertStream', undefined],
      ['GET', '/ISAPI/Event/notification/alertStream', 'Digest'],
    ]);
    expect(port.counters()).toMatchObject({ streams_up: 1, reconnects: 0 });
  });

  it('that drips byte by byte, in half parts and with pictures in between, is heard in order', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    const stream = cam.latest();
    for (const byte of Buffer.from(part(acsEvent(1)))) stream.write(Uint8Array.of(byte));
    stream.write(part('\xff\xd8'.repeat(50_000), undefined, 'image/jpeg'));
    stream.write(part(acsEvent(2), null));
    const third = part(acsEvent(3));
    stream.write(third.slice(0, 60));
    await kept.until(() => kept.messages().length === 2);
    stream.write(third.slice(60));
    await kept.until(() => kept.messages().length === 3);
    expect(kept.messages()).toEqual([acsEvent(1), acsEvent(2), acsEvent(3)]);
    expect(port.counters()['pictures_dropped']).toBe(1);
  });

  it('heartbeats are a sign of life and no event', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    cam.latest().write(part(heartbeat, undefined, 'application/xml'));
    await kept.until(() => kept.frames.length === 1);
    expect(kept.frames[0]?.body.kind).toBe('alive');
    // Said once the pipeline has taken it, which is after this frame was seen.
    await expect.poll(() => port.state().devices['cam-1']?.heardAt, { timeout: 30_000 }).toBe(kept.frames[0]?.at);
  });

  it('that falls silent for ever is opened again', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port, streaming('300ms'));
    await kept.until(() => cam.streams.length === 1 && port.state().wire === 'up');
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: quiet');
    expect(port.state().reason?.en).toContain('silent for too long');
    await expect.poll(() => cam.streams.length, { timeout: 10_000 }).toBe(2);
  });

  it('that ends, breaks off in the middle of a part, or talks nonsense is opened again, with its reason', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    cam.latest().end(part(acsEvent(1)).slice(0, -20));
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: ended');
    await kept.until(() => port.state().wire === 'up');
    cam.latest().write('no delimiter '.repeat(10_000));
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: garbled');
    await kept.until(() => port.state().wire === 'up');
    cam.latest().write(`--MIME_boundary\r\nContent-Length: 99999999999\r\n\r\n`);
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: garbled');
    await kept.until(() => port.state().wire === 'up');
    cam.latest().destroy();
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: broken-off');
    await kept.until(() => port.state().wire === 'up');
    cam.latest().write(part(acsEvent(2)));
    await kept.until(() => kept.messages().length === 1);
    expect(kept.messages()).toEqual([acsEvent(2)]);
  });

  it('is made to wait while the disk takes nothing, and loses nothing by it', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    let failures = 2;
    kept.emit = () => (failures-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve());
    for (const serial of [1, 2, 3]) cam.latest().write(part(acsEvent(serial)));
    await kept.until(() => kept.messages().length === 3);
    expect(kept.messages()).toEqual([acsEvent(1), acsEvent(2), acsEvent(3)]);
    expect([cam.streams.length, port.counters()['messages_not_kept']]).toEqual([1, expect.any(Number)]);
  });

  it('stopping closes it', async () => {
    const cam = await camera();
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().wire === 'up');
    const closed = new Promise((resolve) => cam.latest().once('close', resolve));
    await port.stop();
    await closed;
    expect(port.state().wire).toBe('down');
  });
});

describe('a login', () => {
  it('with SHA-256 is answered too, and a nonce that has grown stale is renewed', async () => {
    const cam = await camera({ password: 'pass word!', algorithm: 'SHA-256', nonceUses: 1 });
    const { kept, port } = await watching(cam.port);
    for (let turn = 1; turn <= 3; turn++) {
      await kept.until(() => port.state().wire === 'up' && cam.streams.length === turn);
      cam.latest().end();
      await kept.until(() => port.state().wire === 'down');
    }
    // Without one, with one; then stale and renewed, twice.
    expect(cam.heard).toHaveLength(6);
    expect(port.state().devices['cam-1']?.fault).toBe('stream: ended');
  });

  it('that is wrong is tried once and then left, so that the account is not locked', async () => {
    const cam = await camera({ password: 'another' });
    const { kept, port, folder } = await watching(cam.port);
    await kept.until(() => port.state().devices['cam-1']?.failures === 3);
    expect(cam.heard).toHaveLength(2);
    expect(port.state().devices['cam-1']?.fault).toBe('stream: wrong-login');
    expect(port.state().reason?.en).toContain('does not accept the user name or password');
    // A password put right is tried at once.
    writeFileSync(`${folder}/password`, 'another');
    await kept.until(() => port.state().wire === 'up');
  });

  it('that goes on with 401 for ever is bounded', async () => {
    const cam = await camera({
      answer: (_heard, response) => {
        response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth", stale=true' }).end();
        return true;
      },
    });
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().devices['cam-1']?.failures === 2);
    expect(cam.heard).toHaveLength(3);
  });

  it('in clear is sent only where the site says so', async () => {
    const answer = (_heard: unknown, response: ServerResponse) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="old camera"' }).end();
      return true;
    };
    const cam = await camera({ answer });
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: unknown-login');
    expect(cam.heard.every(({ authorization }) => authorization === undefined)).toBe(true);
    const basic = await camera();
    const second = await watching(basic.port, streaming(), { auth: 'basic' });
    await second.kept.until(() => second.port.state().wire === 'up');
    expect(basic.heard[0]?.authorization).toBe(`Basic ${Buffer.from('admin:pass word!').toString('base64')}`);
  });

  it('over TLS is given to the holder of the certificate that the site names, and to nobody else', async () => {
    const [right, wrong] = [await selfSigned(), await selfSigned()];
    const cam = await camera({ tls: right });
    const basic = { auth: 'basic', fingerprint: right.fingerprint };
    const { kept, port } = await watching(cam.port, streaming(), basic);
    await kept.until(() => port.state().wire === 'up');
    expect(cam.heard).toHaveLength(1);
    const other = await watching(cam.port, streaming(), { ...basic, fingerprint: wrong.fingerprint });
    await other.kept.until(() => other.port.state().devices['cam-1']?.fault === 'stream: wrong-certificate');
    expect(cam.heard).toHaveLength(1);
  });

  it('whose password file others can read is not used', async () => {
    const cam = await camera();
    const folder = temporaryFolder();
    writeFileSync(`${folder}/password`, 'x', { mode: 0o644 });
    const login = { username: 'admin', passwordFile: 'password', host: '127.0.0.1', port: cam.port };
    const { kept, port } = await httpPort([device('cam-1', streaming(), { key: undefined, ...login })], { folder });
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: no-password');
    expect(cam.heard).toEqual([]);
  });
});

describe('where we go', () => {
  /** A socket that would notice anybody. */
  async function bait(host: string) {
    const visits: string[] = [];
    const server = createServer((socket) => {
      visits.push(socket.remoteAddress ?? '');
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    return { visits, port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() };
  }

  it('an address outside of the declared subnets is never contacted, nor anything where none is declared', async () => {
    const trap = await bait('127.0.0.2');
    for (const egress of [{ resolve: () => Promise.resolve({ refused: { zh: '不在网段', en: 'not in a subnet' } }) }, null]) {
      const cam = device('cam-1', streaming(), { key: undefined, host: '127.0.0.2', port: trap.port });
      const { kept, port } = await httpPort([cam], { port: { listen: undefined }, egress });
      await kept.until(() => port.state().devices['cam-1']?.failures === 2);
      expect(port.state().devices['cam-1']?.fault).toBe('stream: not-allowed');
    }
    expect(trap.visits).toEqual([]);
    trap.close();
  });

  it('a name is resolved once and its address is where we go: it cannot change its mind in between', async () => {
    const [right, wrong] = [await camera(), await bait('127.0.0.2')];
    const asked: string[] = [];
    // The site allows the name's first address; whoever resolves it again would get the other.
    const egress = {
      resolve: (host: string) => {
        asked.push(host);
        return Promise.resolve(asked.length === 1 ? { address: '127.0.0.1' } : { refused: { zh: '变了', en: 'changed' } });
      },
    };
    const cam = device('cam-1', streaming(), { key: undefined, host: 'camera.invalid', port: right.port });
    const { kept, port } = await httpPort([cam], { port: { listen: undefined }, egress });
    await kept.until(() => port.state().wire === 'up');
    right.latest().write(part(acsEvent(1)));
    await kept.until(() => kept.messages().length === 1);
    right.latest().end();
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: not-allowed');
    expect([right.heard.length, wrong.visits]).toEqual([1, []]);
    wrong.close();
  });

  it('a device that sends us elsewhere is not followed', async () => {
    const trap = await bait('127.0.0.1');
    const cam = await camera({
      answer: (_heard, response) => {
        response.writeHead(302, { Location: `http://127.0.0.1:${trap.port}/` }).end();
        return true;
      },
    });
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().devices['cam-1']?.failures === 2);
    expect([port.state().devices['cam-1']?.fault, trap.visits]).toEqual(['stream: redirect', []]);
    trap.close();
  });

  it('what is no stream, and who is not there, is said', async () => {
    const cam = await camera({
      answer: (_heard, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
        return true;
      },
    });
    const { kept, port } = await watching(cam.port);
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: no-stream');
    const gone = await watching(1);
    await gone.kept.until(() => gone.port.state().devices['cam-1']?.fault === 'stream: unreachable');
    expect(gone.port.state().reason?.en).toContain('ECONNREFUSED');
  });
});

test('an installer sees the last exchanges with a device', async () => {
  const cam = await camera();
  const { kept, port } = await watching(cam.port);
  await kept.until(() => port.state().wire === 'up');
  cam.latest().write(part(acsEvent(1)));
  await kept.until(() => kept.messages().length === 1);
  cam.latest().end();
  await kept.until(() => port.state().wire === 'down');
  const exchanges = port.exchanges('cam-1');
  expect(exchanges[0]?.heard).toMatch(/^application\/json \d+ B eventType="AccessControllerEvent"/);
  expect(exchanges[1]).toMatchObject({
    sent: 'GET /ISAPI/Event/notification/alertStream',
    note: { en: expect.stringContaining('ended') as string },
  });
});
