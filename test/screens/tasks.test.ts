import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { FixtureServer } from './fixture-server.ts';

/**
 * The property manager's tasks on the made-up town (315 devices, 42 gateways): clicks and keys are counted, seconds are
 * measured, and the table of targets and results is printed. Seconds are those of the screens: the server answers at once.
 */
interface Result {
  task: string;
  target: string;
  clicks: number;
  keys: number;
  seconds: number;
}

/** Presses and clicks of one task, as a person makes them. */
class Hand {
  clicks = 0;
  keys = 0;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async click(name: string | RegExp, role: 'button' | 'link' = 'button'): Promise<void> {
    this.clicks += 1;
    await this.#page
      .getByRole(role, { name, exact: typeof name === 'string' })
      .first()
      .click();
  }

  async type(text: string): Promise<void> {
    this.keys += text.length;
    await this.#page.keyboard.type(text);
  }

  async press(...keys: string[]): Promise<void> {
    this.keys += keys.length;
    for (const key of keys) await this.#page.keyboard.press(key);
  }
}

describeWith(['chromium'], 'the property manager’s tasks', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let server: FixtureServer;
  let page: Page;
  const results: Result[] = [];
  beforeAll(async () => {
    screens = await buildScreens();
    browser = await openBrowser();
    server = await new FixtureServer(screens.dist).start();
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    screens.remove();
    const rows = results.map(({ task, target, clicks, keys, seconds }) => [
      task,
      target,
      `${clicks} clicks`,
      `${keys} keys`,
      `${seconds.toFixed(1)} s`,
    ]);
    process.stdout.write(
      `${rows.map((row) => row.map((cell, nth) => cell.padEnd([34, 34, 10, 9, 0][nth] ?? 0)).join('')).join('\n')}\n`,
    );
  });
  beforeEach(async () => {
    server.reset('property');
    ({ page } = await openPage(browser, { width: 1366 }));
  });

  async function measure(task: string, target: string, run: (hand: Hand) => Promise<void>): Promise<Result> {
    const hand = new Hand(page);
    const begun = performance.now();
    await run(hand);
    const result = { task, target, clicks: hand.clicks, keys: hand.keys, seconds: (performance.now() - begun) / 1000 };
    results.push(result);
    await page.context().close();
    return result;
  }

  async function atHome(): Promise<void> {
    await page.goto(`${server.url}/property/`);
    await page.locator('.answer h1').waitFor();
  }

  test('1 is anything wrong: no click, the first line after signing in says it', async () => {
    server.session = null;
    await page.goto(`${server.url}/`);
    await page.fill('#account', 'lijun');
    await page.fill('#password', 'right');
    const { clicks, seconds } = await measure('1 is anything wrong?', '0 clicks, ≤ 5 s from signing in', async () => {
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /起未结事件|一切正常|设备失联/ }).waitFor();
    });
    expect(clicks).toBe(0);
    expect(seconds).toBeLessThanOrEqual(5);
  });

  test('2 a device by its number: "/" and typing', async () => {
    await page.goto(`${server.url}/property/devices`);
    await page.locator('.row').first().waitFor();
    const { clicks, seconds } = await measure('2 find a device', '/ + typing, ≤ 3 s', async (hand) => {
      await hand.press('/');
      await hand.type('power-020');
      await page.getByText('1 台', { exact: true }).waitFor();
      await page.locator('.row.unknown').first().waitFor();
    });
    expect(clicks).toBe(0);
    expect(seconds).toBeLessThanOrEqual(3);
  });

  test('3 another limit, after what it would have done in seven days, and back', async () => {
    await atHome();
    const { clicks } = await measure('3 change a threshold safely', '≤ 5 clicks, preview, undo', async (hand) => {
      await hand.click('规则', 'link');
      await page.locator('.rules-devices li').first().waitFor();
      await hand.press('/');
      await hand.type('温湿度');
      await hand.click(/^温湿度 /);
      await hand.click('调整 湿度过高');
      await hand.type('40');
      await page.getByText(/近 7 天会触发 \d+ 次/).waitFor();
      await hand.click('保存并下发');
      await page.getByText('等待网关').waitFor();
      await hand.click('撤销 湿度过高 的更改');
    });
    expect(clicks).toBeLessThanOrEqual(5);
    const puts = server.world.received.filter(({ path }) => path.endsWith('/rules/damp'));
    expect(puts.map(({ body }) => body['limit'])).toEqual([40, 85]);
  });

  test('4 a door under repair wakes nobody until an end, with a reason', async () => {
    await atHome();
    const { clicks } = await measure('4 silence a door under repair', '≤ 3 clicks, end and reason', async (hand) => {
      await hand.click('维护', 'link');
      await page.locator('.window-list .running').first().waitFor();
      await hand.click('安排维护');
      await hand.type('东门门禁检修');
      await hand.press('Tab');
      await hand.type('换闭门器，王师傅');
      await hand.press('Tab', 'ArrowDown', 'Enter');
      await hand.click('安排');
      await page.getByText('东门门禁检修').waitFor();
    });
    expect(clicks).toBeLessThanOrEqual(3);
    const [sent] = server.world.received.filter(({ path }) => path.endsWith('/maintenance-windows'));
    expect(sent?.body).toMatchObject({ reason: '换闭门器，王师傅' });
    expect(Number(sent?.body['endsAt'])).toBeGreaterThan(Date.now());
  });

  test('5 the monthly report as a table', async () => {
    await atHome();
    const { clicks, seconds } = await measure('5 monthly report', '≤ 2 clicks, < 10 s', async (hand) => {
      await hand.click('报告', 'link');
      await page.locator('.report-rows').first().waitFor();
      const file = page.waitForEvent('download');
      await hand.click('存为表格');
      await file;
    });
    expect(clicks).toBeLessThanOrEqual(2);
    expect(seconds).toBeLessThan(10);
  });
});
