import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';
import { askPost, offeredByOther } from './fixture-shift.ts';
import { summaryOf } from './fixture-incidents.ts';
import { someForces } from './fixture-tasks.ts';

const patience = { timeout: 20_000 };

describeWith(['chromium'], 'forces and shift at the desk', () => {
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
  const dialog = () => page.locator('dialog[open]').waitFor(patience);
  const gone = () => page.locator('dialog[open]').waitFor({ state: 'detached', ...patience });

  test('the household, the family and who answers for the place stand there, each person once; 1–9 call them', async () => {
    await open();
    const rows = page.locator('.contacts .contact');
    // On a low screen it takes turns with the timeline; what makes somebody need help first stands on its button.
    await page.locator('.record-faces [data-face="contacts"]', { hasText: '独居 · 吸氧' }).click();
    await rows.filter({ hasText: '王建国独居 · 吸氧81 岁' }).waitFor(patience);
    // The building head is in a wheelchair, and the grid leader is the party secretary too.
    expect(await rows.filter({ hasText: '刘桂芳' }).allInnerTexts()).toEqual([
      expect.stringMatching(/轮椅[^]*72 岁 · 3栋 楼栋长/),
    ]);
    expect(await rows.filter({ hasText: '周敏' }).allInnerTexts()).toEqual([
      expect.stringMatching(/第一网格 网格长 · 第一网格 网格支部书记/),
    ]);
    expect(await rows.count()).toBe(4);
    await page.evaluate(
      `window.dialled = []; addEventListener('click', (event) => {
        const link = event.target.closest('a[href^="tel:"]');
        if (link !== null) { event.preventDefault(); window.dialled.push(link.getAttribute('href')); }
      })`,
    );
    await press('1', '2', '3', '4', '9');
    expect(await page.evaluate('window.dialled')).toEqual([
      'tel:13800001111',
      'tel:13900002222',
      'tel:13700004444',
      'tel:13800003333',
    ]);
    // An incident that endangers nobody shows nobody.
    await page.click('#incident-i-door');
    await page.locator('.contacts.nobody').waitFor({ state: 'attached', ...patience });
    expect(await rows.count()).toBe(0);
    expect(sent('')).toEqual([]);
  });

  test('who was asked and did not come is seen in a row with who is asked now; another is sent; the lack says why', async () => {
    someForces(server.world);
    await open();
    await press('t');
    await page.locator('[data-task="t-1"] .legs', { hasText: '赵强 未应答孙磊 拒绝刘洋 待应答' }).waitFor(patience);
    await page.locator('[data-task="t-1"] .task-note', { hasText: '内不应答就问下一个' }).waitFor(patience);
    await page.locator('.run-card .short', { hasText: '没有人在岗' }).waitFor(patience);
    await page.locator('.record-faces .shortfall', { hasText: '缺 2 人' }).waitFor(patience);
    await page.locator('[data-task="t-2"] .button').press('Enter');
    await page.locator('dialog[open] input:checked:focus').waitFor(patience);
    await press('Enter');
    await page.locator('[data-task="t-2"] .legs', { hasText: '刘洋 待应答' }).waitFor(patience);
    expect(sent('/t-2/moves')).toMatchObject([{ move: 'offer', person: 'p-liu', version: 1 }]);
    await page.locator('[data-task="t-1"] .button').press('Enter');
    await page.locator('dialog[open] input:checked').waitFor(patience);
    await press('Enter');
    await page.locator('#reason-missing').waitFor(patience);
    expect(sent('/t-1/moves')).toEqual([]);
    await press('Escape');
    await page.reload();
    await page.locator('.record[data-face="forces"] .task').first().waitFor(patience);
  });

  test('a need is written and somebody is looked for; a roll call shows who has not answered', async () => {
    someForces(server.world);
    await open();
    await press('t');
    await page.locator('.roll.help', { hasText: '四楼出不来' }).waitFor(patience);
    await page.locator('.roll.asked', { hasText: '刘洋' }).waitFor(patience);
    await page.locator('.incident-needs h4 .button').press('Enter');
    await dialog();
    await press('ArrowRight', 'Enter');
    await gone();
    await page.locator('.incident-need', { hasText: '车辆 ×1' }).waitFor(patience);
    expect(sent('/i-fire/needs')).toMatchObject([{ kind: 'vehicle', count: 1, place: '幸福里 3栋2单元502' }]);
    await press('j', 'j');
    await page.locator('#incident-title', { hasText: '电梯困人' }).waitFor(patience);
    await press('p');
    await dialog();
    await press('Enter');
    await gone();
    await page.locator('.roll.asked', { hasText: '赵强' }).waitFor(patience);
    expect(sent('/i-lift/roll-calls')).toHaveLength(1);
  });

  test('G makes two incidents one with a reason; alarms are split off; L sets level and commander', async () => {
    await open();
    await press('l');
    await dialog();
    await press('Enter');
    await page.locator('dialog .wrong', { hasText: '没有改动' }).waitFor(patience);
    await press('ArrowRight', 'Enter');
    await page.locator('#reason-missing').waitFor(patience);
    await page.locator('#commander').selectOption('p-chen');
    await page.locator('#commander').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('只是冒烟');
    await press('Enter');
    await page.locator('.pane-title .level-2').waitFor(patience);
    await page.locator('.facts', { hasText: '指挥 陈静' }).waitFor(patience);
    expect(sent('/command')).toMatchObject([{ severity: 'major', commander: 'p-chen', reason: '只是冒烟', version: 1 }]);
    await press('o');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await press('a');
    await page.locator('.pane-state', { hasText: '已确认' }).waitFor(patience);
    await press('o');
    await dialog();
    await press('Enter');
    await expect.poll(() => sent('/onward'), patience).toMatchObject([{ receiver: '119', how: 'phone' }]);
    await gone();
    await page.locator('[data-menu="split"]').press('Enter');
    await dialog();
    await press('Space', 'Enter');
    await page.locator('#reason-missing').waitFor(patience);
    await press('Tab', 'Tab', 'Tab');
    await page.keyboard.type('另一户');
    await press('Enter');
    await gone();
    await expect.poll(() => sent('/split'), patience).toMatchObject([{ alarms: ['i-fire-a0'], reason: '另一户' }]);
    await page.locator('#incident-i-fire-split').waitFor(patience);
    await press('g');
    await dialog();
    await press('ArrowDown', 'ArrowDown', 'Tab');
    await page.keyboard.type('同一起');
    await press('Enter');
    await expect.poll(() => sent('/i-fire/merge').length, patience).toBe(1);
    await page.locator('#incident-i-fire').waitFor({ state: 'detached', ...patience });
  });

  test('a hand-over that was made is not forgotten by a look that began before it', async () => {
    await open();
    await page.locator('.shift-strip .late', { hasText: /^缺岗 \d/ }).waitFor(patience);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route(/\/api\/hand-overs$/, async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      const asItWas = await route.fetch();
      await held;
      return route.fulfill({ response: asItWas });
    });
    await press('b');
    await page.locator('.hand-over-press[aria-disabled="false"]').click();
    await page.locator('.signatures').waitFor(patience);
    const late = page.waitForResponse((response) => response.url().endsWith('/api/hand-overs'));
    letGo();
    await (await late).finished();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    expect(await page.locator('.signatures').count()).toBe(1);
  });

  test('an incident that moved on and could not be read anew says of when it is, and is asked for again', async () => {
    await open();
    server.faults.refuse = { '/api/incidents/i-fire': 500 };
    const fire = server.world.details.get('i-fire');
    if (fire === undefined) throw new Error('no fire');
    server.emit({ type: 'incident', at: Date.now(), incident: summaryOf({ ...fire, version: fire.version + 1 }) });
    await page.locator('.pane .wrong', { hasText: '读不到最新的' }).waitFor(patience);
    server.heal();
    await page.locator('.pane .wrong').waitFor({ state: 'detached', ...patience });
  });

  test('before the shift was read once nothing is said of it: not that nobody is missing, and not that nothing is open', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route(/\/api\/duty-gaps/, async (route) => {
      await held;
      return route.continue();
    });
    await open();
    await press('b');
    await page.locator('#shift-title').waitFor(patience);
    expect(await page.locator('.shift-strip').innerText()).toBe('班务 B');
    expect(await page.locator('.shift-grid').count()).toBe(0);
    letGo();
    await page.locator('.hand-over-press:focus').waitFor(patience);
    await page.locator('.shift-strip .late', { hasText: /^缺岗 \d/ }).waitFor(patience);
  });

  test('B: made from what is open, signed by who goes; who comes signs with another account, and a note stands beside it', async () => {
    await open();
    await press('b');
    await page.locator('.hand-over-items li', { hasText: '烟感报警' }).waitFor(patience);
    expect(await page.locator('.people-list li', { hasText: '刘洋' }).allInnerTexts()).toEqual(['刘洋 网格员 · 物业 班外在岗']);
    await page.locator('.shift-list .late', { hasText: '缺网格员 1 人' }).waitFor(patience);
    await page.locator('.hand-over-press:focus').waitFor(patience);
    await press('Enter');
    await page.locator('.hand-over-press:focus', { hasText: '交班签字' }).waitFor(patience);
    await page.locator('#hand-over-note').focus();
    await page.keyboard.type('春晖 B 梯催维保');
    await press('Enter');
    await page.locator('.hand-over-notes li', { hasText: '春晖 B 梯催维保' }).waitFor(patience);
    await page.locator('.hand-over-press').press('Enter');
    await page.locator('.hand-over', { hasText: '请接班人在自己的账号下签字' }).waitFor(patience);
    offeredByOther(server.world);
    await page.reload();
    await page.locator('.shift-strip.waits', { hasText: '有交接等您签字' }).waitFor(patience);
    await press('b');
    await page.locator('.hand-over-press:focus', { hasText: '接班签字' }).waitFor(patience);
    await press('Enter');
    await page.locator('.signatures .signed', { hasText: '王芳' }).waitFor(patience);
    await press('a');
    await page.locator('#incident-title').waitFor(patience);
    expect(sent('/moves')).toEqual([]);
  });

  test('a post check stands across the screen until its number is typed; a wrong one is said and may be tried again', async () => {
    askPost(server.world);
    await open();
    await page.locator('.post-check', { hasText: '4827' }).waitFor(patience);
    await press('q');
    await page.keyboard.type('4872');
    await press('Enter');
    await page.locator('.post-check', { hasText: '数字不对' }).waitFor(patience);
    await page.keyboard.type('4827');
    await press('Enter');
    await page.locator('.post-check').waitFor({ state: 'detached', ...patience });
    expect(sent('/answer').map(({ answer }) => answer)).toEqual(['4872', '4827']);
  });
});
