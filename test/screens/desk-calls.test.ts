import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { answered, audience, makeCall, publishCall, someCalls } from './fixture-calls.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';

const patience = { timeout: 20_000 };

describeWith(['chromium'], 'residents called from the desk', () => {
  const seat = oneSeat('dispatcher');
  let server: FixtureServer;
  let page: Page;
  let errors: string[];
  beforeEach(() => {
    ({ server, page, errors } = seat());
  });
  afterEach(() => expect(errors).toEqual([]));

  async function open(): Promise<void> {
    await page.goto(`${server.url}/dispatcher/`);
    await page.locator('[data-move="confirm"]').waitFor(patience);
    await page.locator('[data-whole="true"]').waitFor(patience);
  }

  const sent = (end: string) => server.world.received.filter(({ path }) => path.endsWith(end)).map(({ body }) => body);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const people = (count: number) => page.locator(`dialog[open] [data-people="${count}"]`).waitFor(patience);

  test('M: the building of the incident and its message are chosen; point, Enter, Enter and it is sent once', async () => {
    await open();
    await press('m');
    await people(62);
    expect(await page.locator('input[name="scope"]:checked').getAttribute('value')).toBe('xingfu/xfl/g1/3');
    await page.keyboard.type('中心花园');
    await press('Enter');
    await page.locator('.sure[data-settled="true"]', { hasText: '62 人' }).waitFor(patience);
    expect(sent('/calls')).toEqual([]);
    await press('Enter');
    await page.locator('.call-title', { hasText: '火警：请立即离开' }).waitFor(patience);
    expect(sent('/calls')).toMatchObject([
      {
        kind: 'actual',
        incident: 'i-fire',
        audience: { areas: ['xingfu/xfl/g1/3'] },
        template: { id: 'fire-leave', values: { 地点: '幸福里 3栋2单元502', 集合点: '中心花园' } },
      },
    ]);
    expect(sent('/moves')).toMatchObject([{ move: 'submit', version: 1 }]);
    await page.locator('.figure.help', { hasText: '2' }).waitFor(patience);
    // The point is remembered: next time two Enter are enough.
    await press('Escape', 'm');
    await people(62);
    expect(await page.inputValue('#blank-集合点')).toBe('中心花园');
  });

  test('of calls that could not be read H does not say that nobody waits', async () => {
    server.faults.refuse = { '/api/calls': 500 };
    await open();
    await page.locator('.calls .wrong').waitFor(patience);
    await press('h');
    expect(await page.locator('.calls').innerText()).not.toMatch(/没有等待帮助的人|没有进行中的呼叫/);
    server.heal();
    await page.locator('.calls', { hasText: '没有进行中的呼叫' }).waitFor(patience);
    await press('h');
    await page.locator('.calls', { hasText: '没有等待帮助的人' }).waitFor(patience);
  });

  test('without an incident, at the desk of everywhere: the tree begins at the top, and several areas stand beside each other', async () => {
    const { session } = server;
    if (session === null) throw new Error('nobody is signed in');
    server.session = { ...session, grants: [{ area: '', areaName: '', role: 'dispatcher' }] };
    for (const detail of server.world.details.values()) server.world.details.set(detail.id, { ...detail, state: 'closed' });
    await page.goto(`${server.url}/dispatcher/`);
    await page.locator('[data-whole="true"]').waitFor(patience);
    await page.locator('.shift-strip', { hasText: '缺岗 2' }).waitFor(patience);
    await press('m');
    await people(868);
    await page.locator('.tree summary').press('Enter');
    await page.locator('.tree-list button').first().press('Enter');
    await page.locator('.tree-list li', { hasText: '整个 幸福街道' }).waitFor(patience);
    await page.locator('.tree-list label', { hasText: '幸福里' }).locator('input').press('Space');
    await people(372);
    await page.locator('.tree-list label', { hasText: '丁香苑' }).locator('input').press('Space');
    await people(682);
    expect(await page.locator('.scope-chosen li').allInnerTexts()).toEqual(['幸福里 ×', '丁香苑 ×']);
  });

  test('one held Enter is not two, and a blank is asked for by its name', async () => {
    await open();
    await press('m');
    await people(62);
    // The nearest on the plan stands there; somebody who takes it away is asked for another.
    expect(await page.locator('#blank-集合点').inputValue()).toBe('中心花园');
    await page.locator('#blank-集合点').fill('');
    await press('Enter');
    await page.locator('dialog .wrong', { hasText: '请填：集合点' }).waitFor(patience);
    await page.keyboard.type('东门');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.locator('.sure').waitFor(patience);
    expect(sent('/calls')).toEqual([]);
  });

  test('beyond one grid it waits for a second dispatcher, who approves at another desk; the author may not', async () => {
    await open();
    await press('m');
    await people(62);
    await page.keyboard.type('中心花园');
    await page.locator('input[value="xingfu"]').check();
    await people(868);
    await page.locator('.second', { hasText: '另一位值班员' }).first().waitFor(patience);
    await page.locator('#blank-集合点').focus();
    await press('Enter');
    await page.locator('.sure[data-settled="true"]').waitFor(patience);
    await press('Enter');
    await page.locator('[data-press="approve"][aria-disabled="true"]').waitFor(patience);
    await page.locator('.refusals', { hasText: '发起人以外的人' }).waitFor(patience);
    server.world.me = 'u-second';
    await page.reload();
    await page.locator('.call-card.waiting').click();
    await page.locator('[data-press="approve"]').press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await press('Enter');
    await page.locator('.figure.help').waitFor(patience);
    expect(sent('/moves').map(({ move }) => move)).toEqual(['submit', 'approve']);
  });

  test('answers come in by themselves: the card, the figures, the areas and the homes follow the stream', async () => {
    someCalls(server.world);
    await open();
    await page.locator('.call-card', { hasText: '演练' }).click();
    await page.locator('.figure.silent strong', { hasText: '33' }).waitFor(patience);
    const call = server.world.calls.get('call-drill');
    if (call === undefined) throw new Error('no drill');
    await page.locator('button.area-name').first().press('Enter');
    await page.locator('.home.none').first().waitFor(patience);
    const before = await page.locator('.home.none').count();
    const area = call.areas.find(({ kind }) => kind === 'building');
    if (area === undefined) throw new Error('no building');
    call.people = call.people.map((one) => ({ ...one, answer: one.answer === 'none' ? 'safe' : one.answer }));
    const building = { ...area, count: { ...area.count, silent: 0 } };
    call.detail = { ...call.detail, count: { ...call.detail.count, silent: 3, safe: 112 } };
    publishCall(server.world, call);
    server.emit({ type: 'call-count', at: Date.now(), call: 'call-drill', areas: [building] });
    await page.locator('.figure.silent strong', { hasText: /^3$/ }).waitFor(patience);
    await page.locator('.call-card', { hasText: '未答 3' }).waitFor(patience);
    await expect.poll(() => page.locator('.home.none').count(), patience).toBeLessThan(before);
  });

  test('who can help stands beside whoever waits near them, to be dialled, and goes with the waiting; nothing is sent', async () => {
    someCalls(server.world);
    await open();
    await page.locator('.call-card', { hasText: '演练' }).click();
    const neighbour = page.locator('[data-need="need-1"] [data-volunteer="r-7"]');
    await neighbour.waitFor(patience);
    expect(await neighbour.innerText()).toMatch(/同单元[^]*1-401[^]*吴大勇[^]*13700006612[^]*会抬担架/);
    expect(await neighbour.locator('a').getAttribute('href')).toBe('tel:13700006612');
    expect(await page.locator('[data-need="need-2"] [data-volunteer]').count()).toBe(0);
    await page.locator('.figure.safe', { hasText: '能帮忙 1' }).waitFor(patience);
    await page.locator('.area-row', { hasText: '能帮忙 1' }).first().waitFor(patience);
    expect(sent('/answers').length + sent('/moves').length).toBe(0);
    await page.locator('.silent-row button', { hasText: '能帮忙' }).first().press('Enter');
    await expect.poll(() => sent('/answers'), patience).toMatchObject([{ where: 'phone', results: [{ result: 'volunteer' }] }]);
    await page.locator('[data-need="need-1"] button', { hasText: '我来办' }).press('Enter');
    await page.locator('[data-need="need-1"].taken').waitFor(patience);
    expect(await neighbour.count()).toBe(0);
  });

  test('H goes from one who needs help to the next; somebody is sent, and what was done is written', async () => {
    someCalls(server.world);
    await open();
    await press('h');
    await page.locator('[data-need="need-1"][aria-current]').waitFor(patience);
    await press('h');
    await page.locator('[data-need="need-2"][aria-current]:focus').waitFor(patience);
    await press('Tab', 'Enter');
    await page.locator('dialog[open] input:checked').waitFor(patience);
    await press('Enter');
    await expect.poll(() => sent('/task-need-2/moves'), patience).toMatchObject([{ move: 'offer', person: 'p-liu', version: 1 }]);
    await page.locator('[data-need="need-2"]', { hasText: '刘洋' }).waitFor(patience);
    await page.locator('[data-need="need-2"] button', { hasText: '已办' }).press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await page.keyboard.type('抱下楼了');
    await press('Enter');
    await page.locator('[data-need="need-2"].done', { hasText: '抱下楼了' }).waitFor(patience);
    await page.locator('.silent-row button').first().press('Enter');
    await expect.poll(() => sent('/answers'), patience).toMatchObject([{ where: 'phone', results: [{ result: 'safe' }] }]);
  });

  test('A while a call stands in front brings the incident back, and only then confirms it', async () => {
    someCalls(server.world);
    await open();
    await press('h');
    await page.locator('.call-title').waitFor(patience);
    await press('a');
    await page.locator('#incident-title').waitFor(patience);
    expect(sent('/i-fire/moves')).toEqual([]);
    await press('a');
    await page.locator('.pane-state', { hasText: '已确认' }).waitFor(patience);
  });

  test('recalled in the middle of sending with its reason; replaced; stood down with a reason while some are silent', async () => {
    const { world } = server;
    const first = makeCall(world, { id: 'call-a', state: 'draft', template: 'fire-stay', audience: audience('xingfu/xfl/g1/3') });
    answered(world, first);
    first.detail = { ...first.detail, state: 'sending', sentAt: null };
    await open();
    await page.locator('.call-card').click();
    await page.locator('[data-press="supersede"]').press('Enter');
    await page.locator('#call-text-own').waitFor(patience);
    await people(62);
    await page.locator('#call-text-own').fill('火已扑灭，请到中心花园领水。');
    await page.locator('#call-title-own').press('Enter');
    await page.locator('.sure[data-settled="true"]').waitFor(patience);
    await press('Enter');
    await page.locator('.facts', { hasText: '代替了先前的呼叫' }).waitFor(patience);
    expect(sent('/calls')).toMatchObject([{ supersedes: 'call-a', text: '火已扑灭，请到中心花园领水。' }]);
    await page.locator('[data-press="stand-down"]').press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await press('Enter');
    await page.locator('#reason-missing').waitFor(patience);
    await page.keyboard.type('已逐户敲门');
    await press('Enter');
    await page.locator('.pane-state', { hasText: '已解除' }).waitFor(patience);
    expect(sent('/moves').at(-1)).toMatchObject({ move: 'stand-down', reason: '已逐户敲门' });
    await expect.poll(() => page.locator('.call-card').count(), patience).toBe(0);
    const wrong = makeCall(world, { id: 'call-b', state: 'draft', template: 'typhoon', audience: audience('xingfu/dxy/g1/1') });
    answered(world, wrong);
    wrong.detail = { ...wrong.detail, state: 'sending', sentAt: null };
    publishCall(world, wrong);
    server.pump(false);
    await page.locator('.call-card.sending').click();
    await page.locator('[data-press="recall"]').press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await page.keyboard.type('发错了楼');
    await press('Enter');
    await page.locator('.pane-state', { hasText: '已撤回' }).waitFor(patience);
    expect(sent('/moves').at(-1)).toMatchObject({ move: 'recall', reason: '发错了楼' });
  });

  test('what comes later is there before the line goes down; what did not come says so and comes with a retry', async () => {
    await open();
    await page.context().setOffline(true);
    await press('?');
    await page.locator('dialog[open] .key-list').waitFor(patience);
    await press('Escape');
    await page.context().setOffline(false);
    await page.context().route('**/assets/DeskDialog*', (route) => route.abort());
    await page.reload();
    await page.locator('[data-whole="true"]').waitFor(patience);
    await press('?');
    await page.locator('dialog[open] [role="alert"]').waitFor(patience);
    await page.context().unroute('**/assets/DeskDialog*');
    await press('Enter');
    await page.locator('dialog[open] .key-list').waitFor(patience);
  });
});
