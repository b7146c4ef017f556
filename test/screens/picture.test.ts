import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import type { Alarm, AlarmSnapshot } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { firstShot, shotsOf, stepped } from '../../dashboards/dispatcher/shots.ts';
import { describeWith } from '../needs.ts';
import { publish } from './fixture-api.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';

const shot = (id: string, at: number, state: AlarmSnapshot['state'] = 'here'): AlarmSnapshot => {
  return { id, camera: 'c', cameraName: { zh: '门厅' }, at, state, missing: state === 'missing' ? 'no-answer' : null };
};

test('an incident shows each picture once, in order, and begins with the newest there is to see', () => {
  const shots = shotsOf([
    { snapshots: [shot('b', 2), shot('c', 3, 'coming')] },
    {},
    { snapshots: [shot('a', 1, 'missing'), shot('b', 2)] },
  ]);
  expect(shots.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect([firstShot(shots)?.id, firstShot([shot('x', 1, 'coming'), shot('y', 2, 'missing')])?.id]).toEqual(['b', 'y']);
  expect(firstShot([])).toBeUndefined();
  expect([stepped(shots, 'b', -1), stepped(shots, 'a', -1), stepped(shots, 'c', 1), stepped(shots, 'gone', 1)]).toEqual([
    'a',
    'a',
    'c',
    'a',
  ]);
});

describeWith(['chromium'], 'the picture of an incident', () => {
  const seat = oneSeat('dispatcher');
  let server: FixtureServer;
  let page: Page;
  let errors: string[];
  beforeEach(() => {
    ({ server, page, errors } = seat());
  });

  const open = async () => {
    await page.goto(`${server.url}/dispatcher/`);
    await page.locator('[data-move="confirm"]').waitFor();
  };
  const shown = () => page.locator('.pane .picture-image:not(.waiting)');
  const change = (incident: string, snapshots: AlarmSnapshot[]) => {
    const detail = server.world.details.get(incident);
    if (detail === undefined) throw new Error(`no incident ${incident}`);
    const alarms = detail.alarms.map((alarm, index): Alarm => (index === 0 ? { ...alarm, snapshots } : alarm));
    publish(server.world, { ...detail, alarms });
    server.pump(false);
  };

  test('is there with whose it is and how old, and the age goes on', async () => {
    await open();
    await shown().waitFor();
    expect(await shown().getAttribute('alt')).toMatch(/^3栋2单元门厅，\d\d:\d\d:\d\d 的画面$/);
    const age = page.locator('.pane .look-age');
    const first = await age.textContent();
    expect(first).toMatch(/拍 · 00:\d\d 前$/);
    await expect.poll(() => age.textContent(), { timeout: 10_000 }).not.toBe(first);
    expect(errors).toEqual([]);
  });

  test('opens in full by V and by its button, steps through the others, and Escape goes back to where one was', async () => {
    await open();
    await shown().waitFor();
    await page.keyboard.press('v');
    const large = page.locator('dialog[open] .picture-image:not(.waiting)');
    await large.waitFor();
    expect(await page.locator('dialog[open] .count').textContent()).toBe('3/3');
    await page.locator('dialog[open] [aria-label="上一张"]').click();
    await page.locator('dialog[open] .count', { hasText: '2/3' }).waitFor();
    expect(await large.getAttribute('src')).toBe('/api/snapshots/shot-1');
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.locator('.look-enlarge').click();
    await large.waitFor();
    expect(errors).toEqual([]);
  });

  test('that is on its way comes by itself, without a touch', async () => {
    await open();
    await page.click('#incident-i-help');
    await page.locator('.pane .picture-word', { hasText: '正从网关传来' }).waitFor();
    change('i-help', [{ ...shot('shot-help', Date.now() - 11_000), camera: 'cam-3-2' }]);
    await shown().waitFor();
    expect(await shown().getAttribute('src')).toBe('/api/snapshots/shot-help');
  });

  test('that does not come says so and is asked for again', async () => {
    server.faults.refuse = { '/api/snapshots/': 500 };
    await open();
    const word = page.locator('.pane .picture-word', { hasText: '画面没有取到' });
    await word.waitFor();
    server.faults.refuse = {};
    await word.locator('button').click();
    await shown().waitFor();
  });

  test('is never one of another incident, however slow the next one is', async () => {
    await open();
    await shown().waitFor();
    server.faults.stall.push('/api/snapshots/');
    change('i-lift', [shot('shot-lift', Date.now())]);
    await page.click('#incident-i-lift');
    await page.locator('.pane .picture-word', { hasText: '正在取画面' }).waitFor();
    expect(await shown().count()).toBe(0);
    await page.click('#incident-i-door');
    await page.locator('.pane .picture-word', { hasText: '摄像机没有按时应答' }).waitFor();
  });

  test('and the curve share a low screen, each by a button', async () => {
    await open();
    await shown().waitFor();
    expect(await page.locator('.trend-block').isVisible()).toBe(false);
    await page.locator('.faces .button', { hasText: '趋势' }).click();
    await page.locator('.trend canvas').waitFor();
    expect(await page.locator('.look-block').isVisible()).toBe(false);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.locator('.look-block').waitFor();
    expect(await page.locator('.trend-block').isVisible()).toBe(true);
  });

  test('where neither a picture nor a plan is, V does nothing and the curve has the room', async () => {
    server.world.plans = [];
    await open();
    await page.click('#incident-i-water');
    await page.locator('.trend canvas').waitFor();
    await page.keyboard.press('v');
    expect([await page.locator('dialog[open]').count(), await page.locator('.look').count()]).toEqual([0, 0]);
  });
});
