import { createServer, type IncomingHttpHeaders } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { siteEgress } from '../../../gateway/egress.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { camera, login, until, watch } from './rig.ts';

const { password } = login;
const maxBytes = 512 * 1024;

/** Another web server: what it is asked, and by whom. */
async function another(host: string, answer?: { readonly status: number; readonly head: Record<string, string> }) {
  const asked: IncomingHttpHeaders[] = [];
  let connections = 0;
  const server = createServer(({ headers }, response) => {
    asked.push(headers);
    response.writeHead(answer?.status ?? 404, answer?.head).end();
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://${host}:${port}`, asked, connections: () => connections };
}

describe('a still picture', () => {
  it.each([
    ['media2', ['media', 'media2']],
    ['media', ['media']],
  ] as const)('comes from the largest profile that is not too large, by %s', async (_, media) => {
    const cam = await camera({ login, media });
    const { picture, port } = await watch(cam.port, { password });
    const taken = await picture();
    expect('bytes' in taken && plainJpeg(taken.bytes)).toMatchObject({ width: 128, height: 72 });
    expect(cam.asked.filter(({ what }) => what === 'picture').map(({ path, proof }) => `${path} ${proof}`)).toEqual([
      '/picture/1/main none',
      '/picture/1/main http',
    ]);
    expect(port.counters()).toMatchObject({ pictures: 1, pictures_missing: 0 });
    // What was learned once is not asked again: neither the addresses nor the challenge.
    await picture();
    expect(cam.countOf('GetProfiles')).toBe(1);
    expect(cam.countOf('GetSnapshotUri')).toBe(1);
    expect(cam.countOf('picture')).toBe(3);
  });

  it('too long: the next smaller profile is asked', async () => {
    const cam = await camera();
    cam.manners.picture = 'large';
    const { picture } = await watch(cam.port);
    const taken = await picture();
    expect('bytes' in taken && plainJpeg(taken.bytes)).toMatchObject({ width: 64 });
    expect(cam.asked.filter(({ what }) => what === 'picture').map(({ path }) => path)).toEqual([
      '/picture/1/main',
      '/picture/1/sub',
    ]);
  });

  it.each([
    ['all-large', 'too-large'],
    ['endless', 'too-large'],
    ['none', 'no-source'],
    ['silent', 'no-answer'],
  ] as const)('%s: there is none, because %s', async (how, missing) => {
    const cam = await camera();
    cam.manners.picture = how;
    const { picture, port } = await watch(cam.port);
    expect(await picture(how === 'silent' ? 300 : 3_000, maxBytes)).toMatchObject({ missing });
    expect(port.counters()).toMatchObject({ pictures: 0, pictures_missing: 1 });
    expect(port.exchanges?.('cam-1').at(-1)).toMatchObject({ sent: 'picture', heard: missing });
  });

  it('of a camera that is down: unreachable; of one that is switched off in the site file: not asked', async () => {
    const cam = await camera();
    await cam.stop();
    const { picture } = await watch(cam.port);
    expect(await picture()).toMatchObject({ missing: 'unreachable' });
  });

  it('of a camera behind a NAT, which takes another address for its own: the one of the site file is asked', async () => {
    const cam = await camera({ login, claims: 'http://10.77.0.64:8080' });
    const { picture, port } = await watch(cam.port, { password });
    await until(() => port.state().wire === 'up');
    expect(await picture()).toHaveProperty('bytes');
    expect(cam.countOf('PullMessages')).toBeGreaterThan(0);
  });

  it('stops with the port', async () => {
    const cam = await camera();
    cam.manners.picture = 'silent';
    const { picture, port } = await watch(cam.port);
    const taking = picture(60_000);
    await until(() => cam.countOf('picture') === 1);
    await port.stop();
    expect(await taking).toMatchObject({ missing: 'no-answer' });
  });
});

describe('a camera that would send us elsewhere', () => {
  it('redirects: nobody goes there', async () => {
    const other = await another('127.0.0.1');
    const cam = await camera({ login });
    cam.manners.elsewhere = `${other.url}/latest/meta-data`;
    cam.manners.picture = 'redirect';
    const { picture } = await watch(cam.port, { password });
    expect(await picture()).toMatchObject({ missing: 'not-allowed' });
    cam.manners.calls = 'redirect';
    const second = await watch(cam.port, { password });
    await until(() => second.failures() === 1);
    expect(await second.picture()).toMatchObject({ missing: 'not-allowed' });
    expect(other.connections()).toBe(0);
  });

  it('names a picture on a host outside of the declared subnets: nobody goes there', async () => {
    const other = await another('127.0.0.2');
    const cam = await camera({ login });
    cam.manners.elsewhere = `${other.url}/picture`;
    const { picture } = await watch(cam.port, { password, egress: siteEgress(['127.0.0.1/32']) });
    expect(await picture()).toMatchObject({ missing: 'not-allowed' });
    expect(other.connections()).toBe(0);
  });

  it('names one on another host inside: it is asked, and not told the login, even where it asks for one', async () => {
    const head = { 'WWW-Authenticate': 'Digest realm="other", qop="auth", nonce="aaaa"' };
    const other = await another('127.0.0.2', { status: 401, head });
    const cam = await camera({ login });
    cam.manners.elsewhere = `${other.url}/picture`;
    const { picture } = await watch(cam.port, { password });
    expect(await picture()).toMatchObject({ missing: 'wrong-login' });
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'https://127.0.0.1/x', 'gopher', '//127.0.0.1/x'])(
    'names %s: that is no picture of a camera',
    async (uri) => {
      const cam = await camera({ login });
      cam.manners.elsewhere = uri;
      const { picture } = await watch(cam.port, { password });
      expect(await picture()).toMatchObject({ missing: 'not-allowed' });
    },
  );

  it('is itself outside of the declared subnets: not a byte is sent', async () => {
    const other = await another('127.0.0.2');
    const { failures, fault, picture } = await watch(Number(new URL(other.url).port), {
      egress: siteEgress(['127.0.0.1/32']),
      address: { host: '127.0.0.2' },
    });
    await until(() => failures() === 1);
    expect(fault()).toBe('not-allowed');
    expect(await picture()).toMatchObject({ missing: 'not-allowed' });
    const none = await watch(Number(new URL(other.url).port), { egress: null, address: { host: '127.0.0.2' } });
    await until(() => none.failures() === 1);
    expect(other.connections()).toBe(0);
  });
});
