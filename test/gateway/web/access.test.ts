import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../../gateway/limits.ts';
import { openAccess, resetAccess } from '../../../gateway/web/access-file.ts';
import { cheap, type Local, localServer, password, signedIn } from './desk.ts';

/** Who may use the local page: nobody before the setup code, one password after it, and no other site in a browser. */
let local: Local;
beforeEach(async () => void (local = await localServer()));
afterEach(() => local.stop());

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  local.app.inject({ method: 'POST', url, payload, headers });
const get = (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  local.app.inject({ method: 'GET', url, headers, remoteAddress });
const codeIn = (answer: { json(): unknown }) => (answer.json() as { code: string }).code;

describe('the first start', () => {
  test('the code is asked for once, typed as people type, and is worth nothing afterwards', async () => {
    expect((await get('/api/session')).json()).toMatchObject({ state: 'setup', gateway: { id: 'gw-1' }, csrf: null });
    expect(codeIn(await post('/api/session', { password }))).toBe('not-set-up');
    const code = (await local.code()) ?? '';
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(codeIn(await post('/api/setup', { code: 'AAAAA-AAAAA', password }))).toBe('wrong-code');
    const typed = code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    const answer = await post('/api/setup', { code: typed, password });
    expect(answer.statusCode).toBe(200);
    expect(String(answer.headers['set-cookie'])).toMatch(/; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    expect(await local.code()).toBeNull();
    expect(codeIn(await post('/api/setup', { code, password }))).toBe('set-up');
    expect((await get('/api/session')).json()).toMatchObject({ state: 'signed-out' });
  });

  test.each([
    ['kurz', 'too-short'],
    ['111111111111', 'too-simple'],
    ['passwordyihu1234', 'too-simple'],
  ])('%s is no password', async (bad, problem) => {
    expect(codeIn(await post('/api/setup', { code: (await local.code()) ?? '', password: bad }))).toBe(problem);
    expect(await local.code()).not.toBeNull();
  });

  test('what is kept is readable by its owner only, and holds no password', async () => {
    await signedIn(local);
    const file = join(local.folder, 'access.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(password);
  });

  test('a damaged file opens nothing: a new code is made, which only who owns the machine can see', async () => {
    await signedIn(local);
    writeFileSync(join(local.folder, 'access.json'), '{"schema":"yihu-access/1"');
    expect(codeIn(await post('/api/session', { password }))).toBe('not-set-up');
    expect(await local.code()).not.toBeNull();
    expect(readFileSync(join(local.folder, 'access.json.damaged'), 'utf8')).toContain('yihu-access');
  });
});

describe('a session', () => {
  test('is closed by signing out, by idleness, and by a new setup code', async () => {
    const first = await signedIn(local);
    expect((await get('/api/devices', first)).statusCode).toBe(200);
    expect((await local.app.inject({ method: 'DELETE', url: '/api/session', headers: first })).statusCode).toBe(204);
    expect(codeIn(await get('/api/devices', first))).toBe('no-session');
    const second = await signedIn(local);
    local.clock.pass(limits.sessionIdleMs + 1);
    expect(codeIn(await get('/api/devices', second))).toBe('no-session');
    const third = await signedIn(local);
    await resetAccess(local.folder);
    expect(codeIn(await get('/api/devices', third))).toBe('no-session');
    expect((await get('/api/session')).json()).toMatchObject({ state: 'setup' });
  });

  test('survives only a restart of nobody: another process has the password, and no sessions', async () => {
    const headers = await signedIn(local);
    const again = await localServer({ access: await openAccess(local.folder, cheap) });
    expect(codeIn(await again.app.inject({ url: '/api/devices', headers }))).toBe('no-session');
    const entered = await again.app.inject({ method: 'POST', url: '/api/session', payload: { password } });
    expect(entered.statusCode).toBe(200);
    await again.stop();
  });
});

describe('somebody who guesses', () => {
  test('waits after five wrong passwords, ever longer, while others go on', async () => {
    await signedIn(local);
    for (let i = 0; i < limits.wrongBeforeLockout; i++)
      expect(codeIn(await post('/api/session', { password: `wrong ${i}` }))).toBe('wrong-password');
    const locked = await post('/api/session', { password });
    expect(codeIn(locked)).toBe('too-many');
    expect(locked.headers['retry-after']).toBe(String(limits.lockoutMs / 1000));
    const other = await local.app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { password },
      remoteAddress: '192.168.8.9',
    });
    expect(other.statusCode).toBe(200);
    local.clock.pass(limits.lockoutMs);
    expect(codeIn(await post('/api/session', { password: 'wrong again' }))).toBe('wrong-password');
    expect((await post('/api/session', { password })).headers['retry-after']).toBe(String((limits.lockoutMs * 2) / 1000));
    local.clock.pass(limits.lockoutMs * 2);
    expect((await post('/api/session', { password })).statusCode).toBe(200);
    expect(local.told.filter((line) => line.includes('refused')).length).toBe(limits.wrongBeforeLockout + 1);
  });

  test('from a thousand addresses has so many tries a minute, and costs no hash after them', async () => {
    await signedIn(local);
    const codes: string[] = [];
    for (let i = 0; i < limits.signInsPerMinute; i++) {
      const remoteAddress = `10.0.${i >> 8}.${i & 255}`;
      const answer = await local.app.inject({ method: 'POST', url: '/api/session', payload: { password: 'x' }, remoteAddress });
      codes.push(codeIn(answer));
    }
    // One try was the setup itself.
    expect(codes.at(-2)).toBe('wrong-password');
    expect(codes.at(-1)).toBe('too-many');
  });
});

describe('a page of somewhere else', () => {
  test('whose name was made to point here is not answered', async () => {
    const headers = await signedIn(local);
    for (const host of ['evil.example', 'evil.example:8610', 'a b'])
      expect(codeIn(await get('/api/devices', { ...headers, host }))).toBe('host');
    for (const host of ['127.0.0.1:8610', '192.168.8.2', '[fe80::1]:8610', 'localhost:8610'])
      expect((await get('/api/devices', { ...headers, host })).statusCode).toBe(200);
  });

  test('can send nothing, signed in or not', async () => {
    const headers = await signedIn(local);
    const decode = (more: Record<string, string>) => post('/api/decode', { text: '01' }, { ...headers, ...more });
    expect(codeIn(await decode({ origin: 'http://evil.example' }))).toBe('csrf');
    expect(codeIn(await decode({ origin: 'null' }))).toBe('csrf');
    expect(codeIn(await decode({ 'sec-fetch-site': 'cross-site' }))).toBe('csrf');
    expect(codeIn(await decode({ 'x-csrf-token': 'guessed' }))).toBe('csrf');
    expect(codeIn(await post('/api/session', { password }, { origin: 'http://evil.example' }))).toBe('csrf');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(codeIn(await local.app.inject({ method: 'POST', url: '/api/session', payload: 'a=b', headers: form }))).toBe(
      'media-type',
    );
  });
});

describe('what is closed', () => {
  test('is everything but the page, its sign-in and the word whether the gateway is well', () => {
    const open = local.routes.filter(({ callers }) => callers !== 'installer');
    expect(open.map(({ method, url, callers }) => `${callers} ${method} ${url}`).sort()).toEqual([
      'machine GET /api/status',
      'machine GET /metrics',
      'public GET /api/session',
      'public GET /health',
      'public POST /api/session',
      'public POST /api/setup',
    ]);
  });

  test('answers nothing to who is not signed in', async () => {
    for (const { method, url, callers } of local.routes.filter((route) => route.callers === 'installer')) {
      const answer = await local.app.inject({ method: method as 'GET', url: url.replace(':id', 'x'), ...body(method) });
      expect([method, url, callers, answer.statusCode]).toEqual([method, url, 'installer', 401]);
    }
  });

  test('figures are for this machine, or for who is signed in', async () => {
    const headers = await signedIn(local);
    expect((await get('/metrics')).statusCode).toBe(200);
    expect(codeIn(await get('/metrics', {}, '192.168.8.7'))).toBe('this-machine-only');
    expect((await get('/metrics', headers, '192.168.8.7')).statusCode).toBe(200);
  });

  test('every answer forbids frames, foreign scripts and keeping it', async () => {
    const { headers } = await get('/api/session');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  test('bodies are strict, and every field that is wrong is named', async () => {
    const answer = await post('/api/setup', { code: '', password, extra: 1 });
    expect(answer.json()).toMatchObject({ code: 'bad-request', issues: [{ path: '/code' }, { path: '/' }] });
    const broken = { 'content-type': 'application/json' };
    const given = await local.app.inject({ method: 'POST', url: '/api/setup', payload: '{"a":', headers: broken });
    expect(codeIn(given)).toBe('bad-json');
    const poisoned = '{"__proto__":{"a":1}}';
    expect(codeIn(await local.app.inject({ method: 'POST', url: '/api/setup', payload: poisoned, headers: broken }))).toBe(
      'bad-json',
    );
  });
});

function body(method: string) {
  return method === 'GET' ? {} : { payload: {} };
}
