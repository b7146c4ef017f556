import type { ImportRow, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import type { DoublePair, Erased, Merged } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sheetLimits } from '../../../cloud/registry/sheets/sheet.ts';
import { writeXlsx } from '../../../cloud/registry/sheets/write.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../web/world.ts';

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
let world: World;
let keeper: Browser;

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  keeper = await Browser.signIn(world, 'wuye');
});
afterAll(() => world.close());

async function upload(body: Buffer | string, type = 'text/csv', browser = keeper): Promise<{ status: number; body: ImportView }> {
  const response = await fetch(`${world.cloud.url}/api/imports?area=xingfu%2Fxfl`, {
    method: 'POST',
    headers: { cookie: browser.cookie, 'x-csrf-token': browser.csrf, 'content-type': type },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as ImportView };
}

const plan = { mapping: { name: 0, phone: 1, house: 2 }, source: 'property', basis: 'duty', role: 'owner', makeHouses: true };

describe('a table over HTTP', () => {
  it('goes from the file to the people in three steps, and back in one', async () => {
    const rows = [['甲一', '13811112222', '3-2-502'], ['=乙二', '1', '9-9-9']]; // prettier-ignore
    const staged = await upload(await writeXlsx([{ name: '人', columns: ['姓名', '电话', '房屋'], rows }]), xlsx);
    expect(staged).toMatchObject({ status: 201, body: { state: 'staged', rows: 2 } });
    const at = `/api/imports/${staged.body.id}`;
    expect((await keeper.call('POST', `${at}/run`, {})).body).toMatchObject({
      code: 'wrong-state',
      message: { zh: expect.stringContaining('试运行') },
    });
    expect((await keeper.call<ImportView>('POST', `${at}/check`, plan)).body.counts).toMatchObject({ create: 1, error: 1 });
    const wrong = await keeper.call<{ items: ImportRow[] }>('GET', `${at}/rows?outcome=error`);
    expect(wrong.body.items).toMatchObject([{ number: 3, issues: [{ column: '房屋' }, { column: '电话' }] }]);
    const errors = await (await keeper.raw('GET', `${at}/errors.csv`)).text();
    expect(errors.split('\r\n')[1]).toMatch(/^3,房屋,/);
    expect((await keeper.call('POST', `${at}/run`, {})).status).toBe(409);
    expect((await keeper.call<ImportView>('POST', `${at}/run`, { skipErrors: true })).body).toMatchObject({ state: 'done' });
    expect((await keeper.call<ImportView[]>('GET', '/api/imports')).body.map(({ state }) => state)).toEqual(['done']);
    expect((await keeper.call<ImportView>('POST', `${at}/undo`)).body).toMatchObject({ state: 'undone', undone: { people: 1 } });
    expect((await keeper.call('DELETE', at)).status).toBe(409);
  });

  it('is refused with a sentence for whatever it is not', async () => {
    expect((await upload('{}', 'application/json')).status).toBe(415);
    expect((await upload(Buffer.from([0x50, 0x4b, 3, 4, 9, 9, 9]), xlsx)).body).toMatchObject({
      code: 'bad-request',
      issues: [{ path: '/file' }],
    });
    expect((await upload(Buffer.alloc(sheetLimits.bytes + 1, 'a'))).status).toBe(413);
    const worker = await Browser.signIn(world, 'wangge1');
    expect((await upload('姓名,房屋\n甲,1-1-1', 'text/csv', worker)).status).toBe(404);
    expect((await keeper.call('POST', '/api/people', { name: 'x'.repeat(300_000) })).status).toBe(413);
  });
});

describe('doubles over HTTP', () => {
  it('are merged, handed out and forgotten', async () => {
    const person = (phone: string) => ({
      name: '成双对',
      phone,
      home: { area: 'xingfu/xfl/3/2/502', role: 'owner' },
      provenance: { source: 'door', basis: 'duty' },
      key: newKey(),
    });
    for (const phone of ['13800000001', '13800000002'])
      expect((await keeper.call('POST', '/api/people', person(phone))).status).toBe(201);
    const [pair] = (await keeper.call<DoublePair[]>('GET', '/api/doubles')).body;
    expect(pair?.reasons).toEqual(['house']);
    const { a, b } = pair ?? {};
    const merge = { other: b?.id, version: 1, otherVersion: 1, take: ['phone'], key: newKey() };
    const merged = await keeper.call<Merged>('POST', `/api/people/${a?.id}/merge`, merge);
    expect(merged.status).toBe(200);
    const copy = await keeper.call<{ person: { phone: string } }>('POST', `/api/people/${a?.id}/copy`, { why: 'own-request' });
    expect(copy.body.person.phone).toBe('13800000002');
    const book = await keeper.raw('POST', `/api/people/${a?.id}/copy.xlsx`, {
      body: JSON.stringify({ why: 'own-request' }),
      headers: { 'content-type': 'application/json', 'x-csrf-token': keeper.csrf },
    });
    expect(book.headers.get('content-type')).toBe(xlsx);
    expect(
      Buffer.from(await book.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    for (let nth = 2; nth < 5; nth += 1) await keeper.call('POST', `/api/people/${a?.id}/copy`, { why: 'own-request' });
    expect((await keeper.call('POST', `/api/people/${a?.id}/copy`, { why: 'own-request' })).status).toBe(429);
    const erased = await keeper.call<Erased>('POST', `/api/people/${a?.id}/erase`, { version: merged.body.person.version });
    expect(erased.body.remains.map(({ what }) => what.zh)).toContain('此前的数据库备份');
    expect((await keeper.call('GET', `/api/people/${a?.id}`)).status).toBe(404);
    expect((await keeper.call('POST', `/api/merges/${merged.body.merge}/undo`)).status).toBe(404);
  });
});

describe('a list to take along', () => {
  it('is masked as on the screen, harmless in a spreadsheet, and not to be had all day', async () => {
    const person = { name: '=列表人', phone: '13800000009', home: { area: 'xingfu/xfl/3/2/502', role: 'owner' } };
    await keeper.call('POST', '/api/people', { ...person, provenance: { source: 'door', basis: 'duty' }, key: newKey() });
    const take = async (browser: Browser, format: string) => {
      const headers = { 'content-type': 'application/json', 'x-csrf-token': browser.csrf };
      return browser.raw('POST', `/api/people/list.${format}`, { body: JSON.stringify({ area: 'xingfu/xfl' }), headers });
    };
    const csv = await (await take(keeper, 'csv')).text();
    expect(csv).toContain("'=列表人,,,138****0009,,幸福里 3栋2单元502,业主");
    const admin = await Browser.signIn(world, 'admin');
    expect(await (await take(admin, 'csv')).text()).toContain("'=*,");
    expect((await take(keeper, 'xlsx')).headers.get('content-type')).toBe(xlsx);
    for (let nth = 2; nth < 5; nth += 1) await take(keeper, 'csv');
    expect((await take(keeper, 'csv')).status).toBe(429);
    expect((await take(await Browser.signIn(world, 'wangfang'), 'csv')).status).toBe(404);
  });
});
