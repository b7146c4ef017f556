import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../cloud/clock.ts';
import { addFarAway, Browser, newKey, openBeside, openWorld, raiseSmoke, type World } from './world.ts';

let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
const dayMs = 24 * 3_600_000;

let world: World;
let admin: Browser;
beforeAll(async () => {
  world = await openWorld({ clock });
  await raiseSmoke(world);
  admin = await Browser.signIn(world, 'admin');
});
afterAll(() => world.close());

interface Made {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
}

async function make(wish: object = {}): Promise<Made> {
  const body = { name: '应急平台', area: 'xingfu/xfl', scopes: ['alarms:read', 'incidents:read'], days: 30, ...wish };
  const made = await admin.call<Made>('POST', '/api/keys', body);
  expect(made.status).toBe(201);
  return made.body;
}

async function ask(key: string, address: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(world.cloud.url + address, { ...init, headers });
  const text = await response.text();
  return { status: response.status, text, body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> };
}

describe('an API key', () => {
  it('is shown once and kept as a hash', async () => {
    const { id, key, prefix } = await make();
    expect(key).toMatch(/^yihu_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    const { body: list } = await admin.call<object[]>('GET', '/api/keys');
    expect(list).toContainEqual(expect.objectContaining({ id, prefix, state: 'active', usedAt: null }));
    expect(JSON.stringify(list)).not.toContain(key.slice(15));
    const database = await openBeside(world);
    const { rows } = await sql<{
      row: string;
      hash: Buffer;
    }>`select k::text as row, hash from api_key k where id = ${id}`.execute(database.db);
    const audit = await sql<{ row: string }>`select a::text as row from audit a`.execute(database.db);
    await database.close();
    expect(rows[0]?.hash).toEqual(createHash('sha256').update(key).digest());
    for (const place of [rows[0]?.row ?? '', ...audit.rows.map(({ row }) => row), ...world.lines])
      expect(place).not.toContain(key.slice(15));
  });

  it('opens what its scopes say in its area, without a cookie and without a token against forgery', async () => {
    await raiseSmoke(world, 'gw-far', 'xingfu/dhy', 2);
    const { id, key } = await make();
    const seen = await ask(key, '/api/alarms');
    expect(seen.status).toBe(200);
    expect(seen.text).toContain('xingfu/xfl');
    expect(seen.text).not.toContain('xingfu/dhy');
    expect((await ask(key, '/api/alarms?area=xingfu/dhy')).status).toBe(404);
    const far = (await world.cloud.records.listIncidents({ areas: ['xingfu/dhy'] }, {})).items[0];
    expect((await ask(key, `/api/incidents/${far?.id}`)).status).toBe(404);
    expect((await ask(key, '/api/devices')).body).toMatchObject({
      code: 'key-scope',
      issues: [{ message: 'needs devices:read' }],
    });
    expect((await ask(key, '/api/people')).body).toMatchObject({ code: 'no-keys' });
    expect((await ask(key, '/api/keys')).body).toMatchObject({ code: 'no-keys' });
    const { body: list } = await admin.call<{ id: string; usedAt: number | null; usedIp: string | null }[]>('GET', '/api/keys');
    expect(list.find((each) => each.id === id)).toMatchObject({ usedAt: expect.any(Number) as number, usedIp: '127.0.0.1' });
  });

  it('goes before a cookie: what it may not do is not done by whoever is signed in', async () => {
    const { key } = await make();
    const headers = { cookie: admin.cookie, authorization: `Bearer ${key}` };
    expect((await fetch(`${world.cloud.url}/api/users`, { headers })).status).toBe(403);
    const wrong = { cookie: admin.cookie, authorization: 'Bearer yihu_00000000_nothing' };
    expect((await fetch(`${world.cloud.url}/api/users`, { headers: wrong })).status).toBe(401);
  });

  it('is nobody’s when a letter of it is another, and says no more than that', async () => {
    const { key } = await make();
    const turned = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
    const unknown = `yihu_ffffffff_${key.slice(14)}`;
    const answers = await Promise.all(
      [turned, unknown, key.slice(0, -1), `${key}x`, 'x'].map((each) => ask(each, '/api/alarms')),
    );
    for (const { status, body } of answers) expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'bad-key' });
    expect((await ask(key, '/api/alarms')).status).toBe(200);
  });

  it('writes where its scope says so, under its own name', async () => {
    const { id, key } = await make({ name: '电梯维保', scopes: ['windows:write', 'incidents:note', 'incidents:read'] });
    const now = clock.now();
    const plan = { name: '电梯年检', reason: '年检', startsAt: now, endsAt: now + 3_600_000 };
    const post = (address: string, body: object) => ask(key, address, { method: 'POST', body: JSON.stringify(body) });
    expect((await post('/api/maintenance-windows', { ...plan, areas: ['xingfu/dhy'], key: newKey() })).status).toBe(404);
    const planned = await post('/api/maintenance-windows', { ...plan, areas: ['xingfu/xfl'], key: newKey() });
    expect(planned.status).toBe(201);
    const [incident] = (await world.cloud.records.listIncidents({ areas: ['xingfu/xfl'] }, {})).items;
    const noted = await post(`/api/incidents/${incident?.id}/notes`, { text: '维保单位已通知', key: newKey() });
    expect(noted.status).toBe(200);
    expect(noted.text).toContain('电梯维保');
    const { body: lines } = await admin.call<object[]>('GET', '/api/audit?limit=20');
    expect(lines).toContainEqual(
      expect.objectContaining({
        actor: id,
        account: 'key:电梯维保',
        role: 'api-key',
        area: 'xingfu/xfl',
        action: 'POST /api/maintenance-windows',
        result: '201',
      }),
    );
  });

  it('opens nothing from the moment it is revoked, and its open stream ends', async () => {
    const { id, key } = await make({ scopes: ['stream:read'] });
    const stream = await fetch(`${world.cloud.url}/api/stream`, { headers: { authorization: `Bearer ${key}` } });
    expect(stream.status).toBe(200);
    expect((await admin.call('POST', `/api/keys/${id}/revoke`)).body).toMatchObject({
      state: 'revoked',
      revokedByName: '系统管理员',
    });
    expect((await ask(key, '/api/stream')).status).toBe(401);
    // Read to its end: it has one.
    await stream.text();
    expect((await admin.call('POST', '/api/keys/key-none/revoke')).status).toBe(404);
  });

  it('ends by itself', async () => {
    const { key } = await make({ days: 1 });
    expect((await ask(key, '/api/alarms')).status).toBe(200);
    ahead += dayMs;
    expect((await ask(key, '/api/alarms')).status).toBe(401);
    admin = await Browser.signIn(world, 'admin');
    const { body: list } = await admin.call<{ state: string }[]>('GET', '/api/keys');
    expect(list.map(({ state }) => state)).toContain('expired');
  });

  it('has its share of requests like anybody', async () => {
    const { key } = await make();
    const statuses = await Promise.all(
      Array.from({ length: 305 }, () => ask(key, '/api/alarms?limit=1').then(({ status }) => status)),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });

  it('is not made without an end, with an unknown scope, with none, or for another’s area', async () => {
    const good = { name: '对接', area: 'xingfu/xfl', scopes: ['alarms:read'], days: 30 };
    const refused = async (who: Browser, change: object) => {
      const { status, body } = await who.call<{ issues: { path: string }[] }>('POST', '/api/keys', { ...good, ...change });
      return [status, body.issues[0]?.path];
    };
    expect(await refused(admin, { days: undefined })).toEqual([400, '/days']);
    expect(await refused(admin, { days: 401 })).toEqual([400, '/days']);
    expect(await refused(admin, { scopes: [] })).toEqual([400, '/scopes']);
    expect(await refused(admin, { scopes: ['people:read'] })).toEqual([400, '/scopes/0']);
    expect(await refused(admin, { secret: 'mine' })).toEqual([400, '/secret']);
    const password = 'one quiet phrase for all';
    await addFarAway(world);
    const grants = [{ area: 'xingfu/dhy', role: 'admin' }];
    await admin.call('POST', '/api/users', { account: 'dhy-admin', name: '远方', password, grants });
    const far = await Browser.signIn(world, 'dhy-admin', password);
    expect(await refused(far, {})).toEqual([400, '/area']);
    const mine = await make();
    expect((await far.call('GET', '/api/keys')).body).toEqual([]);
    expect((await far.call('POST', `/api/keys/${mine.id}/revoke`)).status).toBe(404);
    expect((await ask(mine.key, '/api/alarms')).status).toBe(200);
  });
});

describe('what a key never shows', () => {
  it('is a resident: not a name, not a number, on any route that takes keys', async () => {
    const keeper = await Browser.signIn(world, 'wuye');
    const provenance = { source: 'door', basis: 'duty' };
    const home = { area: 'xingfu/xfl/3/2/502', role: 'owner' };
    const person = { name: '欧阳致远', phone: '13912345678', home, provenance, key: newKey() };
    expect((await keeper.call('POST', '/api/people', person)).status).toBe(201);
    const { key } = await make({ scopes: [...new Set(scopesOf())] });
    const [incident] = (await world.cloud.records.listIncidents({ areas: ['xingfu/xfl'] }, {})).items;
    const filled: Record<string, string> = {
      '/api/incidents/:id': `/api/incidents/${incident?.id}`,
      '/api/devices/:gateway/:device': '/api/devices/gw-1/smoke-502',
      '/api/area-report': '/api/area-report?from=0&to=1000',
    };
    const asked: string[] = [];
    for (const { method, url, access } of world.cloud.routes) {
      if (method !== 'GET' || typeof access !== 'object' || access.scope === undefined || url === '/api/stream') continue;
      const address = filled[url] ?? url;
      if (address.includes(':')) continue;
      const response = await fetch(world.cloud.url + address, { headers: { authorization: `Bearer ${key}` } });
      const text = await response.text();
      if (response.status === 200) asked.push(url);
      expect(text, url).not.toMatch(/欧阳|13912345678|139\*{4}5678/);
    }
    expect(asked.length).toBeGreaterThan(8);
  });

  function scopesOf(): string[] {
    return world.cloud.routes.flatMap(({ access }) => (typeof access === 'object' && access.scope ? [access.scope] : []));
  }
});
