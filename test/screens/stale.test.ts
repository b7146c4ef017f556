import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { summaryOf } from './fixture-incidents.ts';
import { FixtureServer } from './fixture-server.ts';

/** Going stale takes its 15 s, coming back a few more. */
const patienceMs = 90_000;

describeWith(['chromium'], 'a screen never shows old data as current', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  const servers: FixtureServer[] = [];
  beforeAll(async () => {
    screens = await buildScreens();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(servers.map((server) => server.stop()));
    screens.remove();
  });

  async function open(path: string, as: 'dispatcher' | 'property') {
    const server = await new FixtureServer(screens.dist).start();
    servers.push(server);
    server.reset(as);
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
      await page.locator('[data-freshness="late"]').waitFor({ timeout: 8_000 });
      const top = (await page.locator('.desk-columns').boundingBox())?.y ?? 0;
      await page.locator('.stale-banner').waitFor({ timeout: 16_000 });
      expect(Date.now() - died).toBeLessThan(17_000);
      const banner = await page.locator('.stale-banner').boundingBox();
      expect((await page.locator('.desk-columns').boundingBox())?.y).toBeCloseTo(top + (banner?.height ?? 0), 0);
      const timer = page.locator('#incident-i-fire .elapsed');
      const frozen = await timer.innerText();
      await page.locator('[data-move="confirm"][aria-disabled="true"]', { hasText: '数据过期' }).waitFor();
      await page.keyboard.press('a');
      const clock = await page.locator('.desk-clock').innerText();
      await expect.poll(() => page.locator('.desk-clock').innerText(), { timeout: 5_000 }).not.toBe(clock);
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
