import type { HouseholdLink } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ProviderServer, providerServer } from '../cloud/notify/provider-server.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const building = 'xingfu/xfl/g1/9';
const patience = { timeout: 30_000 };

describeWith(['chromium'], 'the office: notices and other systems, on a real cloud', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let world: World;
  let receiver: ProviderServer;
  let chromium: Chromium;
  let link: string;

  beforeAll(async () => {
    [screens, chromium, receiver] = await Promise.all([buildScreens(), openBrowser(), providerServer()]);
    world = await openWorld({ screens: screens.dist, webhookPrivate: ['127.0.0.1'] });
    await raiseSmoke(world);
    const admin = await Browser.signIn(world, 'admin');
    for (const [area, kind, name] of [
      [building, 'building', '9栋'],
      [`${building}/502`, 'room', '502'],
      [`${building}/503`, 'room', '503'],
    ])
      expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
    const worker = await Browser.signIn(world, 'wangge1');
    link = (await worker.call<HouseholdLink>('POST', '/api/household-links', { area: `${building}/502` })).body.url;
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
    await receiver?.stop();
    screens?.remove();
  });

  /** A page of somebody who has signed in already. */
  async function as(account: string, path: string): Promise<{ page: Page; errors: string[]; browser: Browser }> {
    const browser = await Browser.signIn(world, account);
    const { page, errors } = await openPage(chromium);
    page.setDefaultTimeout(patience.timeout);
    const [name = '', value = ''] = browser.cookie.split('=');
    await page.context().addCookies([{ name, value, url: world.cloud.url }]);
    await page.goto(world.cloud.url + path);
    return { page, errors, browser };
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();

  test('a notice goes out to the homes it names, one of them confirms, and the manager sees which', async () => {
    const { page, errors } = await as('wuye', '/property/notices');
    await press(page, '写通知');
    await page.fill('#notice-title', '周五上午停水');
    await page.fill('#notice-text', '9:00–12:00 停水，请存水。');
    for (const [depth, area] of ['xingfu', 'xingfu/xfl', 'xingfu/xfl/g1', building].entries())
      await page.locator('.area-pick select').nth(depth).selectOption(area);
    await page.getByText('将送到 2 户').waitFor();
    await page.getByText('1 户没有链接').waitFor();
    await press(page, '发布');
    await page.locator('.notice-line', { hasText: '已读 0 户' }).waitFor();
    await page.getByText('1 户没有链接，看不到通知：幸福里 9栋 1 户').waitFor();

    const { page: home } = await openPage(chromium, { width: 390 });
    await home.goto(link);
    await home.click('text=周五上午停水');
    await home.click('text=我看过了');
    await page.locator('.notice-line', { hasText: '已读 1 户' }).waitFor(patience);

    await page.getByRole('link', { name: '周五上午停水' }).click();
    await press(page, '看哪几户：幸福里 9栋');
    await page.locator('.homes section', { hasText: '没有链接 1 户' }).getByText('503').waitFor();
    await page.locator('.homes section', { hasText: '已读 1 户' }).getByText('502').waitFor();
    await press(page, '撤回');
    await page.locator('dialog').getByRole('button', { name: '撤回' }).click();
    await page.getByText(/由.+撤回/).waitFor();
    await home.goto(link);
    expect(await home.textContent('main')).not.toContain('周五上午停水');
    expect(errors).toEqual([]);
  });

  test('a grid worker has the notices and nothing else of it, and may write one', async () => {
    const { page, errors } = await as('wangge1', '/property/devices');
    await press(page, '写通知');
    expect(await page.locator('.top-bar nav a').allTextContents()).toEqual(['通知']);
    await page.fill('#notice-title', '楼道请勿停电动车');
    await page.fill('#notice-text', '消防检查。');
    await page.locator('.area-pick select').first().selectOption({ index: 1 });
    await page.getByText(/^将送到 \d+ 户/).waitFor();
    await press(page, '发布');
    await page.getByRole('link', { name: '楼道请勿停电动车' }).click();
    await page.getByText('只有物业经理和调度员可以撤回').waitFor();
    expect(errors).toEqual([]);
  });

  test('a key is shown once, opens what it may and no more, and nothing once it is revoked', async () => {
    const { browser: desk } = await as('wangfang', '/property/');
    const [incident] = (await world.cloud.records.listIncidents({ areas: ['xingfu'] }, {})).items;
    const move = { move: 'confirm', version: incident?.version, key: newKey() };
    expect((await desk.call('POST', `/api/incidents/${incident?.id}/moves`, move)).status).toBe(200);

    const { page, errors } = await as('admin', '/property/links/keys');
    await press(page, '新建密钥');
    await page.fill('#key-name', '气象台');
    await page.locator('.area-pick select').first().selectOption('xingfu');
    await page.getByRole('checkbox', { name: '读取预警（CAP）' }).check();
    await press(page, '新建');
    const secret = await page.locator('.secret-dialog input').first().inputValue();
    for (let time = 0; time < 3; time += 1) await page.keyboard.press('Escape');
    expect(await page.locator('.secret-dialog[open]').count()).toBe(1);
    const ask = async (address: string) => {
      const response = await fetch(world.cloud.url + address, { headers: { authorization: `Bearer ${secret}` } });
      return { status: response.status, text: await response.text() };
    };
    const feed = await ask('/api/cap/feed');
    expect(feed.status).toBe(200);
    const [, document = ''] = /href="([^"]+\/api\/cap\/messages\/[^"]+)"/.exec(feed.text) ?? [];
    expect(await ask(new URL(document).pathname)).toMatchObject({ status: 200 });
    expect((await ask('/api/alarms')).status).toBe(403);
    await press(page, '我已存好');
    await page.locator('.key-line', { hasText: '气象台' }).waitFor();
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('link', { name: '预警互通' }).click();
    await page.locator('.cap-line', { hasText: '发出' }).first().waitFor();
    expect(await page.getByRole('textbox', { name: '给别人的订阅地址' }).inputValue()).toBe(`${world.cloud.url}/api/cap/feed`);

    await page.getByRole('link', { name: '接口密钥' }).click();
    await press(page, '吊销 气象台');
    await page.locator('dialog').getByRole('button', { name: '吊销' }).click();
    await page.locator('.key-line', { hasText: '气象台' }).waitFor({ state: 'detached' });
    expect((await ask('/api/cap/feed')).status).toBe(401);
    expect(errors).toEqual([]);
  });

  test('a receiver that refuses has a dead letter; it is sent again; paused, it is sent nothing', async () => {
    receiver.say = () => ({ status: 410 });
    const { page, errors } = await as('admin', '/property/links/webhooks');
    await press(page, '新建推送');
    await page.fill('#hook-name', '街道平台');
    await page.fill('#hook-url', `${receiver.url}/in?token=t`);
    await page.locator('.area-pick select').first().selectOption('xingfu');
    await press(page, '新建');
    expect(await page.locator('.secret-dialog input').inputValue()).toMatch(/^whsec_/);
    await press(page, '我已存好');
    await page.getByRole('link', { name: '街道平台' }).click();
    await press(page, '发一条测试');
    await page.locator('.event-line', { hasText: 'http-410' }).waitFor();
    receiver.say = () => ({});
    await press(page, /^再发一次/);
    await page.getByRole('radio', { name: '已送达' }).check();
    await page.locator('.event-line', { hasText: '已收下' }).waitFor();
    expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

    await press(page, '暂停');
    await page.locator('dialog').getByRole('button', { name: '暂停' }).click();
    await press(page, '发一条测试');
    await page.getByRole('radio', { name: /排队/ }).check();
    await page.locator('.event-line', { hasText: '继续后再送' }).waitFor();
    expect(receiver.heard).toHaveLength(2);
    await press(page, '继续推送');
    await expect.poll(() => receiver.heard.length, patience).toBe(3);
    expect(errors).toEqual([]);
  });
});
