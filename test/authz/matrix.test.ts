import { readFileSync, writeFileSync } from 'node:fs';
import { type ApiScope, apiScopes } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { roles } from '@yihu/device-profiles/vocabulary/view.ts';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardRoutes } from '../../cloud/web/access.ts';
import type { WebOptions } from '../../cloud/web/server.ts';
import { addPicture } from '../cloud/snapshots/world-picture.ts';
import { mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import { addFarAway, Browser, newKey, openWorld, raiseSmoke, type World } from '../cloud/web/world.ts';

const golden = new URL('./matrix.golden.json', import.meta.url);
const everyone = ['nobody', ...roles] as const;
type Who = (typeof everyone)[number];
type Answer = 'in' | '401' | '404';

let fullKey = '';
const password = 'one quiet phrase for all';
let world: World;
const browsers = new Map<Who, Browser>();

const signedIn = new Map<string, Promise<Browser>>();
/** Signed in once: an address has only so many tries in a minute. */
function as(account: string): Promise<Browser> {
  const browser = signedIn.get(account) ?? Browser.signIn(world, account, account === 'admin' ? undefined : password);
  signedIn.set(account, browser);
  return browser;
}

let addresses: Record<string, string>;

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  const picture = await addPicture(world);
  const admin = await as('admin');
  for (const role of roles) {
    const account = {
      account: `only-${role}`,
      name: role,
      phone: '13800001234',
      password,
      grants: [{ area: 'xingfu/xfl', role }],
    };
    expect((await admin.call('POST', '/api/users', account)).status).toBe(201);
    browsers.set(role, await Browser.signIn(world, account.account, password));
  }
  browsers.set('nobody', new Browser(world));
  const keyOf = async (scopes: readonly string[]) => {
    const wish = { name: '对接', area: 'xingfu/xfl', scopes, days: 1 };
    const made = await admin.call<{ key: string }>('POST', '/api/keys', wish);
    expect(made.status).toBe(201);
    return made.body.key;
  };
  fullKey = await keyOf(apiScopes);
  const scope = { areas: ['xingfu'] };
  const [incident] = (await world.cloud.records.listIncidents(scope, {})).items;
  const [alarm] = (await world.cloud.records.listAlarms(scope, {})).items;
  const [person] = (await admin.call<{ id: string; account: string }[]>('GET', '/api/users')).body.filter(
    ({ account }) => account === 'only-auditor',
  );
  const spare = { name: '备用', area: 'xingfu/xfl', scopes: ['areas:read'], days: 1 };
  const unused = await admin.call<{ id: string }>('POST', '/api/keys', spare);
  const target = { name: '推送', area: 'xingfu/xfl', url: 'https://hooks.example.cn/x', kinds: ['call.closed'] };
  const hook = await admin.call<{ id: string }>('POST', '/api/webhooks', target);
  const plan = (await world.cloud.records.incidentDetail(scope, incident?.id ?? ''))?.steps[0];
  const keeper = browsers.get('dispatcher');
  await keeper?.raw('GET', `/api/incidents/${incident?.id}/cap`);
  const visit = { kind: 'visit', title: '走访', area: 'xingfu/xfl', key: newKey() };
  const task = (await keeper?.call<{ id: string }>('POST', '/api/tasks', visit))?.body.id;
  addresses = {
    '/api/incidents/:id': `/api/incidents/${incident?.id}`,
    '/api/incidents/:id/moves': `/api/incidents/${incident?.id}/moves`,
    '/api/incidents/:id/notes': `/api/incidents/${incident?.id}/notes`,
    '/api/incidents/:id/steps/:step': `/api/incidents/${incident?.id}/steps/${plan?.id ?? 'none'}`,
    '/api/incidents/:id/merge': `/api/incidents/${incident?.id}/merge`,
    '/api/incidents/:id/split': `/api/incidents/${incident?.id}/split`,
    '/api/incidents/:id/command': `/api/incidents/${incident?.id}/command`,
    '/api/incidents/:id/onward': `/api/incidents/${incident?.id}/onward`,
    '/api/incidents/:id/roll-calls': `/api/incidents/${incident?.id}/roll-calls`,
    '/api/incidents/:id/report': `/api/incidents/${incident?.id}/report`,
    '/api/incidents/:id/report.pdf': `/api/incidents/${incident?.id}/report.pdf`,
    '/api/incidents/:id/cap': `/api/incidents/${incident?.id}/cap`,
    '/api/cap/messages/:identifier': `/api/cap/messages/yihu.${incident?.id}.1`,
    '/api/areas/:path/geocodes': '/api/areas/xingfu%2Fxfl/geocodes',
    '/api/incidents/:id/run-card': `/api/incidents/${incident?.id}/run-card`,
    '/api/incidents/:id/needs': `/api/incidents/${incident?.id}/needs`,
    ...(await dutyAddresses()),
    '/api/tasks/:id': `/api/tasks/${task}`,
    '/api/photos/:id': `/api/photos/${await takenPhoto()}`,
    ...(await noticeAddresses()),
    '/api/tasks/:id/candidates': `/api/tasks/${task}/candidates`,
    '/api/tasks/:id/moves': `/api/tasks/${task}/moves`,
    '/api/candidates': '/api/candidates?area=xingfu%2Fxfl',
    '/api/alarms/:id/moves': `/api/alarms/${encodeURIComponent(alarm?.id ?? '')}/moves`,
    '/api/devices/:gateway/:device': '/api/devices/gw-1/smoke-502',
    '/api/devices/:gateway/:device/history': '/api/devices/gw-1/smoke-502/history?point=smoke',
    '/api/snapshots/:id': `/api/snapshots/${picture.id}`,
    '/api/profiles/:id': '/api/profiles/heiman.hs1sa-e',
    '/api/gateways/:id/code': '/api/gateways/gw-1/code',
    '/api/gateways/:id/site': '/api/gateways/gw-1/site',
    '/api/gateways/:id/revoke': '/api/gateways/gw-spare/revoke',
    '/api/users/:id': `/api/users/${person?.id}`,
    '/api/webhooks/:id': `/api/webhooks/${hook.body.id}`,
    '/api/webhooks/:id/pause': `/api/webhooks/${hook.body.id}/pause`,
    '/api/webhooks/:id/test': `/api/webhooks/${hook.body.id}/test`,
    '/api/webhooks/:id/events': `/api/webhooks/${hook.body.id}/events`,
    '/api/webhooks/:id/events/:event/again': `/api/webhooks/${hook.body.id}/events/evt-1/again`,
    '/api/keys/:id/revoke': `/api/keys/${unused.body.id}/revoke`,
    '/api/users/:id/factor': `/api/users/${person?.id}/factor`,
    ...(await registryAddresses(incident?.id ?? '')),
    ...(await callAddresses()),
    '/api/areas/:path': '/api/areas/xingfu%2Fxfl',
    '/api/areas/:path/coverage': '/api/areas/xingfu%2Fxfl%2Fg1/coverage',
    '/api/areas/:path/split': '/api/areas/xingfu%2Fxfl%2Fg1/split',
    '/api/areas/:path/merge': '/api/areas/xingfu%2Fxfl%2Fg1/merge',
    '/api/areas/:path/buildings': '/api/areas/xingfu%2Fxfl%2Fg1/buildings',
    '/api/areas/:path/posts': '/api/areas/xingfu%2Fxfl%2Fg1/posts',
    '/api/areas/:path/notice': '/api/areas/xingfu%2Fxfl%2Fg1/notice',
    '/api/areas/:path/notice.html': '/api/areas/xingfu%2Fxfl%2Fg1/notice.html',
  };
  await world.cloud.records.putGateway({ id: 'gw-spare', name: { zh: '备用' }, area: 'xingfu/xfl' });
}, 300_000);
afterAll(() => world.close());

/** Of work on the estate, which all who may see photos may see. */
async function takenPhoto(): Promise<string> {
  const dispatcher = browsers.get('dispatcher') as Browser;
  const worker = browsers.get('grid-worker') as Browser;
  const order = { kind: 'work-order', title: '修灯', area: 'xingfu/xfl', person: worker.session?.user.id, key: newKey() };
  const task = (await dispatcher.call<{ id: string }>('POST', '/api/tasks', order)).body.id;
  expect((await worker.call('POST', `/api/me/tasks/${task}/moves`, { move: 'accept', key: newKey() })).status).toBe(200);
  const response = await fetch(`${world.cloud.url}/api/me/tasks/${task}/photos?key=${newKey()}`, {
    method: 'POST',
    headers: { cookie: worker.cookie, 'x-csrf-token': worker.csrf, 'content-type': 'image/jpeg' },
    body: mosaicJpeg({ columns: 2, rows: 2 }, () => 128),
  });
  const { photos } = (await response.json()) as { photos?: { id: string }[] };
  return photos?.[0]?.id ?? 'none';
}

async function noticeAddresses(): Promise<Record<string, string>> {
  const property = browsers.get('property') as Browser;
  const until = Date.now() + 86_400_000;
  const body = { area: 'xingfu/xfl', title: '停水', text: '明天停水。', until, key: newKey() };
  const { id } = (await property.call<{ id: string }>('POST', '/api/notices', body)).body;
  return {
    '/api/notices/reach': '/api/notices/reach?area=xingfu%2Fxfl',
    '/api/notices/:id': `/api/notices/${id}`,
    '/api/notices/:id/homes': `/api/notices/${id}/homes?building=xingfu%2Fxfl`,
    '/api/notices/:id/withdraw': `/api/notices/${id}/withdraw`,
  };
}

/** A shift and a hand-over. */
async function dutyAddresses(): Promise<Record<string, string>> {
  const dispatcher = await as('only-dispatcher');
  const person = dispatcher.session?.user.id;
  const shift = { area: 'xingfu/xfl', role: 'dispatcher', person, from: 0, to: 3_600_000, key: newKey() };
  const made = await dispatcher.call<{ id: string }>('POST', '/api/shifts', shift);
  expect(made.status).toBe(201);
  const note = await dispatcher.call<{ id: string }>('POST', '/api/hand-overs', { area: 'xingfu/xfl', key: newKey() });
  expect(note.status).toBe(201);
  return {
    '/api/shifts': '/api/shifts?from=0&to=1000',
    '/api/duty-gaps': '/api/duty-gaps?from=0&to=1000',
    '/api/hand-overs/proposal': '/api/hand-overs/proposal?area=xingfu%2Fxfl',
    '/api/shifts/:id/cancel': `/api/shifts/${made.body.id}/cancel`,
    '/api/hand-overs/:id/notes': `/api/hand-overs/${note.body.id}/notes`,
    '/api/hand-overs/:id/sign': `/api/hand-overs/${note.body.id}/sign`,
  };
}

/** A call that is drafted, in the community that every role of the matrix reaches. */
async function callAddresses(): Promise<Record<string, string>> {
  const dispatcher = await as('only-dispatcher');
  const draft = { kind: 'drill', title: '报平安', text: '请报平安。', audience: { areas: ['xingfu/xfl'] }, key: newKey() };
  const { status, body } = await dispatcher.call<{ id: string }>('POST', '/api/calls', draft);
  expect(status).toBe(201);
  const call = `/api/calls/${body.id}`;
  const below = ['moves', 'counts', 'people', 'answers', 'needs', 'doors', 'points', 'report', 'report.html'];
  return {
    '/api/calls/:id': call,
    ...Object.fromEntries(below.map((page) => [`/api/calls/:id/${page}`, `${call}/${page}`])),
    '/api/calls/:id/needs/:need': `${call}/needs/need-1`,
    '/api/call-templates/:id': '/api/call-templates/roll-call',
  };
}

/** The same of what is shared and asked. */
async function sharingAddresses(person: string): Promise<Record<string, string>> {
  const admin = await as('only-admin');
  const made = async (url: string, body: object) => {
    const answer = await admin.call<{ id: string }>('POST', url, { ...body, key: newKey() });
    expect(answer.status, url).toBe(201);
    return answer.body.id;
  };
  const set = await made('/api/data-sets', { area: 'xingfu/xfl', name: '居民', fields: ['name'], basis: 'duty' });
  const wish = { dataSet: set, consumer: '民政', purpose: '核对', basis: 'duty', fields: ['name'] };
  const request = await made('/api/share-requests', wish);
  const form = await made('/api/forms', { area: 'xingfu/xfl', name: '表', owner: '民政', fields: ['name'] });
  return {
    '/api/data-sets/:id/retire': `/api/data-sets/${set}/retire`,
    '/api/share-requests/:id/decide': `/api/share-requests/${request}/decide`,
    '/api/share-requests/:id/rows': `/api/share-requests/${request}/rows`,
    '/api/share-requests/:id/uses': `/api/share-requests/${request}/uses`,
    '/api/forms/:id/people/:person': `/api/forms/${form}/people/${person}`,
    '/api/area-report': '/api/area-report?from=0&to=1000',
    '/api/area-report.pdf': '/api/area-report.pdf?from=0&to=1000',
    '/api/quality': '/api/quality?area=xingfu%2Fxfl',
  };
}

/** One of everything the registry keeps, in the community that every role of the matrix reaches. */
async function registryAddresses(incident: string): Promise<Record<string, string>> {
  const keeper = await as('only-property');
  const made = async (url: string, body: object) => {
    const answer = await keeper.call<{ id: string; occupancies?: { id: string }[] }>('POST', url, { ...body, key: newKey() });
    expect(answer.status, url).toBe(201);
    return answer.body;
  };
  const provenance = { source: 'door', basis: 'duty' };
  const home = { area: 'xingfu/xfl/3/2/502', role: 'owner' };
  const person = await made('/api/people', { name: '王建国', home, provenance });
  const organisation = await made('/api/organisations', { area: 'xingfu/xfl/3', name: '便利店', kind: 'shop' });
  const twin = await made('/api/people', { name: '王建国', home, provenance });
  const versions = { other: twin.id, version: 1, otherVersion: 1, key: newKey() };
  const merged = await keeper.call<{ merge: string }>('POST', `/api/people/${person.id}/merge`, versions);
  const table = { method: 'POST', headers: { cookie: keeper.cookie, 'x-csrf-token': keeper.csrf, 'content-type': 'text/csv' } };
  const upload = await fetch(`${world.cloud.url}/api/imports?area=xingfu%2Fxfl`, { ...table, body: '姓名,房屋\n王一,3-2-502' });
  const imported = ((await upload.json()) as { id: string }).id;
  const plan = { mapping: { name: 0, house: 1 }, source: 'property', basis: 'duty', role: 'owner', makeHouses: false };
  expect((await keeper.call('POST', `/api/imports/${imported}/check`, plan)).status).toBe(200);
  expect((await keeper.call('POST', `/api/imports/${imported}/run`, {})).status).toBe(200);
  const people = `/api/people/${person.id}`;
  return {
    ...(await sharingAddresses(person.id)),
    '/api/people/:id': people,
    '/api/people/:id/reveal': `${people}/reveal`,
    '/api/people/:id/occupancies': `${people}/occupancies`,
    '/api/people/:id/occupancies/:occupancy/end': `${people}/occupancies/${person.occupancies?.[0]?.id}/end`,
    '/api/people/:id/merge': `${people}/merge`,
    '/api/people/:id/copy': `${people}/copy`,
    '/api/people/:id/copy.xlsx': `${people}/copy.xlsx`,
    '/api/people/:id/erase': `${people}/erase`,
    '/api/merges/:id/undo': `/api/merges/${merged.body.merge}/undo`,
    '/api/imports': '/api/imports?area=xingfu%2Fxfl',
    '/api/imports/:id': `/api/imports/${imported}`,
    '/api/imports/:id/rows': `/api/imports/${imported}/rows`,
    '/api/imports/:id/errors.csv': `/api/imports/${imported}/errors.csv`,
    '/api/imports/:id/check': `/api/imports/${imported}/check`,
    '/api/imports/:id/run': `/api/imports/${imported}/run`,
    '/api/imports/:id/undo': `/api/imports/${imported}/undo`,
    '/api/people-at-risk': '/api/people-at-risk?area=xingfu%2Fxfl',
    '/api/incidents/:id/people': `/api/incidents/${incident}/people`,
    '/api/rooms': '/api/rooms?area=xingfu%2Fxfl',
    '/api/rooms/:path': '/api/rooms/xingfu%2Fxfl%2F3%2F2%2F502',
    '/api/organisations/:id': `/api/organisations/${organisation.id}`,
  };
}

const keysWithout = new Map<ApiScope, string>();

/** Every scope but this one. */
async function keyWithout(scope: ApiScope): Promise<string> {
  const known = keysWithout.get(scope);
  if (known !== undefined) return known;
  const admin = await as('only-admin');
  const scopes = apiScopes.filter((each) => each !== scope);
  const { body } = await admin.call<{ key: string }>('POST', '/api/keys', {
    name: '少一项',
    area: 'xingfu/xfl',
    scopes,
    days: 1,
  });
  keysWithout.set(scope, body.key);
  return body.key;
}

/** The same with an API key: `403` is a route that takes none, or one that wants a scope this key does not have. */
async function askByKey(key: string, method: string, url: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(world.cloud.url + (addresses[url] ?? url), { method, headers });
  const body = response.status === 403 ? ((await response.json()) as { code: string }) : null;
  if (body === null) await response.body?.cancel();
  return body === null ? (response.status === 401 ? '401' : response.status === 404 ? '404' : 'in') : body.code;
}

/** Gone through the guard: whatever the handler then says of an empty body is its own affair. */
async function ask(who: Who, method: string, url: string): Promise<Answer> {
  const signedIn = browsers.get(who) ?? new Browser(world);
  const response = await fetch(world.cloud.url + (addresses[url] ?? url), {
    method,
    headers: { cookie: signedIn.cookie, 'x-csrf-token': signedIn.csrf },
  });
  await response.body?.cancel();
  return response.status === 401 ? '401' : response.status === 404 ? '404' : 'in';
}

describe('who may do what', () => {
  it('is the golden file, and every line of it holds on the running server', async () => {
    const table: Record<string, Record<string, string>> = {};
    // Signing out ends what the others are asked with, so it comes last.
    const ends = ['DELETE /api/webhooks/:id', 'DELETE /api/session'];
    const last = ({ method, url }: { method: string; url: string }) => ends.indexOf(`${method} ${url}`);
    for (const { method, url, access } of world.cloud.routes.toSorted((a, b) => last(a) - last(b))) {
      const line: Record<string, string> = { declared: typeof access === 'object' ? access.roles.toSorted().join(' ') : access };
      for (const who of everyone) {
        if (typeof access === 'object') line[who] = await ask(who, method, url);
      }
      if (typeof access === 'object') {
        const { scope } = access;
        line['key'] = scope ?? 'no';
        expect(await askByKey(fullKey, method, url), `${method} ${url} by key`).toBe(scope ? 'in' : 'no-keys');
        if (scope !== undefined) expect(await askByKey(await keyWithout(scope), method, url)).toBe('key-scope');
        expect(line['nobody'], `${method} ${url}`).toBe('401');
        for (const role of roles)
          expect(line[role], `${method} ${url} as ${role}`).toBe(access.roles.includes(role) ? 'in' : '404');
      }
      table[`${method} ${url}`] = line;
    }
    const sorted = Object.fromEntries(Object.entries(table).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify(sorted, null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  }, 240_000);

  it('gives no key a way to people, to pictures of homes, or to anybody’s rights', () => {
    const closed =
      /people|rooms|organisations|reveal|imports|doubles|merges|share|forms|snapshots|users|keys|factor|session|webhooks/;
    const open = world.cloud.routes.flatMap(({ url, access }) =>
      typeof access === 'object' && access.scope !== undefined && closed.test(url) ? [url] : [],
    );
    expect(open).toEqual([]);
  });

  it('has no route that anybody could come in by without its being said', () => {
    const open = world.cloud.routes
      .filter(({ access }) => typeof access === 'string')
      .map(({ method, url }) => `${method} ${url}`);
    expect(open.toSorted()).toEqual(
      [
        // A resident's link is the key: signed for one person and one call.
        'GET /a/:token',
        'GET /a/style.css',
        'GET /api/openapi.json',
        // A home's link is the key: signed for one home, until it is replaced.
        'GET /h/:token',
        'GET /h/:token/notices/:id',
        'GET /h/:token/report',
        'GET /h/:token/reports/:id',
        'GET /h/:token/sos',
        'GET /h/:token/sos/:id',
        'GET /h/page.js',
        'GET /h/style.css',
        // The channel checks the token its provider was given.
        'GET /api/receipts/:channel',
        'GET /health',
        'GET /metrics',
        // A worker's link is the key: signed for one person's errand, for a day.
        'GET /t/:token',
        'POST /t/:token',
        'POST /a/:token',
        'POST /api/claim',
        'POST /api/receipts/:channel',
        'POST /api/session',
        // The password was given and the second factor is owed: these take it, and nothing else.
        'POST /api/session/code',
        'POST /api/session/factor',
        'POST /api/session/factor/confirm',
        'POST /h/:token/notices/:id',
        'POST /h/:token/report',
        'POST /h/:token/sos',
        'POST /h/:token/sos/:id/place',
        'POST /h/:token/sos/:id/undo',
      ].toSorted(),
    );
  });

  it('is asked at registration: a route without an access rule does not come up', async () => {
    const app = fastify();
    guardRoutes(app, {} as WebOptions);
    expect(() => app.get('/api/forgotten', () => 'hello')).toThrow('declares no access');
    await app.close();
  });
});

describe('another area', () => {
  const reads = [
    '/api/calls/:id',
    '/api/calls/:id/people',
    '/api/calls/:id/report',
    '/api/incidents/:id',
    '/api/incidents/:id/report',
    '/api/incidents/:id/report.pdf',
    '/api/tasks/:id',
    '/api/snapshots/:id',
    '/api/photos/:id',
    '/api/devices/:gateway/:device',
    '/api/devices/:gateway/:device/history',
  ];

  it('does not exist: not its objects, not its moves, not a word of it in a list', async () => {
    const admin = await as('admin');
    await addFarAway(world);
    const grants = roles.map((role) => ({ area: 'xingfu/dhy', role }));
    expect((await admin.call('POST', '/api/users', { account: 'far-away', name: '远方', password, grants })).status).toBe(201);
    const far = await as('far-away');
    for (const url of reads) expect((await far.call('GET', addresses[url] ?? '')).status, url).toBe(404);
    const move = { move: 'confirm', version: 1, key: newKey() };
    expect((await far.call('POST', addresses['/api/incidents/:id/moves'] ?? '', move)).status).toBe(404);
    expect((await far.call('POST', addresses['/api/alarms/:id/moves'] ?? '', { ...move, move: 'ack' })).status).toBe(404);
    expect((await far.call('POST', addresses['/api/incidents/:id/notes'] ?? '', { text: 'hello', key: newKey() })).status).toBe(
      404,
    );
    const step = addresses['/api/incidents/:id/steps/:step'] ?? '';
    expect((await far.call('POST', step, { state: 'done', key: newKey() })).status).toBe(404);
    for (const url of ['/api/gateways/gw-1/code', '/api/gateways/gw-1/revoke'])
      expect((await far.call('POST', url)).status).toBe(404);
    expect((await far.call('GET', '/api/gateways/gw-1/site')).status).toBe(404);
    expect((await far.call('PUT', '/api/gateways/gw-1/site', { text: 'x' })).status).toBe(404);
    expect((await far.call('PATCH', addresses['/api/users/:id'] ?? '', { version: 1, name: '改名' })).status).toBe(404);
    expect((await far.call('POST', '/api/gateways', { id: 'gw-x', name: { zh: '越界' }, area: 'xingfu/xfl' })).status).toBe(404);
    expect((await far.call('POST', '/api/areas', { path: 'xingfu/xfl/g9', kind: 'grid', name: '越界' })).status).toBe(404);
    for (const list of [
      '/api/incidents?state=all',
      '/api/calls',
      '/api/alarms',
      '/api/devices',
      '/api/gateways',
      '/api/areas',
      '/api/snapshot',
      '/api/overview',
      '/api/users',
      '/api/deliveries',
      '/api/tasks?state=all',
      '/api/post-checks',
      '/api/keys',
      '/api/webhooks',
    ]) {
      const { status, body } = await far.call('GET', list);
      expect(status, list).toBe(200);
      expect(JSON.stringify(body), list).not.toContain('xingfu/xfl');
      const asked = await far.call('GET', `${list}${list.includes('?') ? '&' : '?'}area=xingfu/xfl`);
      if (asked.status === 200) expect(JSON.stringify(asked.body), list).not.toContain('xingfu/xfl');
      else expect([400, 404], list).toContain(asked.status);
    }
    const { body: lines } = await far.call<{ account: string }[]>('GET', '/api/audit?limit=1000');
    expect(new Set(lines.map(({ account }) => account))).toEqual(new Set(['far-away']));
  });

  it('does not exist for the registry either: nobody’s page, no house, no table, no form, and no way to change any of them', async () => {
    const far = await as('far-away');
    const kept = /people|rooms|organisations|areas|imports|share|forms|quality/;
    const pages = world.cloud.routes.filter(
      ({ method, url }) => method === 'GET' && kept.test(url) && addresses[url] !== undefined,
    );
    expect(pages.length).toBeGreaterThan(15);
    for (const { url } of pages) {
      if (url === '/api/imports') continue;
      expect((await far.call('GET', addresses[url] ?? '')).status, url).toBe(404);
    }
    for (const list of [
      '/api/people',
      '/api/imports',
      '/api/doubles',
      '/api/data-sets',
      '/api/share-requests',
      '/api/forms',
      '/api/asked-twice',
    ]) {
      const { status, body } = await far.call('GET', list);
      expect(status, list).toBe(200);
      expect(JSON.stringify(body), list).not.toMatch(/xingfu\/xfl|王/);
    }
    const provenance = { source: 'door', basis: 'duty' };
    const home = { area: 'xingfu/xfl/3/2/502', role: 'owner' };
    const commands: [string, string, object][] = [
      ['PATCH', '/api/people/:id', { version: 1, change: { phone: null }, provenance }],
      ['POST', '/api/people/:id/reveal', { fields: ['phone'], why: 'visit' }],
      ['POST', '/api/people/:id/occupancies', { home, provenance, key: newKey() }],
      ['POST', '/api/people/:id/merge', { other: 'p-other', version: 1, otherVersion: 1, key: newKey() }],
      ['POST', '/api/people/:id/copy', { why: 'own-request' }],
      ['POST', '/api/people/:id/erase', { version: 1 }],
      ['POST', '/api/merges/:id/undo', {}],
      ['POST', '/api/imports/:id/run', {}],
      ['POST', '/api/imports/:id/undo', {}],
      ['PATCH', '/api/rooms/:path', { version: 1, use: 'own' }],
      ['PATCH', '/api/organisations/:id', { version: 1, name: '改名' }],
      ['PATCH', '/api/areas/:path', { version: 1, name: '改名' }],
      ['POST', '/api/areas/:path/merge', { into: 'xingfu/xfl/g2', version: 1, key: newKey() }],
      ['POST', '/api/share-requests/:id/decide', { version: 1, to: 'refused' }],
      ['POST', '/api/data-sets/:id/retire', { version: 1 }],
      ['POST', '/api/forms/:id/people/:person', { version: 1, change: {}, provenance }],
    ];
    for (const [method, url, body] of commands)
      expect((await far.call(method, addresses[url] ?? '', body)).status, `${method} ${url}`).toBe(404);
    expect((await far.call('POST', '/api/people', { name: '越界', home, provenance, key: newKey() })).status).toBe(400);
    expect((await far.call('POST', '/api/registry/search', { q: '王建国' })).body).toMatchObject({ people: [], rooms: [] });
  });

  it('is not granted by one who does not have it', async () => {
    const admin = await as('only-admin');
    for (const area of ['', 'xingfu', 'xingfu/dhy']) {
      const answer = await admin.call<{ issues: object[] }>('POST', '/api/users', {
        account: 'climber',
        name: '攀',
        password,
        grants: [{ area, role: 'admin' }],
      });
      expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: '/grants' }] } });
    }
    const { body } = await admin.call<{ account: string }[]>('GET', '/api/users');
    expect(body.map(({ account }) => account)).not.toContain('admin');
  });
});

describe('a telephone number', () => {
  it('is whole for who must call it and masked for everybody else', async () => {
    const phones = async (account: string) => {
      const browser = await Browser.signIn(world, account, password);
      const { body } = await browser.call<{ phone: string | null }[]>('GET', '/api/responders');
      return new Set(body.map(({ phone }) => phone).filter((phone) => phone !== null));
    };
    expect(await phones('only-dispatcher')).toEqual(new Set(['13800001234']));
    expect(await phones('only-property')).toEqual(new Set(['138****1234']));
    expect(await phones('only-auditor')).toEqual(new Set(['138****1234']));
  });
});
