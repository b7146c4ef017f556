import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRecords } from '../../../cloud/records/audit.ts';
import { Browser, newKey, openBeside, openWorld, type World } from './world.ts';

const canary = 'CANARY-7d1f';
let world: World;
let screens: string;

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(screens, file)), { recursive: true });
  writeFileSync(path.join(screens, file), text);
}

beforeAll(async () => {
  const around = mkdtempSync('/tmp/yihu-screens-');
  screens = path.join(around, 'dist');
  writeFileSync(path.join(around, 'secret.txt'), canary);
  write('index.html', 'sign-in page');
  write('dispatcher/index.html', 'dispatcher page');
  write('assets/app-0a1b2c.js', 'export {};');
  write('.vite/manifest.json', canary);
  write('.env', canary);
  symlinkSync(path.join(around, 'secret.txt'), path.join(screens, 'assets/link.txt'));
  world = await openWorld({ screens });
});
afterAll(async () => {
  await world.close();
  rmSync(path.dirname(screens), { recursive: true, force: true });
});

/** As the wire carries it: fetch would tidy the path up first. */
function rawGet(target: string): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(world.cloud.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, method: 'GET' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the screens', () => {
  it('come with a page for each application, kept never, and assets kept for a year', async () => {
    expect((await rawGet('/')).text).toBe('sign-in page');
    expect((await rawGet('/dispatcher/')).text).toBe('dispatcher page');
    expect((await rawGet('/dispatcher/incident/inc-1')).text).toBe('dispatcher page');
    expect((await rawGet('/dispatcher/')).headers['cache-control']).toBe('no-cache');
    expect((await rawGet('/assets/app-0a1b2c.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await rawGet('/assets/gone-0a1b2c.js')).status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/assets//../../secret.txt',
    '/%00/secret.txt',
    '/assets/app-0a1b2c.js%00.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/....//secret.txt',
    '/.env',
    '/.vite/manifest.json',
    '/%2evite/manifest.json',
    '//etc/passwd',
    '/assets/link.txt',
    '/file:///etc/passwd',
    '/dispatcher/..%2f..%2fsecret.txt',
  ])('never leave their folder: %s', async (target) => {
    const { status, text } = await rawGet(target);
    expect(text).not.toContain(canary);
    expect(text).not.toContain('root:');
    expect([400, 404]).toContain(status);
  });

  it('run nothing from elsewhere and nothing written into the page', async () => {
    const { headers } = await rawGet('/dispatcher/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
  });
});

describe('what leaves the server', () => {
  it('holds no secret: not in an answer, not in the log, not in the audit', async () => {
    const browser = await Browser.signIn(world, 'wangfang');
    await browser.call('POST', '/api/session', { account: 'wangfang', password: `${canary} wrong password` });
    await browser.call('POST', `/api/session?password=${canary}`, { account: canary, password: canary, [canary]: 1 });
    await browser.raw('GET', `/api/devices?q=${canary}`, { headers: { authorization: `Bearer ${canary}` } });
    await browser.call('POST', '/api/claim', { code: `${canary}ABCDE`, csr: canary });
    const admin = await Browser.signIn(world, 'admin');
    const secret = {
      account: 'newone',
      name: '新人',
      password: `${canary} quiet phrase`,
      grants: [{ area: '', role: 'auditor' }],
    };
    expect((await admin.call('POST', '/api/users', secret)).status).toBe(201);
    expect((await admin.call('POST', '/api/users', secret)).body).toMatchObject({ code: 'account-taken' });
    const { body } = await admin.call('GET', '/api/audit?limit=1000');
    const log = world.lines.join('');
    for (const text of [log, JSON.stringify(body)]) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain(browser.csrf);
      expect(text).not.toContain(browser.cookie.split('=')[1]);
    }
  });

  it('is a sentence when the database fails, and the detail stays in the log', async () => {
    const database = await openBeside(world);
    const browser = await Browser.signIn(world, 'wangge1');
    await sql`alter table area rename to area_away`.execute(database.db);
    try {
      const answer = await browser.call('GET', '/api/areas');
      expect(answer).toEqual({
        status: 500,
        body: { code: 'internal', message: expect.objectContaining({ zh: expect.any(String) }) },
      });
    } finally {
      await sql`alter table area_away rename to area`.execute(database.db);
      await database.close();
    }
    expect(world.lines.some((line) => line.includes('request failed') && line.includes('42P01'))).toBe(true);
  });

  it('counts: metrics for this machine, for nobody through a proxy', async () => {
    const { status, text } = await rawGet('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^# TYPE yihu_conservation_accepted gauge$/m);
    expect(text).toMatch(/^yihu_accept_sessions 0$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    const proxied = await fetch(`${world.cloud.url}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.9' } });
    expect(proxied.status).toBe(404);
  });
});

describe('the audit', () => {
  it('is kept before an answer leaves: where it cannot be, nothing is said to be done', async () => {
    const database = await openBeside(world);
    const browser = await Browser.signIn(world, 'wangge2');
    await sql`alter table audit rename to audit_away`.execute(database.db);
    try {
      expect(await browser.call('PUT', '/api/me/duty', { onDuty: true })).toMatchObject({
        status: 503,
        body: { code: 'unavailable' },
      });
      expect((await browser.call('GET', '/api/areas')).status).toBe(200);
    } finally {
      await sql`alter table audit_away rename to audit`.execute(database.db);
      await database.close();
    }
    expect((await browser.call('PUT', '/api/me/duty', { onDuty: true })).status).toBe(200);
  });

  it('writes down what was done and what was refused, by whom and where', async () => {
    const browser = await Browser.signIn(world, 'wuye');
    await browser.call('GET', '/api/audit');
    await browser.call('POST', '/api/users', {});
    await browser.call('POST', '/api/incidents/inc-none/notes', { text: 'hello', key: newKey() });
    const admin = await Browser.signIn(world, 'admin');
    const { body } = await admin.call<{ account: string; action: string; result: string; role: string; hash: string }[]>(
      'GET',
      '/api/audit?limit=20',
    );
    const mine = body.filter(({ account }) => account === 'wuye');
    expect(mine.map(({ action, result }) => `${action} → ${result}`)).toEqual([
      'POST /api/incidents/:id/notes → 404 not-found',
      'POST /api/users → 404 not-found',
      'GET /api/audit → 404 not-found',
    ]);
    expect(mine[0]).toMatchObject({ role: 'property', area: 'xingfu', object: '/api/incidents/inc-none/notes' });
  });

  it('pages by what the reader may see: lines of elsewhere take no place on its page', async () => {
    const database = await openBeside(world);
    const records = auditRecords(database.db);
    const line = { actor: 'u', account: 'u', role: 'auditor', action: 'a', object: 'o', result: '200', ip: '-', detail: {} };
    for (const area of ['far/one', 'far/one,near', '', null, 'far/one/2', 'far/one,far/one/3']) {
      await records.append({ ...line, at: 1, area, action: `in ${area}` });
    }
    for (let nth = 0; nth < 5; nth += 1) await records.append({ ...line, at: 1, area: 'near' });
    const within = { areas: ['far/one'] };
    const page = await records.list({ limit: 2, within });
    expect(page.map(({ action }) => action)).toEqual(['in far/one,far/one/3', 'in far/one/2']);
    const rest = await records.list({ limit: 10, within, before: page.at(-1)?.seq });
    expect(rest.map(({ action }) => action)).toEqual(['in far/one']);
    expect(await records.list({ limit: 10, within: { areas: [] } })).toEqual([]);
    expect(await records.list({ limit: 3, within: { areas: [''] } })).toHaveLength(3);
    await database.close();
  });

  it('shows the first row that was changed, removed or cut off', async () => {
    const database = await openBeside(world);
    const records = auditRecords(database.db);
    const whole = await records.verify();
    expect(whole.ok).toBe(true);
    const head = whole.ok ? whole.head : { seq: 0, hash: '' };
    await expect(sql`update audit set result = '200' where seq = 3`.execute(database.db)).rejects.toThrow('append-only');
    await expect(sql`delete from audit where seq = 3`.execute(database.db)).rejects.toThrow('append-only');
    await expect(sql`truncate audit`.execute(database.db)).rejects.toThrow('append-only');
    const tampered = async (statement: ReturnType<typeof sql>) =>
      database.db
        .transaction()
        .execute(async (trx) => {
          await sql`alter table audit disable trigger all`.execute(trx);
          await statement.execute(trx);
          throw Object.assign(new Error('undo'), { verdict: await auditRecords(trx).verify(head) });
        })
        .catch((error: { verdict?: unknown }) => error.verdict);
    expect(await tampered(sql`update audit set actor = 'somebody else' where seq = 3`)).toEqual({
      ok: false,
      seq: 3,
      fault: 'changed',
    });
    expect(await tampered(sql`delete from audit where seq = 4`)).toEqual({ ok: false, seq: 4, fault: 'missing' });
    expect(await tampered(sql`delete from audit where seq = ${head.seq}`)).toEqual({ ok: false, seq: head.seq, fault: 'cut' });
    await database.close();
  });
});
