import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ProviderServer, providerServer } from '../cloud/notify/provider-server.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });

/** Set to a folder to keep the pictures. */
const pictures = process.env['DESK_PICTURES'];
const patience = { timeout: 45_000 };
const password = 'one quiet phrase for all';
const homes = 9;
const perHome = 6;

interface Row {
  task: string;
  keys: number;
  seconds: number;
  target: string;
}

/** Each task of a dispatcher on a real cloud, by keys alone: how many, how long, and what was aimed at. */
describeWith(['chromium'], 'a dispatcher’s tasks by keys alone', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let provider: ProviderServer;
  let folder: string;
  let world: World;
  let chromium: Chromium;
  let page: Page;
  let errors: string[];
  let desk: Browser;
  let building: string;
  const measured: Row[] = [];

  beforeAll(async () => {
    [screens, chromium, provider] = await Promise.all([buildScreens(), openBrowser(), providerServer()]);
    provider.say = () => ({ body: JSON.stringify({ code: 0, id: `p-${provider.heard.length}` }) });
    folder = mkdtempSync('/tmp/yihu-desk-');
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const listen = { host: '127.0.0.1', port };
    world = await openWorld({ screens: screens.dist, channels: channelsFile(), listen, publicUrl });
    desk = await Browser.signIn(world, 'wangfang');
    await raiseSmoke(world, 'gw-1', 'xingfu/xfl/g1');
    const [first] = await incidents();
    building = (first?.area ?? '').split('/').slice(0, 4).join('/');
    await peopleMoveIn();
    ({ page, errors } = await openPage(chromium, { width: 1366, height: 768 }));
    await signIn(page, 'wangfang', world.passwords.get('wangfang') ?? '');
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
    await provider?.stop();
    screens?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    console.table(measured);
  });

  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /** One SMS provider that takes everything. */
  function channelsFile(): string {
    const file = path.join(folder, 'channels.yaml');
    const request = {
      url: `${provider.url}/sms`,
      headers: { 'content-type': 'application/json' },
      body: '{"to":"{phone}","text":"{text}"}',
    };
    const sms = { id: 'sms', action: 'sms-http', settings: { request, success: { path: ['code'], equals: 0 }, idPath: ['id'] } };
    const ladders = { lifeSafety: [['sms']], other: [['sms']] };
    writeFileSync(file, JSON.stringify({ schema: 'yihu-channels/1', allowPrivate: ['127.0.0.1'], channels: [sms], ladders }));
    return file;
  }

  const incidents = async () => (await desk.call<{ items: IncidentSummary[] }>('GET', '/api/incidents')).body.items;

  /** More than fifty people in the building, a second dispatcher, an auditor, and a keeper of the registry. */
  async function peopleMoveIn(): Promise<void> {
    const admin = await Browser.signIn(world, 'admin');
    for (const role of ['dispatcher', 'auditor', 'property']) {
      const account = { account: role, name: role, phone: '13900000000', password, grants: [{ area: 'xingfu', role }] };
      expect((await admin.call('POST', '/api/users', account)).status).toBe(201);
    }
    await admin.call('POST', '/api/areas', { path: building, kind: 'building', name: '3栋' });
    const keeper = await Browser.signIn(world, 'property', password);
    await Promise.all(
      Array.from({ length: homes }, async (_, home) => {
        const area = `${building}/h${home}`;
        expect((await admin.call('POST', '/api/areas', { path: area, kind: 'room', name: `${home + 1}01` })).status).toBe(201);
        for (let nth = 0; nth < perHome; nth += 1) {
          const person = {
            name: `住户${home}${nth}`,
            phone: `138000${String(home * perHome + nth).padStart(5, '0')}`,
            home: { area, role: 'owner' },
            provenance: { source: 'door', basis: 'duty' },
            key: newKey(),
          };
          expect((await keeper.call('POST', '/api/people', person)).status).toBe(201);
        }
      }),
    );
  }

  /** Somebody lives in the other grid too. */
  async function neighbourGrid(): Promise<void> {
    const [admin, keeper] = [await Browser.signIn(world, 'admin'), await Browser.signIn(world, 'property', password)];
    for (const [area, kind, name] of [
      ['xingfu/xfl/g2/9', 'building', '9栋'],
      ['xingfu/xfl/g2/9/101', 'room', '101'],
    ])
      expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
    const home = { area: 'xingfu/xfl/g2/9/101', role: 'owner' };
    const provenance = { source: 'door', basis: 'duty' };
    const person = { name: '邻格住户', phone: '13800099999', home, provenance, key: newKey() };
    expect((await keeper.call('POST', '/api/people', person)).status).toBe(201);
  }

  async function signIn(at: Page, account: string, secret: string): Promise<void> {
    await at.goto(world.cloud.url);
    await at.fill('#account', account);
    await at.fill('#password', secret);
    await at.keyboard.press('Enter');
    await at.locator('[data-whole="true"]').waitFor(patience);
  }

  /** A person at the keyboard: every key, and every field that is written, is one action. */
  class Hand {
    keys = 0;
    readonly start = performance.now();
    readonly at: Page;

    constructor(at: Page) {
      this.at = at;
    }

    async press(key: string): Promise<void> {
      this.keys += 1;
      await this.at.keyboard.press(key);
    }

    async write(text: string): Promise<void> {
      this.keys += 1;
      await this.at.keyboard.type(text);
    }

    done(task: string, most: { keys: number; seconds: number }, target: string): void {
      const seconds = Math.round((performance.now() - this.start) / 100) / 10;
      measured.push({ task, keys: this.keys, seconds, target });
      expect(this.keys, task).toBeLessThanOrEqual(most.keys);
      expect(seconds, task).toBeLessThanOrEqual(most.seconds);
    }
  }

  const state = (text: string) => page.locator('.pane-state', { hasText: text }).waitFor(patience);

  async function lookAt(name: string): Promise<void> {
    expect((await violationsOn(page)).found).toEqual([]);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/desk-${name}.png` });
  }

  test('notice, acknowledge, send the nearest, and close as false', async () => {
    await page.locator('#incident-title').waitFor(patience);
    const before = await page.locator('.card').count();
    const notice = new Hand(page);
    await raiseSmoke(world, 'gw-2', 'xingfu/xfl/g2', 2);
    await expect.poll(() => page.locator('.card').count(), { ...patience, interval: 20 }).toBe(before + 1);
    notice.done('notice: raised, kept, on the screen', { keys: 0, seconds: 15 }, '≤ 5 s through the cloud');
    const ack = new Hand(page);
    await ack.press('a');
    await state('已确认');
    ack.done('acknowledge', { keys: 1, seconds: 15 }, '1 key, ≤ 5 s');
    const send = new Hand(page);
    await send.press('d');
    await page.locator('dialog[open] input:checked').waitFor(patience);
    await send.press('Enter');
    await page.locator('.facts .leg').first().waitFor(patience);
    send.done('send the nearest who is free', { keys: 2, seconds: 30 }, '2 keys, ≤ 10 s');
    const [open] = (await desk.call<{ items: TaskSummary[] }>('GET', '/api/tasks')).body.items;
    const worker = await Browser.signIn(world, open?.personName === '赵敏' ? 'wangge2' : 'wangge1');
    const arriving = new Hand(page);
    await worker.call('POST', `/api/me/tasks/${open?.id ?? ''}/moves`, { move: 'set-out', key: newKey() });
    await page.locator('.facts .leg', { hasText: '前往' }).waitFor(patience);
    arriving.done('the worker sets out: on the same card', { keys: 0, seconds: 15 }, '≤ 2 s');
    await page.keyboard.press('t');
    await page.locator('.task', { hasText: '前往' }).waitFor(patience);
    await page.locator('.run-card li').first().waitFor(patience);
    // On a low screen a long plan scrolls, and its edge may cut a box in two.
    await page.setViewportSize({ width: 1920, height: 1080 });
    await lookAt('forces');
    await page.setViewportSize({ width: 1366, height: 768 });
    const false_ = new Hand(page);
    await false_.press('x');
    await page.locator('dialog[open]').waitFor(patience);
    await false_.press('Space');
    await false_.press('Enter');
    await state('误报');
    false_.done('verify and close as false, with its reason', { keys: 4, seconds: 60 }, '≤ 4 actions, ≤ 60 s');
  });

  test('mobilise a building: scope, template, count, send; the answers come by themselves', async () => {
    // The one in front is over, so the next to come opens by itself.
    await raiseSmoke(world, 'gw-1', 'xingfu/xfl/g1', 3);
    await state('未确认');
    const call = new Hand(page);
    await call.press('m');
    await page.locator(`dialog[open] [data-people="${homes * perHome}"]`).waitFor(patience);
    await call.write('中心花园');
    await call.press('Enter');
    await page.locator('.sure[data-settled="true"]').waitFor(patience);
    await call.press('Enter');
    await page.locator('.figures').waitFor(patience);
    call.done('mobilise a building', { keys: 4, seconds: 60 }, '≤ 4 actions, ≤ 20 s');
    const [sent] = (await desk.call<{ items: CallSummary[] }>('GET', '/api/calls?state=sending&state=sent')).body.items;
    const id = sent?.id ?? '';
    const { body } = await desk.call<{ items: { person: string }[] }>('GET', `/api/calls/${id}/people?show=all`);
    const [first, second] = body.items;
    const answer = (person = '', result = '') =>
      desk.call('POST', `/api/calls/${id}/answers`, { where: 'phone', results: [{ person, result, note: null }], key: newKey() });
    const heard = new Hand(page);
    await answer(first?.person, 'safe');
    await answer(second?.person, 'help');
    await page.locator('.figure.help strong', { hasText: /^1$/ }).waitFor(patience);
    heard.done('an answer: on the screen', { keys: 0, seconds: 15 }, '≤ 2 s');
    await page.locator('button.area-name').first().waitFor(patience);
    const next = new Hand(page);
    await next.press('h');
    await page.locator('.need[aria-current]:focus').waitFor(patience);
    next.done('the next who needs help', { keys: 1, seconds: 15 }, '1 key');
    await lookAt('call');
    const down = new Hand(page);
    await page.locator('[data-press="stand-down"]').focus();
    await down.press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await down.write('已逐户敲门');
    await down.press('Enter');
    await state('已解除');
    down.done('stand down with a reason', { keys: 4, seconds: 30 }, '≤ 4 actions');
  });

  test('beyond one grid a call waits until a second dispatcher approves it at another desk; the author cannot', async () => {
    await page.keyboard.press('Escape');
    await page.locator('[data-move="confirm"]').waitFor(patience);
    await neighbourGrid();
    const ask = new Hand(page);
    await ask.press('m');
    await page.locator(`dialog[open] [data-people="${homes * perHome}"]`).waitFor(patience);
    await page.locator('dialog[open] input[value="xingfu/xfl"]').focus();
    await ask.press('Space');
    await page.locator(`dialog[open] [data-people="${homes * perHome + 1}"]`).waitFor(patience);
    await page.locator('dialog[open] .second', { hasText: '另一位值班员' }).waitFor(patience);
    await page.locator('dialog[open] input[id^="blank-"]').first().focus();
    await page.keyboard.press('ControlOrMeta+a');
    await ask.write('中心花园');
    await ask.press('Enter');
    await page.locator('.sure[data-settled="true"]').waitFor(patience);
    await ask.press('Enter');
    await page.locator('[data-press="approve"][aria-disabled="true"]').waitFor(patience);
    ask.done('a call beyond one grid: asked for', { keys: 5, seconds: 60 }, '–');
    const waiting = (await desk.call<{ items: CallSummary[] }>('GET', '/api/calls?state=waiting')).body.items;
    expect(waiting).toHaveLength(1);
    const [call] = waiting;
    const before = provider.heard.length;
    // Not by a way around the button either.
    const forced = { move: 'approve', version: call?.version, key: newKey() };
    expect((await desk.call('POST', `/api/calls/${call?.id ?? ''}/moves`, forced)).status).toBeGreaterThanOrEqual(400);
    const other = await openPage(chromium, { width: 1366, height: 768 });
    await signIn(other.page, 'dispatcher', password);
    await other.page.locator('.call-card.waiting').waitFor(patience);
    const approve = new Hand(other.page);
    await other.page.locator('.call-card.waiting').focus();
    await approve.press('Enter');
    await other.page.locator('[data-press="approve"]:not([aria-disabled="true"])').focus(patience);
    await approve.press('Enter');
    await other.page.locator('dialog[open]').waitFor(patience);
    await approve.press('Enter');
    await other.page.locator('.figures').waitFor(patience);
    approve.done('approve it as the second person', { keys: 3, seconds: 60 }, '–');
    // The first desk hears of it by itself, and only now anybody is told.
    await page.locator('.figures').waitFor(patience);
    await expect.poll(() => provider.heard.length - before, patience).toBeGreaterThanOrEqual(homes * perHome);
    const { body } = await desk.call<CallSummary & { approverName: string }>('GET', `/api/calls/${call?.id ?? ''}`);
    expect(body.approverName).toBe('dispatcher');
    await page.locator('[data-press="stand-down"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor(patience);
    await page.keyboard.type('已逐户敲门');
    await page.keyboard.press('Enter');
    await state('已解除');
    expect(other.errors).toEqual([]);
    await other.page.context().close();
  });

  test('level and commander; the shift handed over with two signatures; a post check answered', async () => {
    await page.keyboard.press('Escape');
    await page.locator('[data-move="confirm"]').waitFor(patience);
    const level = new Hand(page);
    await level.press('l');
    await page.locator('dialog[open]').waitFor(patience);
    await level.press('ArrowRight');
    await level.press('Tab');
    await level.press('Tab');
    await level.write('只是冒烟');
    await level.press('Enter');
    await page.locator('.pane-title .level-2').waitFor(patience);
    level.done('lower the level with a reason', { keys: 6, seconds: 30 }, '–');
    const over = new Hand(page);
    await over.press('b');
    await page.locator('.hand-over-press:focus', { hasText: '生成' }).waitFor(patience);
    await over.press('Enter');
    await page.locator('.hand-over-press:focus', { hasText: '交班' }).waitFor(patience);
    await over.press('Enter');
    await page.locator('.signatures .signed').waitFor(patience);
    await lookAt('shift');
    const other = await openPage(chromium, { width: 1366, height: 768 });
    await signIn(other.page, 'dispatcher', password);
    const comes = new Hand(other.page);
    await comes.press('b');
    await other.page.locator('.hand-over-press:focus', { hasText: '接班' }).waitFor(patience);
    await comes.press('Enter');
    await expect
      .poll(async () => (await desk.call<{ state: string }[]>('GET', '/api/hand-overs')).body[0]?.state, patience)
      .toBe('taken');
    over.keys += comes.keys;
    over.done('hand over: made, signed by both, the second sign-in in it', { keys: 5, seconds: 180 }, '≤ 3 min, two signatures');
    expect(other.errors).toEqual([]);
    await other.page.context().close();
    const auditor = await Browser.signIn(world, 'auditor', password);
    const post = new Hand(page);
    const asked = await auditor.call<{ question: string }>('POST', '/api/post-checks', {
      area: 'xingfu',
      withinS: 60,
      key: newKey(),
    });
    await page.locator('.post-check').waitFor(patience);
    await post.press('q');
    for (const digit of asked.body.question) await post.press(digit);
    await post.press('Enter');
    await page.locator('.post-check').waitFor({ state: 'detached', ...patience });
    post.done('answer a post check', { keys: 6, seconds: 60 }, 'Q, four digits, Enter; ≤ 60 s');
    expect(errors).toEqual([]);
  });
});
