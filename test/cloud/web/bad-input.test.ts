import { roles } from '@yihu/device-profiles/vocabulary/view.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    for (const [method, path, query, body, field] of [
      ['POST', '/api/shifts', '', shift, '/area'],
      ['PUT', '/api/duty-needs', '', { area, role: 'dispatcher', least: 1 }, '/area'],
      ['POST', '/api/hand-overs', '', { area, key }, '/area'],
      ['GET', '/api/hand-overs/proposal', `?area=${encodeURIComponent(area)}`, undefined, '/area'],
      ['POST', '/api/maintenance-windows', '', window, '/areas/1'],
      ['GET', '/api/candidates', `?area=${encodeURIComponent(area)}`, undefined, '/area'],
    ] as const)
      expect(await ask(method, path, query, body), path).toMatchObject({ status: 400, body: { issues: [{ path: field }] } });
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
