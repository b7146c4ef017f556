import { sql } from 'kysely';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Found, OrganisationDetail, RoomDetail } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newKey, openBeside, openWorld, raiseSmoke, type World } from '../web/world.ts';

/** Values that nobody else has: wherever one of them turns up, it was let out. */
const canary = {
  name: '金丝雀',
  idNumber: '11010519491231002X',
  phone: '13876543210',
  contact: { name: '司马金', phone: '13701928374', relation: '侄女儿' },
  note: '隔壁孟婆说的',
};
const words = [
  canary.name,
  canary.idNumber,
  '19491231',
  canary.phone,
  canary.contact.name,
  canary.contact.phone,
  canary.contact.relation,
  canary.note,
];

let world: World;
const as: Record<string, Browser> = {};
const provenance = { source: 'door', basis: 'duty' };
const flat = 'xingfu/xfl/3/2/502';
const room = encodeURIComponent(flat);

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  for (const account of ['admin', 'wangfang', 'wuye', 'wangge1', 'anzhuang']) as[account] = await Browser.signIn(world, account);
});
afterAll(() => world.close());

const who = (account: string): Browser => {
  const browser = as[account];
  if (!browser) throw new Error(account);
  return browser;
};
const wanted = () => ({
  name: canary.name,
  idNumber: canary.idNumber,
  phone: canary.phone,
  contact: canary.contact,
  needs: ['oxygen'],
  home: { area: flat, role: 'owner' },
  provenance,
  key: newKey(),
});

describe('people over HTTP', () => {
  let person: PersonDetail;

  it('are made once, and found by whoever may', async () => {
    const body = wanted();
    const made = await who('wangge1').call<PersonDetail>('POST', '/api/people', body);
    expect(made.status).toBe(201);
    person = made.body;
    expect((await who('wangge1').call<PersonDetail>('POST', '/api/people', body)).body.id).toBe(person.id);
    const found = await who('wangfang').call<Found>('POST', '/api/registry/search', { q: 'jsq' });
    expect(found.body.people).toMatchObject([{ id: person.id, name: '金*', phone: '138****3210' }]);
    expect((await who('anzhuang').call('POST', '/api/registry/search', { q: 'jsq' })).status).toBe(404);
    expect((await who('admin').call('POST', '/api/people', wanted())).status).toBe(404);
  });

  it('refuse what is not right with the field and a sentence in both languages', async () => {
    const answer = await who('wuye').call('POST', '/api/people', { ...wanted(), idNumber: '110105194912310021', phone: '1' });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'bad-request', message: { zh: expect.any(String), en: expect.any(String) } },
    });
    const issues = (answer.body as { issues: { path: string; message: string }[] }).issues;
    expect(issues.map(({ path: at }) => at)).toEqual(['/phone', '/idNumber']);
    expect(JSON.stringify(answer.body)).not.toContain('110105194912310021');
    expect((await who('wuye').call('POST', '/api/people', { ...wanted(), surprise: 1 })).status).toBe(400);
    expect((await who('wuye').call('POST', '/api/people', { ...wanted(), needs: ['tall'] })).status).toBe(400);
    const patch = { version: 9, change: { phone: null }, provenance };
    expect(await who('wuye').call('PATCH', `/api/people/${person.id}`, patch)).toMatchObject({
      status: 409,
      body: { current: { version: 1 } },
    });
    expect((await who('wuye').call('PATCH', '/api/people/p-none', patch)).status).toBe(404);
  });

  it('hang on houses, and organisations do too', async () => {
    const organisation = {
      area: 'xingfu/xfl/3',
      name: '幸福便利店',
      kind: 'shop',
      creditCode: '91350100M000100Y43',
      contact: { name: '司马金', phone: canary.contact.phone },
      key: newKey(),
    };
    const made = await who('wuye').call<OrganisationDetail>('POST', '/api/organisations', organisation);
    expect(made).toMatchObject({ status: 201, body: { label: '幸福里 3栋', contact: { name: '司*', phone: '137****8374' } } });
    expect(
      (await who('wuye').call('POST', '/api/organisations', { ...organisation, creditCode: '91350100M000100Y44', key: newKey() }))
        .body,
    ).toMatchObject({
      issues: [{ path: '/creditCode' }],
    });
    expect((await who('wangfang').call<Found>('POST', '/api/registry/search', { q: 'xfbld' })).body.organisations).toMatchObject([
      { name: '幸福便利店' },
    ]);
    const work = { home: { area: 'xingfu/xfl/3', role: 'staff', organisation: made.body.id }, provenance, key: newKey() };
    expect((await who('wuye').call('POST', `/api/people/${person.id}/occupancies`, work)).status).toBe(200);
    expect((await who('wuye').call<OrganisationDetail>('GET', `/api/organisations/${made.body.id}`)).body.staff).toMatchObject([
      { id: person.id },
    ]);
    const house = await who('wangge1').call<RoomDetail>('GET', `/api/rooms/${room}`);
    expect(house.body).toMatchObject({
      label: '幸福里 3栋2单元502',
      residents: 1,
      people: [{ name: canary.name }],
      devices: [{ id: 'smoke-502' }],
    });
    const change = { version: house.body.version, use: 'own', squareMetres: 88.5 };
    expect((await who('wuye').call<RoomDetail>('PATCH', `/api/rooms/${room}`, change)).body).toMatchObject({
      use: 'own',
      squareMetres: 88.5,
      version: 2,
    });
    expect((await who('wuye').call('PATCH', `/api/rooms/${room}`, change)).status).toBe(409);
    expect((await who('wuye').call('POST', '/api/rooms', { path: 'xingfu/xfl/3/2/503', kind: 'room', name: '503' })).status).toBe(
      201,
    );
    expect((await who('wuye').call('POST', '/api/rooms', { path: 'xingfu/xfl/503', kind: 'room', name: '503' })).status).toBe(
      400,
    );
  });

  it('are shown to a dispatcher for an open incident, and to the worker of the area', async () => {
    const { body } = await who('wangfang').call<{ items: { id: string }[] }>('GET', '/api/incidents');
    const incident = body.items[0]?.id ?? '';
    const people = await who('wangfang').call('GET', `/api/incidents/${incident}/people`);
    expect(people.body).toMatchObject({
      household: [{ name: canary.name, phone: canary.phone, needs: ['oxygen'], contact: canary.contact }],
    });
    const asked = { fields: ['phone', 'contact'], why: 'emergency', incident, note: canary.note };
    expect((await who('wangfang').call('POST', `/api/people/${person.id}/reveal`, asked)).body).toMatchObject({
      phone: canary.phone,
    });
    expect((await who('wangfang').call('POST', `/api/people/${person.id}/reveal`, { ...asked, incident: null })).status).toBe(
      404,
    );
    expect((await who('wangge1').call('GET', '/api/people-at-risk?area=xingfu%2Fxfl')).body).toMatchObject({
      items: [{ name: canary.name }],
    });
    expect((await who('wuye').call('GET', '/api/people-at-risk?area=xingfu%2Fxfl')).status).toBe(404);
    for (const address of ['/api/people?area=xingfu%2Fxfl', `/api/people/${person.id}`, `/api/rooms/${room}`]) {
      const answer = await who('wangfang').raw('GET', address);
      expect(await answer.text(), address).not.toMatch(/金丝雀|oxygen|13876543210|13701928374/);
    }
  });

  it('are read by nobody without its being written down', async () => {
    await who('wangfang').call('GET', `/api/people/${person.id}`);
    const { body } = await who('admin').call<
      { account: string; action: string; object: string; detail: Record<string, unknown> }[]
    >('GET', '/api/audit?limit=1000');
    const mine = body.filter(({ account }) => account === 'wangfang').map(({ action }) => action);
    expect(mine).toEqual(
      expect.arrayContaining([
        'GET /api/people/:id',
        'GET /api/people',
        'GET /api/incidents/:id/people',
        'POST /api/registry/search',
      ]),
    );
    const reveal = body.find(({ action, account }) => action === 'POST /api/people/:id/reveal' && account === 'wangfang');
    expect(reveal).toMatchObject({
      object: `/api/people/${person.id}/reveal`,
      detail: expect.objectContaining({ fields: 'phone,contact', why: 'emergency' }),
    });
  });
});

describe('what names somebody', () => {
  it('is in no log, no error, no address, no line of the audit, no table and no file but where it is sealed', async () => {
    // Bad luck of every kind, with the canary in it.
    const browser = who('wuye');
    for (const q of words) await browser.call('POST', '/api/registry/search', { q });
    await browser.call('POST', '/api/people', { ...wanted(), idNumber: `${canary.idNumber}1`, [canary.name]: canary.phone });
    await browser.call('GET', `/api/people/${encodeURIComponent(canary.name)}?area=${encodeURIComponent(canary.name)}`);
    await browser.call('GET', `/api/people?tag=${encodeURIComponent(canary.name)}&after=${canary.phone}`);
    await browser.call('PATCH', '/api/people/p-none', { version: 1, change: { name: canary.name }, provenance });
    const database = await openBeside(world);
    await sql`alter table person rename column name_tokens to tokens_away`.execute(database.db);
    try {
      expect((await browser.call('POST', '/api/people', wanted())).status).toBe(500);
      expect((await browser.call('POST', '/api/registry/search', { q: canary.name })).status).toBe(500);
    } finally {
      await sql`alter table person rename column tokens_away to name_tokens`.execute(database.db);
    }
    const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(database.db);
    const kept: string[] = [];
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(database.db);
      kept.push(...rows.map(({ row }) => row));
    }
    await database.close();
    const files = readdirSync(world.folder, { withFileTypes: true }).filter((file) => file.isFile());
    const places = {
      log: world.lines.join(''),
      tables: kept.join('\n'),
      files: files.map((file) => readFileSync(path.join(world.folder, file.name), 'latin1')).join('\n'),
    };
    expect(places.log).toContain('request failed');
    expect(places.tables).toContain('POST /api/people');
    for (const [place, text] of Object.entries(places)) {
      const readable = text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) =>
        Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
      );
      for (const word of words) expect(readable, `${word} in the ${place}`).not.toContain(word);
    }
  });
});
