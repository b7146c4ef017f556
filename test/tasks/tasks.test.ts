import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { DeviceRule } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Browser, newKey } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from '../screens/axe.ts';
import { buildScreens } from '../screens/built.ts';
import { type Desk, dispatcherTasks, nextHelp } from './dispatcher.ts';
import { Hand } from './hand.ts';
import { handTasks } from './hands.ts';
import { managerTasks, type Office } from './manager.ts';
import { deskIn, handsIn, officeIn } from './stages.ts';
import { measure, type Row, tableOf, type Task } from './task.ts';
import { openTown, password, smallStreet, type Town } from './town.ts';

vi.setConfig({ testTimeout: 150_000, hookTimeout: 180_000 });

/** Set to a folder to keep the pictures. */
const pictures = process.env['DESK_PICTURES'];
/** A machine of tests has other things to do: seconds are told, and only a multiple of them fails. */
const slower = 10;

/** The scripts of `npm run tasks` on a small street: what a person has to do is counted as there. */
describeWith(['chromium'], 'every task, on a small street', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let town: Town;
  const rows: Row[] = [];

  beforeAll(async () => {
    screens = await buildScreens();
    town = await openTown(smallStreet, screens.dist);
  });
  afterAll(async () => {
    await town?.close();
    screens?.remove();
    process.stdout.write(`${tableOf(rows)}\n`);
  });

  async function holds<Stage>(task: Task<Stage>, stage: Stage): Promise<void> {
    const row = await measure(task, stage, slower);
    rows.push(row);
    expect(row.why, row.id).toBe('');
  }

  describe('of the manager', () => {
    let office: Office;
    beforeAll(async () => {
      office = await officeIn(town);
    });

    test.each(managerTasks.map((task) => [task.id, task] as const))('%s', (_id, task) => holds(task, office));

    test('what was sent and planned is as it was meant', async () => {
      const { manager } = town.as;
      const rules = await manager.call<{ rules: DeviceRule[] }>('GET', '/api/devices/gw-seed-1/seed-1-1/rules');
      const sent = rules.body.rules.find(({ name }) => name.zh === office.metered.rule)?.sent;
      expect([sent?.before.limit, sent?.to.limit]).toEqual([20, 20]);
      const { body } = await manager.call<{ items: MaintenanceWindow[] }>('GET', '/api/maintenance-windows');
      const [window] = body.items;
      expect(window).toMatchObject({ reason: '换闭门器，王师傅', devices: [`gw-seed-1/${office.door.id}`] });
      expect(window?.endsAt).toBeGreaterThan(Date.now());
    });
  });

  describe('of the dispatcher, by keys alone', () => {
    let desk: Desk;
    const errors: string[] = [];
    beforeAll(async () => {
      desk = await deskIn(town);
      desk.page.on('pageerror', ({ message }) => errors.push(message));
    });

    async function lookAt(name: string): Promise<void> {
      expect((await violationsOn(desk.page)).found).toEqual([]);
      if (pictures !== undefined) await desk.page.screenshot({ path: `${pictures}/desk-${name}.png` });
    }

    const run = async (...ids: string[]) => {
      for (const id of ids) {
        const task = dispatcherTasks.find((one) => one.id === `dispatcher ${id}`);
        if (task === undefined) throw new Error(`no task ${id}`);
        await holds(task, desk);
      }
    };

    test('notice, acknowledge, send the nearest, and close as false', async () => {
      await run('1', '2', '3', '3b');
      const { page } = desk;
      await page.keyboard.press('t');
      await page.locator('.task', { hasText: '前往' }).waitFor();
      await page.locator('.run-card li').first().waitFor();
      // On a low screen a long plan scrolls, and its edge may cut a box in two.
      await page.setViewportSize({ width: 1920, height: 1080 });
      await lookAt('forces');
      await page.setViewportSize({ width: 1366, height: 768 });
      await run('4', '2b');
    });

    test('mobilise a building; the answers come by themselves; stand down with a reason', async () => {
      const { page } = desk;
      await run('5');
      const api = town.as.desk;
      const [sent] = (await api.call<{ items: CallSummary[] }>('GET', '/api/calls?state=sending&state=sent')).body.items;
      const id = sent?.id ?? '';
      const { body } = await api.call<{ items: { person: string }[] }>('GET', `/api/calls/${id}/people?show=all`);
      const said = body.items.slice(0, 2).map(({ person }, nth) => ({ person, result: nth === 0 ? 'safe' : 'help', note: null }));
      for (const result of said)
        await api.call('POST', `/api/calls/${id}/answers`, { where: 'phone', results: [result], key: newKey() });
      await page.locator('.figure.help strong', { hasText: /^1$/ }).waitFor();
      await page.locator('button.area-name').first().waitFor();
      expect(await nextHelp(desk)).toMatchObject({ keys: 1, clicks: 0 });
      await lookAt('call');
      const down = new Hand(page);
      await page.locator('[data-press="stand-down"]').focus();
      await down.press('Enter');
      await down.see(page.locator('dialog[open]'));
      await down.write('已逐户敲门');
      await down.press('Enter');
      await down.see(page.locator('.pane-state', { hasText: '已解除' }));
    });

    test('beyond one grid a call waits until a second dispatcher approves it at another desk; the author cannot', async () => {
      const { page } = desk;
      const api = town.as.desk;
      await page.keyboard.press('Escape');
      const ask = new Hand(page);
      await ask.press('m');
      await ask.see(page.locator('dialog[open] [data-people]:not([data-people="0"])'));
      const whole = `[...document.querySelectorAll('dialog[open] input')].map(({ value }) => value).find((value) => /^[^/]+[/][^/]+$/.test(value))`;
      await page.locator(`dialog[open] input[value="${await page.evaluate<string>(whole)}"]`).focus();
      await ask.press('Space');
      await ask.see(page.locator('dialog[open] .second', { hasText: '另一位值班员' }));
      await page.locator('dialog[open] input[id^="blank-"]').first().focus();
      await page.keyboard.press('ControlOrMeta+a');
      await ask.write('中心花园');
      await ask.press('Enter');
      await ask.see(page.locator('.sure[data-settled="true"]'));
      await ask.press('Enter');
      await ask.see(page.locator('[data-press="approve"][aria-disabled="true"]'));
      const [call] = (await api.call<{ items: CallSummary[] }>('GET', '/api/calls?state=waiting')).body.items;
      const before = town.provider.heard.length;
      // Not by a way around the button either.
      const forced = { move: 'approve', version: call?.version, key: newKey() };
      expect((await api.call('POST', `/api/calls/${call?.id ?? ''}/moves`, forced)).status).toBe(403);
      const other = await town.open('desk-2');
      const approve = new Hand(other);
      await approve.see(other.locator('.call-card.waiting'));
      await other.locator('.call-card.waiting').focus();
      await approve.press('Enter');
      await other.locator('[data-press="approve"]:not([aria-disabled="true"])').focus();
      await approve.press('Enter');
      await approve.see(other.locator('dialog[open]'));
      await approve.press('Enter');
      await approve.see(other.locator('.figures'));
      expect(approve.done()).toMatchObject({ keys: 3, clicks: 0 });
      // The first desk hears of it by itself, and only now anybody is told.
      await ask.see(page.locator('.figures'));
      await expect.poll(() => town.provider.heard.length, { timeout: 60_000 }).toBeGreaterThan(before);
      const { body } = await api.call<CallSummary & { approverName: string }>('GET', `/api/calls/${call?.id ?? ''}`);
      expect(body.approverName).toBe('陈静');
      await other.context().close();
    });

    test('the level is lowered with a reason; the shift handed over; a post check answered', async () => {
      const { page } = desk;
      await page.keyboard.press('Escape');
      const level = new Hand(page);
      await level.see(page.locator('[data-move="confirm"]'));
      await level.press('l');
      await level.see(page.locator('dialog[open]'));
      await level.press('ArrowRight', 'Tab', 'Tab');
      await level.write('只是冒烟');
      await level.press('Enter');
      await level.see(page.locator('.pane-title .level-2'));
      await run('6');
      await lookAt('shift');
      const auditor = {
        account: 'auditor',
        name: '审计',
        phone: '13900000099',
        password,
        grants: [{ area: 'heping', role: 'auditor' }],
      };
      expect((await town.as.admin.call('POST', '/api/users', auditor)).status).toBe(201);
      const asks = await Browser.signIn(town, 'auditor', password);
      const post = { area: 'heping', withinS: 60, key: newKey() };
      const { question } = (await asks.call<{ question: string }>('POST', '/api/post-checks', post)).body;
      const hand = new Hand(page);
      await hand.see(page.locator('.post-check'));
      await hand.press('q', ...question.split(''), 'Enter');
      await hand.see(page.locator('.post-check'), 'detached');
      expect(hand.done().keys).toBeLessThanOrEqual(6);
      expect(errors).toEqual([]);
    });
  });

  test('of the worker and the resident', async () => {
    const hands = await handsIn(town);
    for (const task of handTasks) await holds(task, hands);
  });
});
