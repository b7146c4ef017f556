import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

describe('the first start', () => {
  it('makes accounts with random passwords, each different and long enough, and says them once', async () => {
    expect([...world.passwords.keys()]).toEqual(['admin', 'wangfang', 'wuye', 'anzhuang', 'wangge1', 'daping', 'wangge2']);
    expect(new Set(world.passwords.values()).size).toBe(7);
    for (const password of world.passwords.values()) expect(password.length).toBeGreaterThanOrEqual(12);
    await world.restart();
    expect(world.cloud.accounts).toBeNull();
    await expect(Browser.signIn(world, 'wangfang')).resolves.toBeDefined();
  });

  it('keeps no password where it could be read', () => {
    for (const password of world.passwords.values()) expect(world.lines.join('')).not.toContain(password);
  });
});

describe('a session', () => {
  it('is a strict, script-proof cookie over plain HTTP under a name of its own', async () => {
    const browser = new Browser(world);
    const body = JSON.stringify({ account: 'WangFang ', password: world.passwords.get('wangfang') });
    const response = await browser.raw('POST', '/api/session', { body, headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(200);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^yihu-plain=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await response.json()).toMatchObject({
      user: { account: 'wangfang', name: '王芳' },
      grants: [{ area: 'xingfu', areaName: '幸福街道', role: 'dispatcher' }],
    });
  });

  it('ends by signing out: the same cookie opens nothing afterwards', async () => {
    const browser = await Browser.signIn(world, 'wuye');
    const { cookie } = browser;
    expect((await browser.call('GET', '/api/session')).status).toBe(200);
    expect((await browser.call('DELETE', '/api/session')).status).toBe(204);
    browser.cookie = cookie;
    expect((await browser.call('GET', '/api/session')).body).toMatchObject({ code: 'no-session' });
  });

  it('lets no unsafe request pass without the token of that very session', async () => {
    const browser = await Browser.signIn(world, 'wangfang');
    const other = await Browser.signIn(world, 'wangge1');
    for (const csrf of ['', 'x'.repeat(43), other.csrf]) {
      browser.csrf = csrf;
      expect(await browser.call('PUT', '/api/me/duty', { onDuty: false })).toMatchObject({ status: 403, body: { code: 'csrf' } });
    }
    browser.csrf = browser.session?.csrf ?? '';
    expect((await browser.call('PUT', '/api/me/duty', { onDuty: true })).status).toBe(200);
  });

  it('refuses a request that a browser says comes from another site, signing in included', async () => {
    const browser = new Browser(world);
    const body = JSON.stringify({ account: 'wangfang', password: world.passwords.get('wangfang') });
    const headers = { 'content-type': 'application/json', origin: 'https://elsewhere.example' };
    expect((await browser.raw('POST', '/api/session', { body, headers })).status).toBe(403);
    expect((await browser.raw('POST', '/api/session', { body, headers: { ...headers, origin: 'null' } })).status).toBe(403);
    expect((await browser.raw('POST', '/api/session', { body, headers: { ...headers, origin: world.cloud.url } })).status).toBe(
      200,
    );
  });

  it('is opened by no header that claims to be somebody', async () => {
    const browser = new Browser(world);
    const headers = {
      referer: `${world.cloud.url}/dispatcher/`,
      'x-forwarded-user': 'admin',
      authorization: 'Basic YWRtaW46YWRtaW4=',
    };
    expect((await browser.raw('GET', '/api/users', { headers })).status).toBe(401);
  });
});

describe('signing in', () => {
  it('answers an unknown account, a wrong password and a disabled account alike', async () => {
    const admin = await Browser.signIn(world, 'admin');
    const account = {
      account: 'gone',
      name: '已离职',
      password: 'a long phrase nobody says',
      grants: [{ area: '', role: 'auditor' }],
    };
    const made = await admin.call<{ id: string; version: number }>('POST', '/api/users', account);
    expect(made.status).toBe(201);
    await Browser.signIn(world, 'gone', account.password);
    await admin.call('PATCH', `/api/users/${made.body.id}`, { version: made.body.version, disabled: true });
    const anybody = new Browser(world);
    const answers = await Promise.all([
      anybody.call('POST', '/api/session', { account: 'nobody', password: 'whatever it may be' }),
      anybody.call('POST', '/api/session', { account: 'wangge2', password: 'whatever it may be' }),
      anybody.call('POST', '/api/session', { account: 'gone', password: account.password }),
    ]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'wrong-credentials' } });
  });

  it('gives an account five tries a minute, right ones included, and says how long to wait', async () => {
    const browser = new Browser(world);
    const tries: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      tries.push((await browser.call('POST', '/api/session', { account: 'anzhuang', password: `guess number ${count}` })).status);
    }
    expect(tries).toEqual([401, 401, 401, 401, 401]);
    const body = JSON.stringify({ account: 'ANZHUANG', password: world.passwords.get('anzhuang') });
    const sixth = await browser.raw('POST', '/api/session', { body, headers: { 'content-type': 'application/json' } });
    expect(sixth.status).toBe(429);
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('gives an address twenty tries a minute over all accounts', async () => {
    const browser = new Browser(world);
    const statuses = new Set<number>();
    for (let count = 0; count < 20; count += 1) {
      statuses.add(
        (await browser.call('POST', '/api/session', { account: `stuffed-${count}`, password: 'some leaked password' })).status,
      );
    }
    expect(statuses).toContain(429);
  });
});
