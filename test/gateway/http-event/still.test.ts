import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { driver } from '../../../gateway/collect/http-event/driver.ts';
import { HttpEventPort } from '../../../gateway/collect/http-event/port.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';
import { camera, type Heard } from './camera.ts';
import { device, httpPort, profileOf, secretFile, temporaryFolder } from './rig.ts';

const jpeg = mosaicJpeg({ columns: 8, rows: 8 }, corridor(8, 8, 0));
const profile = profileOf({ listen: { event: { path: '/e/{key}' } }, still: '/ISAPI/Streaming/channels/101/picture' });
const bounds = { maxBytes: 100_000, timeoutMs: 2_000 };

type Said = { status: number; body?: Buffer; location?: string } | 'silent' | 'cut';

async function photographed(said: Said, over: Record<string, unknown> = {}) {
  const cam = await camera({
    password: 'p',
    answer: (_heard: Heard, response) => {
      if (said === 'cut') response.destroy();
      else if (said !== 'silent')
        response.writeHead(said.status, said.location === undefined ? {} : { location: said.location }).end(said.body);
      return true;
    },
  });
  const folder = temporaryFolder();
  secretFile(folder, 'p');
  const login = { host: '127.0.0.1', port: cam.port, username: 'admin', passwordFile: 'password' };
  const { port } = await httpPort([device('d', profile, { ...login, ...over })], { folder, port: { listen: undefined } });
  return { cam, port, outcome: await port.picture('d', bounds) };
}

describe('a still picture', () => {
  it('is what the device shows now, byte for byte, asked for with its login', async () => {
    const before = Date.now();
    const { cam, outcome } = await photographed({ status: 200, body: jpeg });
    expect(outcome).toMatchObject({ bytes: jpeg });
    expect('at' in outcome && outcome.at).toBeGreaterThanOrEqual(before);
    expect(cam.heard.map(({ method, url }) => `${method} ${url}`)).toContain('GET /ISAPI/Streaming/channels/101/picture');
  });

  it.each([
    ['a path that is not there', { status: 404 }, 'no-source'],
    ['an account without the right', { status: 403 }, 'refused'],
    ['a page that says no', { status: 200, body: Buffer.from('<html>no</html>') }, 'not-a-picture'],
    ['nothing', { status: 200 }, 'not-a-picture'],
    ['more than may be kept', { status: 200, body: Buffer.concat([jpeg, Buffer.alloc(bounds.maxBytes)]) }, 'too-large'],
    ['somewhere else', { status: 302, location: 'http://127.0.0.1:1/' }, 'not-allowed'],
    ['half an answer', 'cut', 'no-answer'],
  ] as const)('%s: there is none, and why', async (_what, said, missing) => {
    const { outcome } = await photographed(said);
    expect(outcome).toMatchObject({ missing });
    expect('missing' in outcome && outcome.zh.length * outcome.en.length).toBeGreaterThan(0);
  });

  it('is given up in time', async () => {
    const { outcome } = await photographed('silent');
    expect(outcome).toMatchObject({ missing: 'no-answer' });
  });

  it('is not asked for where the site does not let us go', async () => {
    const heard: string[] = [];
    const server = createServer((socket) => heard.push(String(socket.remoteAddress)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: strange } = server.address() as { port: number };
    const { port } = await httpPort([device('d', profile, { host: '127.0.0.1', port: strange })], {
      egress: null,
      port: { listen: undefined },
    });
    expect(await port.picture('d', bounds)).toMatchObject({ missing: 'not-allowed' });
    await new Promise((resolve) => server.close(resolve));
    expect(heard).toEqual([]);
  });

  it('can be had of devices whose profile and address say where, and of no others', () => {
    const port = HttpEventPort.parse({});
    const { address } = device('d', profile, { host: '127.0.0.1' });
    const has = (own: typeof profile, at: Partial<typeof address>) =>
      driver.hasPictures?.(port, { id: 'd', profile: own, address: { auth: 'digest', ...at } });
    expect(has(profile, address)).toBe(true);
    expect(has(profile, { host: undefined })).toBe(false);
    expect(has(profileOf({ listen: { event: { path: '/e/{key}' } } }), address)).toBe(false);
  });
});
