import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../cloud/clock.ts';
import { openDatabase } from '../../../cloud/records/database.ts';
import { keyRecords } from '../../../cloud/records/keys.ts';
import { resealAll } from '../../../cloud/records/reseal.ts';
import { turned, writeKeyFile } from '../../../cloud/registry/key-file.ts';
import { openKeys } from '../../../cloud/registry/open-keys.ts';
import { createSealer } from '../../../cloud/registry/sealing.ts';
import { hotp, stepAt } from '../../../cloud/registry/totp.ts';
import { Browser, openBeside, openWorld, type World } from './world.ts';

/** Real time, pushed on: steps of thirty seconds and minutes of a limit pass at once. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead, mono: () => systemClock.mono() + ahead };
const halfMinute = 30_000;
const minute = 60_000;

let world: World;
beforeAll(async () => void (world = await openWorld({ clock })));
afterAll(() => world.close());

interface Offer {
  readonly secret: string;
  readonly uri: string;
  readonly qr: string;
}

/** What an app would show for this secret. */
function codeOf({ secret }: Pick<Offer, 'secret'>, step = 0): string {
  const bits = Array.from(secret)
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  return hotp(bytes, stepAt(clock.now()) + step);
}

const passwordOf = (account: string) => world.passwords.get(account) ?? '';

async function enrol(account: string): Promise<{ browser: Browser; offer: Offer; recovery: string[] }> {
  ahead += 2 * minute;
  const browser = await Browser.signIn(world, account);
  const { status, body: offer } = await browser.call<Offer>('POST', '/api/me/factor', { password: passwordOf(account) });
  expect(status).toBe(200);
  const { body } = await browser.call<{ recovery: string[] }>('POST', '/api/me/factor/confirm', { code: codeOf(offer) });
  ahead += halfMinute;
  return { browser, offer, recovery: body.recovery };
}

/** The password given, the code not yet. */
async function halfIn(account: string, password = passwordOf(account)): Promise<Browser> {
  const browser = new Browser(world);
  const { status, body } = await browser.call<{ step: string; csrf: string }>('POST', '/api/session', { account, password });
  expect({ status, step: body.step }).toEqual({ status: 202, step: 'code' });
  browser.csrf = body.csrf;
  return browser;
}

const give = (browser: Browser, code: string) =>
  browser.call<{ code?: string; csrf?: string }>('POST', '/api/session/code', { code });

describe('enrolling', () => {
  it('asks for the password again, shows the secret once, and holds only after its first code', async () => {
    const browser = await Browser.signIn(world, 'wuye');
    expect(await browser.call('POST', '/api/me/factor', { password: 'something else' })).toMatchObject({
      status: 403,
      body: { code: 'wrong-password' },
    });
    const { body: offer } = await browser.call<Offer>('POST', '/api/me/factor', { password: passwordOf('wuye') });
    expect(offer.uri).toContain(`secret=${offer.secret}`);
    expect(offer.qr).toMatch(/^<svg /);
    expect((await Browser.signIn(world, 'wuye')).session).not.toBeNull();
    const wrong = codeOf(offer, 5);
    expect((await browser.call('POST', '/api/me/factor/confirm', { code: wrong })).body).toMatchObject({ code: 'wrong-factor' });
    const other = await Browser.signIn(world, 'wuye');
    const done = await browser.call<{ recovery: string[] }>('POST', '/api/me/factor/confirm', { code: codeOf(offer) });
    expect(new Set(done.body.recovery).size).toBe(10);
    expect((await other.call('GET', '/api/session')).status).toBe(401);
    expect((await browser.call('GET', '/api/me/factor')).body).toMatchObject({ recoveryLeft: 10 });
    expect((await browser.call('POST', '/api/me/factor/confirm', { code: codeOf(offer) })).status).toBe(409);
    ahead += 2 * minute;
    await halfIn('wuye');
  });

  it('keeps neither the secret nor a recovery code where it could be read', async () => {
    const { offer, recovery } = await enrol('anzhuang');
    const database = await openBeside(world);
    const { rows } = await sql<{ row: string }>`select f::text || coalesce(r::text, '') as row from second_factor f
      left join recovery_code r using (user_id) union all select a::text from audit a`.execute(database.db);
    await database.close();
    const kept = rows.map(({ row }) => row).join('\n') + world.lines.join('\n');
    const secretHex = Buffer.from(offer.secret).toString('hex');
    for (const secret of [offer.secret, secretHex, ...recovery]) expect(kept).not.toContain(secret);
  });

  it('is replaced only by one who has the old one, which stays good until then', async () => {
    const { browser, offer } = await enrol('wangge2');
    const password = passwordOf('wangge2');
    expect((await browser.call('POST', '/api/me/factor', { password })).status).toBe(403);
    const next = await browser.call<Offer>('POST', '/api/me/factor', { password, code: codeOf(offer) });
    expect(next.status).toBe(200);
    ahead += 2 * minute;
    expect((await give(await halfIn('wangge2'), codeOf(offer))).status).toBe(200);
    expect((await browser.call('POST', '/api/me/factor/confirm', { code: codeOf(next.body) })).status).toBe(200);
    ahead += 2 * minute;
    expect((await give(await halfIn('wangge2'), codeOf(offer))).status).toBe(403);
    expect((await give(await halfIn('wangge2'), codeOf(next.body))).status).toBe(200);
  });
});

describe('signing in with a second factor', () => {
  let offer: Offer;
  let recovery: string[];
  beforeAll(async () => ({ offer, recovery } = await enrol('wangfang')));

  it('opens nothing with the password alone', async () => {
    const half = await halfIn('wangfang');
    const asked = await Promise.all(
      world.cloud.routes
        .filter(({ access, url }) => typeof access === 'object' && !url.includes(':'))
        .map(async ({ method, url }) => (await half.raw(method, url, { headers: { 'x-csrf-token': half.csrf } })).status),
    );
    expect(asked.length).toBeGreaterThan(50);
    expect(new Set(asked)).toEqual(new Set([401]));
    expect((await half.call('POST', '/api/session/factor')).status).toBe(404);
    expect((await half.call('POST', '/api/session/factor/confirm', { code: '000000' })).status).toBe(404);
  });

  it('takes a code once, early or late by a step, and remembers across a restart', async () => {
    ahead += 2 * minute;
    const half = await halfIn('wangfang');
    const code = codeOf(offer);
    const cookie = half.cookie;
    const entered = await give(half, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(entered.status).toBe(200);
    expect(half.cookie).not.toBe(cookie);
    half.csrf = entered.body.csrf ?? '';
    expect((await half.call('GET', '/api/incidents')).status).toBe(200);
    half.cookie = cookie;
    expect((await half.call('GET', '/api/incidents')).status).toBe(401);
    expect((await give(half, codeOf(offer, 1))).status).toBe(401);
    await world.restart();
    const again = await halfIn('wangfang');
    expect(await give(again, code)).toMatchObject({ status: 403, body: { code: 'used-factor' } });
    expect(await give(again, codeOf(offer, -1))).toMatchObject({ status: 403, body: { code: 'used-factor' } });
    expect((await give(again, codeOf(offer, 1))).status).toBe(200);
  });

  it('lets one of two pass who come with the same code at once', async () => {
    ahead += 2 * minute;
    const [one, two] = [await halfIn('wangfang'), await halfIn('wangfang')];
    const code = codeOf(offer);
    const answers = await Promise.all([give(one, code), give(two, code)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
  });

  it('is over when it was not finished in time, and needs the token of that very half', async () => {
    ahead += 2 * minute;
    const half = await halfIn('wangfang');
    const { csrf } = half;
    half.csrf = '';
    expect((await give(half, codeOf(offer))).body).toMatchObject({ code: 'csrf' });
    half.csrf = csrf;
    ahead += 11 * minute;
    expect((await give(half, codeOf(offer))).status).toBe(401);
  });

  it('takes a recovery code once, however it is typed', async () => {
    ahead += 2 * minute;
    const [code = ''] = recovery;
    expect((await give(await halfIn('wangfang'), code.replaceAll('-', ' ').toUpperCase())).status).toBe(200);
    expect((await give(await halfIn('wangfang'), code)).body).toMatchObject({ code: 'wrong-factor' });
    const database = await openBeside(world);
    const { rows } = await sql<{
      detail: string;
    }>`select detail from audit where action = 'POST /api/session/code' and result = '200'
      order by seq desc limit 1`.execute(database.db);
    await database.close();
    expect(JSON.parse(rows[0]?.detail ?? '')).toEqual({ recovery: true });
  });

  it('gives five guesses a minute, then locks the six digits for longer and longer; a recovery code gets in', async () => {
    ahead += 2 * minute;
    // A right one first: it makes the count of wrong ones start anew.
    expect((await give(await halfIn('wangfang'), codeOf(offer))).status).toBe(200);
    ahead += 2 * minute;
    const half = await halfIn('wangfang');
    const guesses: (string | undefined)[] = [];
    for (let count = 0; count < 6; count += 1) guesses.push((await give(half, codeOf(offer, 100 + count))).body.code);
    expect(guesses).toEqual([...Array.from({ length: 4 }, () => 'wrong-factor'), 'locked', 'too-many']);
    ahead += minute + 1_000;
    // The first lock is over: one more wrong one locks for two minutes, over a restart too.
    expect((await give(half, codeOf(offer, 100))).body.code).toBe('locked');
    await world.restart();
    ahead += minute + 1_000;
    const locked = await half.raw('POST', '/api/session/code', {
      body: JSON.stringify({ code: codeOf(offer) }),
      headers: { 'content-type': 'application/json', 'x-csrf-token': half.csrf },
    });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(30);
    expect((await give(half, recovery[1] ?? '')).status).toBe(200);
    ahead += 2 * minute;
    expect((await give(await halfIn('wangfang'), codeOf(offer))).status).toBe(200);
  });

  it('still opens after the sealing key was turned, and what was sealed is sealed anew', async () => {
    if (world.connection === null) throw new Error('a shared database is expected');
    const database = openDatabase(world.connection);
    const file = `${world.folder}/people.key`;
    const { ring } = await openKeys(file, keyRecords(database.db), clock.now());
    await world.cloud.stop();
    const next = turned(ring, clock.now());
    await writeKeyFile(file, next);
    await openKeys(file, keyRecords(database.db), clock.now());
    expect(await resealAll(database.db, createSealer(next))).toBeGreaterThanOrEqual(3);
    await database.close();
    await world.restart();
    ahead += 2 * minute;
    expect((await give(await halfIn('wangfang'), codeOf(offer))).status).toBe(200);
  });
});

describe('a lost second factor', () => {
  it('is taken away by an administrator, never one’s own, and the line of it is in the audit', async () => {
    const { browser: admin } = await enrol('admin');
    const { browser: lost } = await enrol('wangge1');
    const { body: users } = await admin.call<{ id: string; account: string; secondFactor: boolean }[]>('GET', '/api/users');
    const idOf = (account: string) => users.find((user) => user.account === account)?.id ?? '';
    expect(users.find(({ account }) => account === 'wangge1')?.secondFactor).toBe(true);
    expect((await admin.call('DELETE', `/api/users/${idOf('admin')}/factor`)).body).toMatchObject({ code: 'not-yours' });
    expect((await admin.call('DELETE', `/api/users/${idOf('wangge1')}/factor`)).status).toBe(204);
    expect((await admin.call('DELETE', `/api/users/${idOf('wangge1')}/factor`)).status).toBe(409);
    expect((await lost.call('GET', '/api/session')).status).toBe(401);
    await expect(Browser.signIn(world, 'wangge1')).resolves.toBeDefined();
    const { body: lines } = await admin.call<{ action: string; account: string; detail: object }[]>('GET', '/api/audit?limit=50');
    expect(lines).toContainEqual(
      expect.objectContaining({
        action: 'DELETE /api/users/:id/factor',
        account: 'admin',
        result: '204',
        detail: { account: 'wangge1' },
      }),
    );
  });
});

describe('where everybody who steers must have one', () => {
  it('a dispatcher’s password opens the enrolment and nothing else; a grid worker’s opens the door', async () => {
    const before = await Browser.signIn(world, 'wangge1');
    const database = await openBeside(world);
    await sql`delete from second_factor where user_id = (select id from app_user where account = 'wangfang')`.execute(
      database.db,
    );
    await database.close();
    const early = await Browser.signIn(world, 'wangfang');
    await world.cloud.stop();
    const strict = await openWorldAgain();
    try {
      expect((await before.call('GET', '/api/session')).status).toBe(200);
      // Signed in before the setting was turned on: the session is over.
      expect((await early.call('GET', '/api/session')).status).toBe(401);
      ahead += 2 * minute;
      const browser = new Browser(world);
      const said = await browser.call<{ step: string; csrf: string }>('POST', '/api/session', {
        account: 'wangfang',
        password: passwordOf('wangfang'),
      });
      expect(said).toMatchObject({ status: 202, body: { step: 'enrol' } });
      browser.csrf = said.body.csrf;
      expect((await browser.call('GET', '/api/incidents')).status).toBe(401);
      expect((await give(browser, '000000')).status).toBe(404);
      const { body: offer } = await browser.call<Offer>('POST', '/api/session/factor');
      expect((await browser.call('POST', '/api/session/factor/confirm', { code: codeOf(offer, 9) })).status).toBe(403);
      const done = await browser.call<{ recovery: string[]; session: { csrf: string } }>('POST', '/api/session/factor/confirm', {
        code: codeOf(offer),
      });
      expect(done.status).toBe(200);
      expect(done.body.recovery).toHaveLength(10);
      browser.csrf = done.body.session.csrf;
      expect((await browser.call('GET', '/api/incidents')).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  async function openWorldAgain() {
    const { startCloud } = await import('../../../cloud/main.ts');
    if (world.connection === null || typeof world.connection === 'string') throw new Error('a shared database is expected');
    const { host, port, user, password = '', database } = world.connection;
    const anywhere = { host: '127.0.0.1', port: 0 };
    const databaseUrl = `postgresql://${user}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
    world.cloud = await startCloud({
      data: world.folder,
      listen: anywhere,
      uplinkListen: anywhere,
      databaseUrl,
      screens: null,
      clock,
      secondFactor: 'required',
    });
    return world.cloud;
  }
});
