import { roles } from '@yihu/device-profiles/vocabulary/view.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushedBrowser } from '../notify/pushed-browser.ts';
import { Browser, newKey, openWorld, type World } from './world.ts';

/** What is said to a request that is not as it should be, by every route there is: the list is the description of the API. */

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly takesJson: boolean;
  readonly queries: readonly string[];
}
interface Described {
  requestBody?: { content: Record<string, unknown> };
  parameters?: { in: string; name: string }[];
}
interface Said {
  code: string;
  issues?: { path: string; message: string }[];
}

const password = 'one quiet phrase for all';
let world: World;
let operations: Operation[];
let browsers: Browser[];
let asked = 0;
beforeAll(async () => {
  world = await openWorld();
  const admin = await Browser.signIn(world, 'admin');
  // A person has a share of requests; three of them ask everything.
  browsers = await Promise.all(
    ['one', 'two', 'three'].map(async (nth) => {
      const account = `everyone-${nth}`;
      const grants = roles.map((role) => ({ area: 'xingfu', role }));
      expect((await admin.call('POST', '/api/users', { account, name: '全能', password, grants })).status).toBe(201);
      return Browser.signIn(world, account, password);
    }),
  );
  const { body } = await admin.call<{ paths: Record<string, Record<string, Described>> }>('GET', '/api/openapi.json');
  operations = Object.entries(body.paths)
    .filter(([path]) => !isHome(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody, parameters = [] }]) => ({
        method: method.toUpperCase(),
        path,
        takesJson: requestBody?.content['application/json'] !== undefined,
        queries: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
      })),
    );
});
afterAll(() => world.close());

function ask(method: string, path: string, query = '', body?: unknown): Promise<{ status: number; body: Said }> {
  const browser = browsers[(asked += 1) % browsers.length];
  if (!browser) throw new Error('nobody is signed in');
  return browser.call<Said>(method, path.replaceAll(/\{[^}]+\}/g, 'none-1') + query, body);
}

/** These take what is owed after the password, and are closed to whoever owes nothing. */
const half = ['/api/session/code', '/api/session/factor', '/api/session/factor/confirm'];

/** Whoever sends these has no session, or sends and is answered no JSON; the pages of homes are asked in a test of their own. */
const others = ['/a/{token}', '/api/receipts/{channel}', '/api/session', '/api/cap', ...half];
const isHome = (path: string) => path.startsWith('/h/');

describe('every route', () => {
  it('refuses a field it does not know, and names it', async () => {
    const unsafe = operations.filter(({ method, path }) => method !== 'GET' && !others.includes(path));
    expect(unsafe.length).toBeGreaterThan(80);
    for (const { method, path, takesJson } of unsafe) {
      const { status, body } = await ask(method, path, '', { surprise: 1 });
      // What takes something else, as CAP its XML, takes no JSON at all.
      if (!takesJson && status === 415) continue;
      expect(status, `${method} ${path}`).toBe(400);
      const issues = body.issues ?? [];
      expect(issues.length, `${method} ${path}`).toBeGreaterThan(0);
      // A contact is told of its kind first; a table comes as bytes, with its area in the address.
      if (!['/api/me/contacts', '/api/imports'].includes(path))
        expect(issues, `${method} ${path}`).toContainEqual({ path: '/surprise', message: 'is not a field of this request' });
    }
  }, 60_000);

  it('refuses a list, a word and nothing where it wants fields', async () => {
    for (const { method, path } of operations.filter((one) => one.takesJson && !others.includes(one.path)))
      for (const body of [[], 'x', null])
        expect((await ask(method, path, '', body)).status, `${method} ${path} ${JSON.stringify(body)}`).toBe(400);
  }, 60_000);

  it('names an area that is not there, instead of keeping what would never come to bear', async () => {
    const area = 'xingfu/xfl/zzz';
    const key = newKey();
    const shift = { area, role: 'dispatcher', person: browsers[0]?.session?.user.id, from: 0, to: 3_600_000, key };
    const window = { name: '检修', reason: '换泵', areas: ['xingfu/xfl', area], startsAt: 0, endsAt: 9_999_999_999_999, key };
    const grants = [
      { area: 'xingfu/xfl', role: 'dispatcher' },
      { area, role: 'grid-worker' },
    ];
    const user = { account: 'nowhere', name: '某人', password: 'one quiet phrase for all', grants };
    const hook = { name: '推送', area, url: 'https://hooks.example.cn/x', kinds: ['call.closed'] };
    for (const [method, path, query, body, field] of [
      ['POST', '/api/shifts', '', shift, '/area'],
      ['PUT', '/api/duty-needs', '', { area, role: 'dispatcher', least: 1 }, '/area'],
      ['POST', '/api/hand-overs', '', { area, key }, '/area'],
      ['GET', '/api/hand-overs/proposal', `?area=${encodeURIComponent(area)}`, undefined, '/area'],
      ['POST', '/api/maintenance-windows', '', window, '/areas/1'],
      ['POST', '/api/users', '', user, '/grants/1/area'],
      ['POST', '/api/keys', '', { name: '对接', area, scopes: ['areas:read'], days: 1 }, '/area'],
      ['POST', '/api/webhooks', '', hook, '/area'],
      ['GET', '/api/candidates', `?area=${encodeURIComponent(area)}`, undefined, '/area'],
    ] as const)
      expect(await ask(method, path, query, body), path).toMatchObject({ status: 400, body: { issues: [{ path: field }] } });
  });

  it('takes no right on an area that is not there from whoever has rights already, and keeps those they had', async () => {
    const account = { account: 'somewhere', name: '某人', password: 'one quiet phrase for all' };
    const grants = [{ area: 'xingfu/xfl', role: 'auditor' }];
    const { status, body } = await ask('POST', '/api/users', '', { ...account, grants });
    expect(status).toBe(201);
    const { id, version } = body as unknown as { id: string; version: number };
    const wish = { version, grants: [...grants, { area: 'xingfu/nowhere', role: 'admin' }] };
    expect(await ask('PATCH', `/api/users/${id}`, '', wish)).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/grants/1/area', message: 'is no area that is there' }] },
    });
    expect(await ask('PATCH', `/api/users/${id}`, '', { version, name: '别人' })).toMatchObject({
      status: 200,
      body: { grants },
    });
  });

  it('keeps no address to push to that is none, or one of the own network', async () => {
    const phone = pushedBrowser();
    const browser = browsers[0] as Browser;
    const put = (address: string) => browser.call('PUT', '/api/me/contacts', { reach: 'push', address });
    const good = phone.subscription('https://push.example.cn/x/1');
    const { keys } = JSON.parse(good) as { keys: { p256dh: string; auth: string } };
    const withKeys = (change: object) => JSON.stringify({ endpoint: 'https://push.example.cn/x', keys: { ...keys, ...change } });
    for (const address of [
      '',
      'x',
      '{}',
      withKeys({ auth: 'c2hvcnQ' }),
      withKeys({ p256dh: keys.p256dh.slice(4) }),
      withKeys({ p256dh: Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url') }),
      ...['http://push.example.cn/x', 'https://127.0.0.1:9200/_all', 'https://localhost/', 'https://169.254.169.254/latest'].map(
        (endpoint) => phone.subscription(endpoint),
      ),
      ...[
        'https://[::1]/',
        'https://10.0.0.1/',
        'https://2130706433/',
        'file:///etc/passwd',
        'https://me:pass@push.example.cn/',
      ].map((endpoint) => phone.subscription(endpoint)),
    ])
      expect(await put(address), address).toMatchObject({ status: 400, body: { issues: [{ path: '/address' }] } });
    expect((await put(good)).status).toBe(204);
    expect((await browser.call('GET', '/api/me/contacts')).body).toEqual([{ reach: 'push', address: good, label: '浏览器' }]);
    expect((await browser.call('DELETE', '/api/me/contacts', { reach: 'push', address: good })).status).toBe(204);
  });

  it('refuses U+0000 in a query and in a body, with its place, before any database sees it', async () => {
    for (const { method, path, queries } of operations)
      for (const name of queries)
        expect((await ask(method, path, `?${name}=a%00b`)).status, `${method} ${path} ${name}`).toBe(400);
    const contact = { reach: 'phone', address: 'a\u0000b' };
    expect(await ask('DELETE', '/api/me/contacts', '', contact)).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/address' }] },
    });
    const call = { audience: { areas: ['xingfu/xfl'] }, template: { id: 't', values: { 'a\u0000': 'b' } }, key: newKey() };
    expect(await ask('POST', '/api/calls', '', call)).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/template/values/a' }] },
    });
    expect(world.lines.filter((line) => line.includes('request failed'))).toEqual([]);
  }, 60_000);
});
