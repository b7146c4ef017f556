import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { HouseholdLink } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Browser as Chromium, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import { Browser, newKey, openWorld, type World } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { smallTargets } from './thumb.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** Set to a folder to keep the pictures. */
const pictures = process.env['PHONE_PICTURES'];
const patience = { timeout: 25_000 };
const home = 'xingfu/xfl/g1/9/502';
const size = { width: 390, height: 844 };

describeWith(['chromium'], 'the pages of a home', () => {
  let world: World;
  let chromium: Chromium;
  let plain: BrowserContext;
  let scripted: BrowserContext;
  let desk: Browser;
  let link: string;
  const errors: string[] = [];
  const measured: { task: string; taps: number; ms: number; target: string }[] = [];

  beforeAll(async () => {
    [world, chromium] = await Promise.all([openWorld(), openBrowser()]);
    const admin = await Browser.signIn(world, 'admin');
    for (const [area, kind, name] of [
      ['xingfu/xfl/g1/9', 'building', '9栋'],
      [home, 'room', '502'],
    ])
      expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
    desk = await Browser.signIn(world, 'wangfang');
    const worker = await Browser.signIn(world, 'wangge1');
    link = (await worker.call<HouseholdLink>('POST', '/api/household-links', { area: home })).body.url;
    const until = Date.now() + 86_400_000;
    const notice = { area: 'xingfu/xfl', title: '停水通知', text: '明天 9–12 点停水，请存水。', until, key: newKey() };
    expect((await desk.call('POST', '/api/notices', notice)).status).toBe(201);
    plain = await chromium.newContext({ viewport: size, javaScriptEnabled: false });
    scripted = await chromium.newContext({
      viewport: size,
      permissions: ['geolocation'],
      geolocation: { longitude: 121.4737, latitude: 31.2304, accuracy: 9 },
    });
  });

  afterAll(async () => {
    await chromium?.close();
    await world?.close();
    console.table(measured);
  });

  async function open(context: BrowserContext, address = link): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('Failed to load resource')) errors.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  async function lookAt(page: Page, name: string): Promise<void> {
    expect((await violationsOn(page)).found).toEqual([]);
    // A radio button is as large as its whole line.
    const small = (await page.evaluate(smallTargets)) as string[];
    expect(small.filter((one) => !/^ (?:28|0)×(?:28|0)$/.test(one))).toEqual([]);
    expect(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))).toBeLessThanOrEqual(0);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/home-${name}.png`, fullPage: true });
  }

  const people = async () =>
    (await desk.call<{ items: IncidentSummary[] }>('GET', '/api/incidents')).body.items.filter(
      ({ hazard }) => hazard === 'person',
    );

  test('without a script: a report, a notice and a call for help are forms', async () => {
    const page = await open(plain);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/home-plain.png`, fullPage: true });
    await page.click('text=随手报');
    await page.check('input[value=leak]');
    await page.fill('textarea', '楼道漏水');
    await page.setInputFiles('#photo', {
      name: 'IMG.jpg',
      mimeType: 'image/jpeg',
      buffer: mosaicJpeg({ columns: 12, rows: 8 }, corridor(12, 8, 0)),
    });
    await page.click('button.safe');
    expect(await page.textContent('h1')).toMatch(/受理编号 R\d{8}-01/);
    await page.click('text=返回');
    await page.click('text=停水通知');
    await page.click('text=我看过了');
    expect(await page.textContent('.given')).toContain('已读');
    await page.click('text=返回');
    await page.click('a.help');
    await page.click('button.help');
    expect(await page.textContent('h1')).toContain('正在求助');
    // The oldest way there is makes the page look again by itself.
    expect(await page.content()).toContain('http-equiv="refresh"');
    await page.click('button.safe');
    expect(await page.textContent('h1')).toContain('已撤销');
    expect(await people()).toEqual([]);
    const { items } = (await desk.call<{ items: TaskSummary[] }>('GET', '/api/tasks')).body;
    expect(items.map(({ photos }) => photos?.length)).toEqual([1]);
    await page.close();
  });

  test('with one: held for a second it calls for help with the place; let go before, it does not', async () => {
    const page = await open(scripted);
    await page.locator('[data-held]').waitFor();
    await lookAt(page, 'first');
    const button = await page.locator('[data-held]').boundingBox();
    if (button === null) throw new Error('no button');
    await page.mouse.move(button.x + 40, button.y + 40);
    await page.mouse.down();
    await page.locator('.holding').waitFor();
    await page.mouse.up();
    await page.locator('.holding').waitFor({ state: 'detached' });
    expect(page.url()).toBe(link);
    const start = performance.now();
    await page.mouse.down();
    await page.locator('[data-sos=pending]').waitFor(patience);
    measured.push({
      task: '4 a resident asks for help (held)',
      taps: 1,
      ms: Math.round(performance.now() - start),
      target: 'hold 1 s',
    });
    expect(performance.now() - start).toBeGreaterThan(1000);
    await page.mouse.up();
    await lookAt(page, 'sos-pending');
    // The page counts to the end and looks again by itself.
    await page.locator('[data-sos=sent]').waitFor(patience);
    measured.push({
      task: '4 … until it is an alarm, unless taken back',
      taps: 0,
      ms: Math.round(performance.now() - start),
      target: '10 s undo',
    });
    await lookAt(page, 'sos-sent');
    const [incident] = await people();
    const { timeline } = (await desk.call<{ timeline: { text: { zh: string } }[] }>('GET', `/api/incidents/${incident?.id}`))
      .body;
    expect(timeline.map(({ text }) => text.zh).join()).toContain('求助手机的位置：31.23040, 121.47370（误差 9 米）');
    await page.click('text=我没事了');
    await page.locator('[data-sos=safe]').waitFor(patience);
    await page.close();
  });

  test('a key held calls too; a press that is no finger’s is led to the two steps', async () => {
    const page = await open(scripted);
    await page.locator('[data-held]').focus();
    await page.keyboard.down('Enter');
    await page.locator('[data-sos=pending]').waitFor(patience);
    await page.keyboard.up('Enter');
    await page.click('button.safe');
    await page.locator('[data-sos=undone]').waitFor(patience);
    await page.click('text=返回');
    await page.evaluate(`document.querySelector('[data-held]').click()`);
    await page.locator('text=现在就求助吗').first().waitFor(patience);
    await lookAt(page, 'sos-ask');
    await page.close();
  });

  test('a photo is shrunk before it is sent, in English and large type; a second click is one report', async () => {
    const page = await open(scripted, `${link}?lang=en&large=yes`);
    await lookAt(page, 'large-en');
    await page.click('a.report');
    await lookAt(page, 'report-large-en');
    await page.fill('textarea', 'The lamp is broken');
    const large = mosaicJpeg({ columns: 500, rows: 375 }, corridor(500, 375, 0));
    await page.setInputFiles('#photo', { name: 'IMG.jpg', mimeType: 'image/jpeg', buffer: large });
    await expect.poll(() => page.evaluate(`document.querySelector('#photo').files[0].name`), patience).toBe('photo.jpg');
    const start = performance.now();
    await page.dblclick('button.safe');
    await page.locator('h1:has-text("Your number")').waitFor(patience);
    measured.push({ task: 'a report with a photo', taps: 3, ms: Math.round(performance.now() - start), target: '–' });
    await lookAt(page, 'reported-large-en');
    const { items } = (await desk.call<{ items: TaskSummary[] }>('GET', '/api/tasks')).body;
    const made = items.filter(({ note }) => note === 'The lamp is broken');
    expect(made).toHaveLength(1);
    expect(made[0]?.photos?.[0]?.bytes).toBeLessThan(512 * 1024);
    await page.close();
    const bytes = await fetch(link).then((answer) => answer.arrayBuffer());
    measured.push({ task: 'kB of the first page', taps: 0, ms: Math.ceil(bytes.byteLength / 1024), target: '≤ 40 kB' });
    expect(bytes.byteLength).toBeLessThan(40 * 1024);
    expect(errors).toEqual([]);
  });
});
