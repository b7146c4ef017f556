import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { tableText } from '@yihu/device-profiles/vocabulary/table.ts';
import { describeWith } from '../needs.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';

describeWith(['chromium'], 'maintenance on the manager’s screen', () => {
  const seat = oneSeat('property');
  let server: FixtureServer;
  let page: Page;
  beforeEach(async () => {
    ({ server, page } = seat());
    await page.goto(`${server.url}/property/windows`);
    await page.locator('.window-list .running').waitFor();
  });

  const bodies = (path: RegExp) => server.world.received.filter((one) => path.test(one.path)).map(({ body }) => body);

  test('a window is planned by keys alone, with its area, kinds and length', async () => {
    await page.locator('.windows-head .button').press('Enter');
    await page.keyboard.type('更换烟感');
    await page.keyboard.press('Tab');
    await page.keyboard.type('三栋整栋更换');
    await page.locator('#window-area').selectOption({ index: 1 });
    await page.getByRole('radio', { name: '4 小时', exact: true }).check();
    await page.getByRole('checkbox', { name: '火灾' }).check();
    await page.locator('#window-name').press('Enter');
    await page.getByText('更换烟感').waitFor();
    const [body] = bodies(/maintenance-windows$/);
    const { startsAt, endsAt, hazards, areas, reason, key } = body ?? {};
    expect([Number(endsAt) - Number(startsAt), hazards, reason]).toEqual([4 * 3_600_000, ['fire'], '三栋整栋更换']);
    expect([(areas as string[]).length, String(key).length > 10]).toEqual([1, true]);
  });

  test('what the cloud refuses is said in the form, and what was written stays; trying again keeps the key', async () => {
    await page.locator('.windows-head .button').click();
    await page.locator('#window-name').fill('旧计划');
    await page.locator('#window-reason').fill('忘了改日期');
    await page.getByRole('button', { name: '安排', exact: true }).click();
    await page.getByText('请写明').waitFor();
    expect(bodies(/maintenance-windows$/)).toEqual([]);
    await page.locator('#window-area').selectOption({ index: 2 });
    await page.locator('#window-day-time').fill('8点');
    await page.getByRole('button', { name: '安排', exact: true }).click();
    expect(bodies(/maintenance-windows$/)).toEqual([]);
    // A day long gone is not offered, except by a page that was left open.
    const today = page.locator('#window-day option').first();
    await today.evaluate((option: unknown) => void Object.assign(option as object, { value: '2026-01-01' }));
    await page.locator('#window-day').selectOption({ index: 0 });
    await page.locator('#window-day-time').fill('8:00');
    await page.getByRole('button', { name: '安排', exact: true }).click();
    await page.getByText('结束时间已经过去').waitFor();
    expect(await page.locator('#window-reason').inputValue()).toBe('忘了改日期');
    await page.getByRole('button', { name: '安排', exact: true }).click();
    await expect.poll(() => bodies(/maintenance-windows$/).length).toBe(2);
    expect(new Set(bodies(/maintenance-windows$/).map(({ key }) => key)).size).toBe(1);
  });

  test('one that runs is ended early, and stands among the past with who did it', async () => {
    await page.locator('.running .button').click();
    await expect.poll(() => page.locator('.window-list .running').count()).toBe(0);
    await page.getByText('由李军结束').first().waitFor();
    expect(bodies(/mw-3\/end$/)).toHaveLength(1);
  });
});

test('a saved table opens in Chinese, quotes what it must, and holds no formula', () => {
  const rows = [
    ['设备', '误报率'],
    ['=HYPERLINK("http://x")', -0.5],
    ['a,b', 'c\nd'],
  ];
  expect(tableText(rows)).toBe('\uFEFF设备,误报率\r\n"\'=HYPERLINK(""http://x"")",-0.5\r\n"a,b","c\nd"\r\n');
});
