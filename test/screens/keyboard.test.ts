import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openPage } from './browser.ts';
import { confirmByOther } from './fixture-api.ts';
import { summaryOf } from './fixture-incidents.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';
import { crowd, latchFire } from './states.ts';

describeWith(['chromium'], 'the desk by keyboard alone', () => {
  const seat = oneSeat('dispatcher');
  let server: FixtureServer;
  let page: Page;
  let errors: string[];
  beforeEach(async () => {
    ({ server, page, errors } = seat());
    await page.goto(`${server.url}/dispatcher/`);
    await page.locator('[data-move="confirm"]').waitFor();
    await page.locator('[data-whole="true"]').waitFor();
  });
  afterEach(() => expect(errors).toEqual([]));

  const sent = (end: string) => server.world.received.filter(({ path }) => path.endsWith(end)).map(({ body }) => body);
  const moves = () => sent('/moves').map(({ move }) => move);
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const state = (text: string) => page.locator('.pane-state', { hasText: text }).waitFor();
  const title = (text: string) => page.locator('#incident-title', { hasText: text }).waitFor();

  test('A confirms the incident and acknowledges all of its alarms, each with a key of its own', async () => {
    await press('a');
    await state('已确认');
    await expect.poll(moves).toEqual(['confirm', 'ack', 'ack', 'ack']);
    const keys = sent('/moves').map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
    await expect.poll(() => page.locator('.card.alight').count()).toBe(0);
  });

  test('D, Enter sends the nearest who is free', async () => {
    await press('d');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await state('已派人');
    expect(sent('/moves')).toMatchObject([{ move: 'dispatch', person: 'p-liu', version: 1 }]);
    await page.locator('.facts .leg', { hasText: '刘洋' }).waitFor();
  });

  test('a false alarm is not taken without its reason', async () => {
    await press('x');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await page.locator('#reason-missing').waitFor();
    expect(moves()).toEqual([]);
    await press('Space', 'Tab');
    await page.keyboard.type('锅糊了');
    await press('Enter');
    await state('误报');
    expect(sent('/moves')).toMatchObject([{ move: 'false-alarm', reason: '做饭油烟：锅糊了' }]);
    await expect.poll(() => page.locator('#incident-i-fire').count()).toBe(0);
  });

  test('R resolves and C closes, each asked once', async () => {
    await press('j', 'j', 'j');
    await title('门禁常开');
    await press('r');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await state('已解除');
    await press('c');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await state('已结案');
    expect(moves()).toEqual(['resolve', 'close']);
  });

  test('a latched fire is not resolved before E has reset each of its alarms, and the reason is said', async () => {
    latchFire(server);
    server.emit({ type: 'resync', at: Date.now() });
    await page.locator('[data-reset]').first().waitFor();
    expect(await page.locator('[data-reset]').count()).toBe(3);
    await page.locator('[data-move="resolve"][aria-disabled="true"]', { hasText: '先复位' }).waitFor();
    await page.locator('.refusals', { hasText: '还有 3 条生命安全告警锁定，请先按 E 复位' }).waitFor();
    await press('r');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.locator('[data-reset]').last().click();
    await expect.poll(() => page.locator('[data-reset]').count()).toBe(2);
    await press('e');
    await page.locator('[data-move="resolve"][aria-disabled="false"]').waitFor();
    expect(moves()).toEqual(['reset', 'reset', 'reset']);
    expect(new Set(sent('/moves').map(({ key }) => key)).size).toBe(3);
    expect(await page.locator('[data-reset]').count()).toBe(0);
  });

  test('F folds level IV away and says how many; the choice stays', async () => {
    await page.locator('#incident-i-lamp').waitFor();
    await press('f');
    await page.locator('.fold', { hasText: '已折叠 1 起' }).waitFor();
    expect(await page.locator('#incident-i-lamp').count()).toBe(0);
    await page.reload();
    await page.locator('.fold', { hasText: '已折叠 1 起' }).waitFor();
    await press('f');
    await page.locator('#incident-i-lamp').waitFor();
  });

  test('a step is skipped only with its reason', async () => {
    await page.locator('.step .skip').first().focus();
    await press('Enter');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await page.locator('#reason-missing').waitFor();
    await page.keyboard.type('无人接听');
    await press('Enter');
    await page.locator('.step.skipped', { hasText: '已跳过：无人接听' }).waitFor();
    expect(sent('/steps/s1')).toMatchObject([{ state: 'skipped', reason: '无人接听' }]);
  });

  test('what is shelved stays in sight with its end and reason, and comes back by hand', async () => {
    await page.locator('.shelf li', { hasText: '树枝待修剪' }).waitFor();
    await press('z');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.type('检修');
    await press('Enter');
    await expect.poll(() => page.locator('.shelf li').count()).toBe(4);
    await page.locator('.shelf li', { hasText: '树枝待修剪' }).getByRole('button').click();
    await expect.poll(() => page.locator('.shelf li').count()).toBe(3);
    expect(moves().at(-1)).toBe('unshelve');
  });

  test('Z shelves with an end and a reason, ten minutes at most where life is at stake', async () => {
    await press('z');
    await page.locator('dialog[open]').waitFor();
    expect(await page.locator('.choices .choice').allInnerTexts()).toEqual(['5 分钟', '10 分钟']);
    await page.keyboard.type('检修');
    await press('Enter');
    await expect.poll(moves).toEqual(['shelve', 'shelve', 'shelve']);
    for (const body of sent('/moves')) expect(Number(body['until']) - Date.now()).toBeLessThanOrEqual(600_000);
  });

  test('J and K choose, Enter goes in, and the plan is done with Space', async () => {
    await press('j', 'j', 'k');
    await title('一键求助');
    await press('Enter');
    await page.locator('#incident-title:focus').waitFor();
    await page.locator('.tick').first().focus();
    await press('Space');
    await page.locator('.step.done').waitFor();
    expect(sent('/steps/s1')).toMatchObject([{ state: 'done' }]);
  });

  test('letters typed into a field, and those an input method composes, are text and nothing else', async () => {
    await press('/');
    await page.keyboard.type('axdrz');
    expect(await page.inputValue('#queue-search')).toBe('axdrz');
    await press('Escape');
    expect(await page.inputValue('#queue-search')).toBe('');
    await page.locator('body').dispatchEvent('keydown', { key: 'x', isComposing: true });
    await page.locator('body').dispatchEvent('keydown', { key: 'a', ctrlKey: true });
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(moves()).toEqual([]);
  });

  test('single keys can be switched off, and stay off', async () => {
    await press('?');
    await page.getByRole('switch').focus();
    await press('Space', 'Escape');
    await press('a', 'x');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(moves()).toEqual([]);
    expect(await page.evaluate(() => localStorage.getItem('yihu.keys'))).toBe('off');
  });

  test('a new level I comes first, is announced, and takes the selection from nobody', async () => {
    await press('j');
    await title('一键求助');
    const fire = server.world.details.get('i-fire');
    if (fire === undefined) throw new Error('no fire');
    server.emit({
      type: 'incident',
      at: Date.now(),
      incident: { ...summaryOf(fire), id: 'i-new', place: '幸福里 9栋', openedAt: fire.openedAt - 1 },
    });
    await page.locator('.cards li:first-child #incident-i-new').waitFor();
    await page.locator('[aria-live="assertive"]', { hasText: '幸福里 9栋' }).waitFor();
    await title('一键求助');
  });

  test('thirty more incidents leave the selection and the scroll of the queue where they are', async () => {
    crowd(server);
    server.emit({ type: 'resync', at: Date.now() });
    await expect.poll(() => page.locator('.card').count()).toBeGreaterThan(30);
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown');
    const chosen = await page.locator('.card[aria-current]').getAttribute('id');
    const scrolled = () => page.locator('.cards').evaluate((list) => list.scrollTop);
    await expect.poll(scrolled).toBeGreaterThan(0);
    const before = await scrolled();
    const lamp = server.world.details.get('i-lamp');
    if (lamp === undefined) throw new Error('no lamp');
    server.emit({ type: 'incident', at: Date.now(), incident: { ...summaryOf(lamp), id: 'i-late' } });
    await page.locator('#incident-i-late').waitFor();
    expect(await page.locator('.card[aria-current]').getAttribute('id')).toBe(chosen);
    expect(await scrolled()).toBe(before);
  });

  test('while the pointer moves in the queue no card changes its place under it', async () => {
    await page.locator('#incident-i-lift').hover();
    const before = await page.locator('#incident-i-lift').boundingBox();
    const fire = server.world.details.get('i-fire');
    if (fire === undefined || before === null) throw new Error('nothing to see');
    server.emit({ type: 'incident', at: Date.now(), incident: { ...summaryOf(fire), id: 'i-new', openedAt: fire.openedAt - 1 } });
    await page.locator('.column-head', { hasText: '新到 1 起' }).waitFor();
    expect((await page.locator('#incident-i-lift').boundingBox())?.y).toBe(before.y);
    await page.locator('.cards li:first-child #incident-i-new').waitFor();
  });

  test('who comes second is told who was first, and nothing is overwritten', async () => {
    server.faults.silent = true;
    confirmByOther(server.world, 'i-fire');
    await press('a');
    await page.locator('.notice.conflict', { hasText: '陈静' }).waitFor();
    expect(moves()).toEqual(['confirm']);
    await state('已确认');
  });

  test('an action that failed keeps its key for the retry', async () => {
    server.faults.refuse = { '/api/incidents/i-fire/moves': 500 };
    const tried: unknown[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/moves')) tried.push((request.postDataJSON() as { key: string }).key);
    });
    await press('a');
    await page.locator('.notice.failed').waitFor();
    server.faults.refuse = {};
    await page.locator('.notice.failed button').focus();
    await press('Enter');
    await state('已确认');
    expect(tried[0]).toBe(tried[1]);
  });

  test('a shift begins with a sound that somebody says was heard', async () => {
    const { page: fresh } = await openPage(seat().browser, { soundTested: false });
    await fresh.goto(`${server.url}/dispatcher/`);
    await fresh.locator('dialog[open]').waitFor();
    await fresh.keyboard.press('Tab');
    await fresh.keyboard.press('Enter');
    expect(await fresh.locator('dialog[open]').count()).toBe(1);
    await fresh.keyboard.press('Shift+Tab');
    await fresh.keyboard.press('Enter');
    await fresh.locator('dialog .button.strong', { hasText: '我听到了' }).waitFor();
    await fresh.keyboard.press('Tab');
    await fresh.keyboard.press('Enter');
    await fresh.locator('.status.sound.on').waitFor();
    await fresh.keyboard.press('s');
    await fresh.locator('.status.sound.muted').waitFor();
    await fresh.context().close();
  });
});
