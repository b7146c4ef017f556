import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { summaryOf } from './fixture-incidents.ts';
import { FixtureServer } from './fixture-server.ts';
import { StaleTown } from './stale-town.ts';
import { closeAll, killStream } from './states.ts';
import { allWell } from './wall-states.ts';

/** Going stale takes its 15 s, coming back a few more. */
const patienceMs = 90_000;
const patience = { timeout: 45_000 };
/** Set to a folder to keep the pictures. */
const pictures = process.env['STALE_PICTURES'];

describeWith(['chromium'], 'a screen never shows old data as current', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  const servers: FixtureServer[] = [];
  let town: StaleTown;
  beforeAll(async () => {
    [screens, browser, town] = await Promise.all([buildScreens(), openBrowser(), StaleTown.open()]);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await town?.community.dispose();
    await Promise.all(servers.map((server) => server.stop()));
    screens?.remove();
  }, 60_000);

  async function open(path: string, as: 'dispatcher' | 'property' | 'wall', give?: (server: FixtureServer) => void) {
    const server = await new FixtureServer(screens.dist).start();
    servers.push(server);
    server.reset(as);
    give?.(server);
    const { page, errors } = await openPage(browser);
    await page.goto(server.url + path);
    await page.locator('[data-freshness="fresh"]').waitFor();
    return { server, page, errors };
  }

  test.concurrent(
    'the desk: amber, then a banner, frozen timers and no actions; and what was missed comes by replay',
    { timeout: patienceMs },
    async ({ expect }) => {
      const { server, page, errors } = await open('/dispatcher/', 'dispatcher');
      const fire = server.world.details.get('i-fire');
      if (fire === undefined) throw new Error('no fire');
      await page.locator('[data-move="confirm"]').waitFor();
      server.faults.streamDown = true;
      server.cutStreams();
      const died = Date.now();
      server.world.events.push({
        type: 'incident',
        at: died,
        incident: { ...summaryOf(fire), id: 'i-missed', place: '幸福里 9栋' },
      });
      await page.locator('[data-freshness="late"]').waitFor();
      const top = (await page.locator('.desk-columns').boundingBox())?.y ?? 0;
      await page.locator('.stale-banner').waitFor();
      // 15 s after its last sign of life; the rest is this machine.
      expect(Date.now() - died).toBeLessThan(25_000);
      const banner = await page.locator('.stale-banner').boundingBox();
      expect((await page.locator('.desk-columns').boundingBox())?.y).toBeCloseTo(top + (banner?.height ?? 0), 0);
      const timer = page.locator('#incident-i-fire .elapsed');
      const frozen = await timer.innerText();
      await page.locator('[data-move="confirm"][aria-disabled="true"]', { hasText: '数据过期' }).waitFor();
      await page.keyboard.press('a');
      const clock = await page.locator('.desk-clock').innerText();
      await expect.poll(() => page.locator('.desk-clock').innerText()).not.toBe(clock);
      expect(await timer.innerText()).toBe(frozen);
      expect(server.world.received).toEqual([]);
      expect((await violationsOn(page)).found).toEqual([]);
      server.faults.streamDown = false;
      await page.locator('#incident-i-missed').waitFor({ timeout: 15_000 });
      await page.locator('.stale-banner').waitFor({ state: 'detached' });
      expect(errors).toEqual([]);
    },
  );

  test.concurrent(
    'the manager: a stream that is open but silent is not trusted either',
    { timeout: patienceMs },
    async ({ expect }) => {
      const { server, page } = await open('/property/', 'property');
      server.faults.silent = true;
      await page.locator('.stale-banner').waitFor({ timeout: 18_000 });
      expect((await violationsOn(page)).found).toEqual([]);
      server.faults.silent = false;
      await page.locator('.stale-banner').waitFor({ state: 'detached', timeout: 15_000 });
    },
  );

  test.concurrent.for([
    { path: '/dispatcher/', as: 'dispatcher', said: '无未结事件', give: closeAll },
    { path: '/property/', as: 'property', said: '一切正常', give: allWell },
    { path: '/wall/', as: 'wall', said: '无未结事件', give: allWell },
  ] as const)(
    '$path: what was well when last heard is not called well any more',
    { timeout: patienceMs },
    async ({ path, as, said, give }, { expect }) => {
      const { server, page, errors } = await open(path, as, give);
      await page.getByText(said, { exact: true }).first().waitFor();
      await killStream(page, server);
      if (as === 'wall') server.faults.refuse = { '/api/wall': 500 };
      await page.getByText('现在情况未知').first().waitFor({ timeout: 20_000 });
      expect(await page.getByText(said, { exact: true }).count()).toBe(0);
      expect(await page.locator('.panel-state .mark path[d^="M10 23.5"]').count()).toBe(0);
      expect(await page.locator('.health-bar > .online, .unit:not([class*="level-"], .unknown), .block.normal').count()).toBe(0);
      expect((await violationsOn(page)).found).toEqual([]);
      if (pictures !== undefined) await page.screenshot({ path: `${pictures}/stale-calm-${as}.png` });
      expect(errors).toEqual([]);
    },
  );

  test.concurrent(
    'the manager: an overview that cannot be read is not young because the stream is',
    { timeout: patienceMs },
    async ({ expect }) => {
      const { server, page, errors } = await open('/property/', 'property', allWell);
      await page.getByText('一切正常', { exact: true }).waitFor();
      server.faults.refuse = { '/api/overview': 500 };
      const [gateway] = server.world.gateways;
      if (gateway === undefined) throw new Error('no gateway');
      server.emit({ type: 'gateway', at: Date.now(), gateway });
      await page.locator('.answer', { hasText: '现在情况未知' }).waitFor({ timeout: 40_000 });
      expect(await page.getByText('一切正常', { exact: true }).count()).toBe(0);
      server.heal();
      await page.getByText('一切正常', { exact: true }).waitFor(patience);
      expect(errors).toEqual([]);
    },
  );

  test.concurrent(
    'a real cloud is killed in the middle of an incident: desk and wall say so, and have the missed alarm when it is back',
    { timeout: 2 * patienceMs },
    async ({ expect }) => {
      const [desk, wall] = await Promise.all([
        town.screen(browser, 'dispatcher', '/dispatcher/'),
        town.screen(browser, 'wall', '/wall/'),
      ]);
      const cards = (page: Page) => page.locator('.cards .card, .queue-rows li').filter({ hasText: '母排过热' });
      const pages = [desk.page, wall.page];
      town.heat(0);
      await Promise.all(pages.map((page) => cards(page).waitFor(patience)));
      await town.kill();
      const died = performance.now();
      town.heat(1);
      await Promise.all(pages.map((page) => page.locator('.stale-banner').waitFor(patience)));
      // 15 s after its last sign of life; the rest is this machine, which starts programs at the same time.
      expect(performance.now() - died).toBeLessThan(30_000);
      for (const page of pages) {
        expect(await cards(page).count()).toBe(1);
        expect(await page.getByText('无未结事件').count()).toBe(0);
      }
      expect((await violationsOn(wall.page)).found).toEqual([]);
      if (pictures !== undefined)
        for (const [nth, page] of pages.entries()) await page.screenshot({ path: `${pictures}/killed-${nth}.png` });
      await town.restart();
      for (const page of pages) {
        await expect.poll(() => cards(page).count(), patience).toBe(2);
        await page.locator('.stale-banner').waitFor({ state: 'detached', ...patience });
        expect(await page.evaluate('window.neverReloaded')).toBe(true);
      }
      expect([...desk.errors, ...wall.errors]).toEqual([]);
    },
  );

  test.concurrent('resync: where a replay is impossible everything is read anew', { timeout: patienceMs }, async () => {
    const { server, page } = await open('/dispatcher/', 'dispatcher');
    const fire = server.world.details.get('i-fire');
    if (fire === undefined) throw new Error('no fire');
    server.world.details.set('i-other', { ...fire, id: 'i-other' });
    server.emit({ type: 'resync', at: Date.now() });
    await page.locator('#incident-i-other').waitFor();
  });

  test.concurrent('a session that ended sends to the sign-in page and back', { timeout: patienceMs }, async ({ expect }) => {
    const { server, page } = await open('/property/devices?q=101', 'property');
    server.session = null;
    server.faults.streamDown = true;
    server.cutStreams();
    await page.locator('.login-card form').waitFor({ timeout: 10_000 });
    server.faults.streamDown = false;
    await page.fill('#account', 'lijun');
    await page.fill('#password', 'right');
    await page.keyboard.press('Enter');
    await page.locator('.row').first().waitFor();
    expect(await page.inputValue('#device-search')).toBe('101');
  });
});
