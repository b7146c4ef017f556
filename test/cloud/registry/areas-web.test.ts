import type { AreaDetail, AreaPage, AreaPost, Coverage } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../web/world.ts';

const grid1 = '/api/areas/xingfu%2Fxfl%2Fg1';
let world: World;
let admin: Browser;
let worker: Browser;

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  admin = await Browser.signIn(world, 'admin');
  worker = await Browser.signIn(world, 'wangge1');
});
afterAll(() => world.close());

describe('the tree over HTTP', () => {
  it('says which houses are in no grid, and puts them into one', async () => {
    const before = (await admin.call<Coverage>('GET', `${grid1}/coverage`)).body;
    // It is the whole community's, also asked of one grid: who has that grid alone does not see it.
    const grants = [{ area: 'xingfu/xfl/g1', role: 'grid-worker' }];
    const password = 'one quiet phrase for all';
    await admin.call('POST', '/api/users', { account: 'one-grid', name: '一格', password, grants });
    const oneGrid = await Browser.signIn(world, 'one-grid', password);
    expect((await oneGrid.call('GET', `${grid1}/coverage`)).status).toBe(404);
    expect((await oneGrid.call('GET', grid1)).status).toBe(200);
    expect(before.complete).toBe(false);
    expect(before.uncovered.map(({ path }) => path)).toEqual(['xingfu/xfl/3']);
    const assign = { buildings: ['xingfu/xfl/3'], version: 1, key: newKey() };
    const { status, body } = await admin.call<{ coverage: Coverage }>('POST', `${grid1}/buildings`, assign);
    expect(status).toBe(200);
    expect(body.coverage).toMatchObject({ complete: true, uncovered: [], empty: [{ path: 'xingfu/xfl/g2' }] });
    const page = (await worker.call<AreaPage>('GET', grid1)).body;
    expect(page.area).toMatchObject({ buildings: 1, rooms: 1, name: '第一网格' });
    expect(page.children.map(({ path }) => path)).toEqual(['xingfu/xfl/g1/3']);
    // Whoever pressed twice hears the same; whoever works on an old picture hears that it is old.
    expect((await admin.call('POST', `${grid1}/buildings`, assign)).status).toBe(200);
    expect(await admin.call('POST', `${grid1}/buildings`, { ...assign, key: newKey() })).toMatchObject({
      status: 409,
      body: { code: 'version' },
    });
    expect(await admin.call('POST', '/api/areas/xingfu%2Fxfl%2Fg2/split', { ...split('g9'), key: assign.key })).toMatchObject({
      status: 409,
      body: { code: 'key-reused' },
    });
    expect(await admin.call('POST', '/api/areas/xingfu%2Fxfl%2Fg2/split', split('g9'))).toMatchObject({
      status: 422,
      body: { code: 'not-a-building' },
    });
  });

  const split = (code: string) => ({ code, name: '第九网格', buildings: ['xingfu/xfl/g1/3'], version: 1, key: newKey() });

  it('refuses with a sentence that names the place', async () => {
    const page = (await admin.call<AreaPage>('GET', grid1)).body;
    const answer = await admin.call('POST', `${grid1}/split`, { ...split('g9'), version: page.area.version });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'nothing-left', message: { zh: expect.stringContaining('合并') } },
    });
  });

  it('takes no outline that crosses itself and no kind that stands upside down', async () => {
    const shape = { kind: 'plan', plan: 'site', ring: [[0, 0], [1, 1], [1, 0], [0, 1]] }; // prettier-ignore
    expect(await admin.call('PATCH', grid1, { version: 2, shape })).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/shape/ring', message: 'crosses-itself' }] },
    });
    expect(await admin.call('POST', '/api/areas', { path: 'xingfu/xfl/g1/x', kind: 'community', name: '倒置' })).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/kind' }] },
    });
    expect(await admin.call('POST', '/api/areas', { path: 'xingfu/none/g1', kind: 'grid', name: '无' })).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/path' }] },
    });
    const renamed = await admin.call<AreaDetail>('PATCH', grid1, { version: 2, name: '和谐网格', position: 2 });
    expect(renamed).toMatchObject({ status: 200, body: { name: '和谐网格', position: 2, version: 3 } });
    expect((await admin.call('PATCH', grid1, { version: 2, name: '慢了' })).status).toBe(409);
  });
});

describe('posts and the notice on the wall', () => {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const post = (more: object) => ({
    area: 'xingfu/xfl/g1',
    post: 'grid-leader',
    name: '王建国',
    phone: '13900000001',
    key: newKey(),
    ...more,
  });

  it('adds a holder once, on an area of the right kind, with a picture that is one', async () => {
    const leader = post({ photo: pixel });
    const made = await admin.call<AreaPost>('POST', '/api/posts', leader);
    expect(made).toMatchObject({ status: 201, body: { post: 'grid-leader', hasPhoto: true, areaName: '和谐网格' } });
    expect((await admin.call<AreaPost>('POST', '/api/posts', leader)).body.id).toBe(made.body.id);
    expect(await admin.call('POST', '/api/posts', post({ post: 'building-head' }))).toMatchObject({
      status: 400,
      body: { issues: [{ path: '/post' }] },
    });
    expect((await admin.call('POST', '/api/posts', post({ photo: Buffer.from('<svg/>').toString('base64') }))).status).toBe(400);
    expect((await admin.call('POST', '/api/posts', post({ fromAt: 5, untilAt: 5 }))).status).toBe(400);
    expect((await worker.call('POST', '/api/posts', post({}))).status).toBe(404);
    const household = post({ post: 'party-household', area: 'xingfu/xfl/g1/3', name: '赵<b>大妈</b>', phone: '13900000002' });
    expect((await admin.call('POST', '/api/posts', household)).status).toBe(201);
    expect((await worker.call<AreaPost[]>('GET', `${grid1}/posts`)).body.map(({ name }) => name)).toEqual([
      '王建国',
      '赵<b>大妈</b>',
    ]);
  });

  it('is a page to print: names as text, telephones of those whose post is public, nothing inline', async () => {
    const response = await worker.raw('GET', `${grid1}/notice.html?paper=a3`);
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toContain('<body class="a3">');
    expect(page).toContain('和谐网格公示牌');
    expect(page).toContain('13900000001');
    expect(page).not.toContain('13900000002');
    expect(page).toContain('赵&lt;b&gt;大妈&lt;/b&gt;');
    expect(page).toContain(`src="data:image/png;base64,${pixel}"`);
    expect(page).not.toMatch(/<script|<style|style=|onload=/);
    expect((await worker.raw('GET', '/api/notice.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect((await worker.call('GET', '/api/areas/xingfu%2Fxfl/notice')).status).toBe(404);
  });
});
