import type { PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCorner, moveItem, newRing, removeCorner } from '../../dashboards/property/plan-items.ts';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { FixtureServer } from './fixture-server.ts';

const square: PlanItem = {
  kind: 'area',
  area: 'xingfu/xfl/g1/1',
  ring: [
    [0.1, 0.1],
    [0.3, 0.1],
    [0.3, 0.3],
    [0.1, 0.3],
  ],
};

test('nothing leaves the sheet, and a ring keeps its shape at the edge', () => {
  expect(moveItem({ kind: 'assembly', name: 'a', at: [0.99, 0.5] }, 0.5, 0, null)).toMatchObject({ at: [1, 0.5] });
  expect(moveItem(square, -0.5, 0.05, null)).toMatchObject({
    ring: [
      [0, 0.15],
      [0.2, 0.15],
      [0.2, 0.35],
      [0, 0.35],
    ],
  });
  expect(moveItem(square, 0.1, 0.1, 2)).toMatchObject({
    ring: [
      [0.1, 0.1],
      [0.3, 0.1],
      [0.4, 0.4],
      [0.1, 0.3],
    ],
  });
});

test('a ring has three corners at least', () => {
  const five = addCorner(square, 3);
  expect(five).toMatchObject({
    ring: [
      [0.1, 0.1],
      [0.3, 0.1],
      [0.3, 0.3],
      [0.1, 0.3],
      [0.1, 0.2],
    ],
  });
  const three = [0, 0, 0, 0].reduce((item: PlanItem) => removeCorner(item, 0), five);
  expect('ring' in three && three.ring.length).toBe(3);
  for (let nth = 0; nth < 20; nth += 1)
    for (const [x, y] of newRing(nth)) expect(x >= 0 && x <= 1 && y >= 0 && y <= 1).toBe(true);
});

describeWith(['chromium'], 'the plan of a community', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let server: FixtureServer;
  beforeAll(async () => {
    screens = await buildScreens();
    browser = await openBrowser();
    server = await new FixtureServer(screens.dist).start();
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    screens.remove();
  });

  async function open(): Promise<{ page: Page; errors: string[] }> {
    server.reset('property');
    const opened = await openPage(browser, {});
    await opened.page.goto(`${server.url}/property/plans/plan-1`);
    await opened.page.locator('.plan-board .plan-device').first().waitFor();
    return opened;
  }
  const savedItems = async (page: Page): Promise<PlanItem[]> => {
    await page.getByRole('button', { name: '保存' }).click();
    await page.locator('.plan-title .button.strong[aria-disabled="true"]').waitFor();
    return server.world.received.at(-1)?.body['items'] as PlanItem[];
  };
  const isArea = (item: PlanItem, area: string) => item.kind === 'area' && item.area === area;

  test(
    'is worked on by keyboard alone: an area placed, a corner moved, a device placed and moved',
    { timeout: 60_000 },
    async () => {
      const { page, errors } = await open();
      const press = async (name: string | RegExp) => {
        await page.getByRole('button', { name }).focus();
        await page.keyboard.press('Enter');
      };
      await page.locator('#plan-add-area').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.locator('.plan-corners circle').nth(1).focus();
      await page.keyboard.press('ArrowRight');
      await page.locator('#plan-device').focus();
      await page.keyboard.type('202');
      await press(/^放上 烟感 202 /);
      await page.locator('.plan-board .picked').focus();
      await page.keyboard.press('Shift+ArrowDown');
      const items = await savedItems(page);
      const sixth = items.find((item) => isArea(item, 'xingfu/xfl/g1/6'));
      expect(sixth !== undefined && 'ring' in sixth && (sixth.ring[1]?.[0] ?? 0) - (sixth.ring[2]?.[0] ?? 0)).toBeCloseTo(0.01);
      const placed = items.at(-1);
      expect(placed?.kind === 'device' && placed.at[1] - placed.at[0]).toBeCloseTo(0.001);
      expect(errors).toEqual([]);
      await page.context().close();
    },
  );

  test('is worked on by dragging, and changes are undone until they are saved', { timeout: 60_000 }, async () => {
    const { page } = await open();
    const building = page.locator('.plan-board [aria-label="2栋"]');
    const drag = async () => {
      const box = await building.boundingBox();
      if (box === null) throw new Error('no building');
      await page.mouse.move(box.x + 10, box.y + 10);
      await page.mouse.down();
      await page.mouse.move(box.x + 60, box.y + 10, { steps: 4 });
      await page.mouse.up();
    };
    await drag();
    await page.getByRole('button', { name: '撤销更改' }).click();
    const before = server.world.plans[0]?.items.find((item) => isArea(item, 'xingfu/xfl/g1/2'));
    await drag();
    const after = (await savedItems(page)).find((item) => isArea(item, 'xingfu/xfl/g1/2'));
    if (before === undefined || after === undefined || !('ring' in before) || !('ring' in after)) throw new Error('no ring');
    const moved = (after.ring[0]?.[0] ?? 0) - (before.ring[0]?.[0] ?? 0);
    expect(moved).toBeGreaterThan(0.02);
    expect(moved).toBeLessThan(0.12);
    await page.context().close();
  });

  test('says that somebody else was first, and keeps what was drawn', { timeout: 60_000 }, async () => {
    const { page } = await open();
    server.world.plans = server.world.plans.map((plan) => ({ ...plan, version: 9 }));
    await page.locator('.plan-board [aria-label="2栋"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: '保存' }).click();
    expect(await page.locator('.plan-head .wrong').innerText()).toContain('别人刚刚改过');
    expect(await page.locator('.plan-title .button.strong[aria-disabled="false"]').count()).toBe(1);
    await page.context().close();
  });
});
