import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Browser, newKey, openWorld, type World } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { CutLine } from './cut-line.ts';
import { smallTargets } from './thumb.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** Set to a folder to keep the pictures. */
const pictures = process.env['PHONE_PICTURES'];
const patience = { timeout: 25_000 };

describeWith(['chromium'], 'the phone of a grid worker', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let world: World;
  let line: CutLine;
  let chromium: Chromium;
  let page: Page;
  let errors: string[];
  let desk: Browser;
  let worker: { id: string; area: string };
  const measured: { task: string; taps: number; ms: number; target: string }[] = [];

  beforeAll(async () => {
    [screens, chromium] = await Promise.all([buildScreens(), openBrowser()]);
    world = await openWorld({ screens: screens.dist });
    line = await new CutLine(world.cloud.url).start();
    desk = await Browser.signIn(world, 'wangfang');
    const { session } = await Browser.signIn(world, 'wangge1');
    worker = { id: session?.user.id ?? '', area: session?.grants[0]?.area ?? '' };
    ({ page, errors } = await openPage(chromium, { width: 390, height: 844 }));
    await page.context().grantPermissions(['geolocation']);
    await page.context().setGeolocation({ longitude: 120.1, latitude: 30.2, accuracy: 12 });
    await page.goto(line.url);
    await page.fill('#account', 'wangge1');
    await page.fill('#password', world.passwords.get('wangge1') ?? '');
    await page.click('button[type=submit]');
    await page.locator('.no-task').waitFor();
  });

  afterAll(async () => {
    await chromium?.close();
    await line?.stop();
    await world?.close();
    screens?.remove();
    console.table(measured);
  });

  async function order(title: string, checks?: string[]): Promise<string> {
    const body = {
      kind: 'visit',
      title,
      area: worker.area,
      place: '3栋2单元502',
      person: worker.id,
      key: newKey(),
      ...(checks ? { checks } : {}),
    };
    const answer = await desk.call<TaskDetail>('POST', '/api/tasks', body);
    expect([answer.status, answer.body.state]).toEqual([201, 'offered']);
    return answer.body.id;
  }

  const taskNow = async (id: string) => (await desk.call<TaskDetail>('GET', `/api/tasks/${id}`)).body;
  const card = (id: string) => page.locator(`[data-task="${id}"]`);
  /** The page looks every 10 s; being taken in the hand again makes it look now. */
  async function showsUp(id: string): Promise<void> {
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await card(id).waitFor(patience);
  }

  const waiting = (count: number) => page.locator(`[data-waiting="${count}"]`).waitFor({ state: 'attached', ...patience });

  async function networkOff(): Promise<void> {
    line.cut();
    await page.context().setOffline(true);
  }

  async function networkOn(): Promise<void> {
    line.mend();
    await page.context().setOffline(false);
  }

  async function lookAt(name: string): Promise<void> {
    const { found } = await violationsOn(page);
    expect(found).toEqual([]);
    expect(await page.evaluate(smallTargets)).toEqual([]);
    expect(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))).toBeLessThanOrEqual(0);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/phone-${name}.png`, fullPage: true });
  }

  async function tap(id: string, ...steps: string[]): Promise<void> {
    for (const step of steps) await card(id).locator(`[data-step="${step}"]`).click();
  }

  test('one tap accepts, two more are there and done', async () => {
    await lookAt('empty');
    const id = await order('走访独居老人');
    await showsUp(id);
    await lookAt('offered');
    const start = performance.now();
    await tap(id, 'accept');
    await expect.poll(async () => (await taskNow(id)).state, patience).toBe('accepted');
    measured.push({ task: 'accept, to the cloud', taps: 1, ms: Math.round(performance.now() - start), target: '1 tap' });
    await lookAt('accepted');
    const there = performance.now();
    await tap(id, 'arrive', 'finish');
    await expect.poll(async () => ['done', 'verified'].includes((await taskNow(id)).state), patience).toBe(true);
    measured.push({
      task: 'arrive and done, to the cloud',
      taps: 2,
      ms: Math.round(performance.now() - there),
      target: '2 taps',
    });
    await waiting(0);
  });

  test('that there was no task says nothing of now while the network is off', async () => {
    await page.locator('.no-task', { hasText: '现在没有任务' }).waitFor(patience);
    await networkOff();
    await page.locator('.no-task', { hasText: '现在情况未知' }).waitFor(patience);
    await networkOn();
    await page.locator('.no-task', { hasText: '现在没有任务' }).waitFor(patience);
  });

  test('loaded once, network off, accepted and finished, network on: it arrives once', async () => {
    const id = await order('查看楼道杂物', ['一楼', '二楼']);
    await showsUp(id);
    await expect.poll(() => page.evaluate(`caches.match('/phone/').then((kept) => kept !== undefined)`), patience).toBe(true);
    await networkOff();
    await page.reload();
    await card(id).waitFor(patience);
    await page.locator('.stale-banner').waitFor(patience);
    await lookAt('offline');
    const start = performance.now();
    await tap(id, 'accept', 'arrive');
    await card(id).locator('.checks button').first().click();
    await waiting(3);
    await lookAt('waiting');
    await tap(id, 'finish');
    await card(id).locator('[data-reason="locked"]').click();
    await waiting(4);
    measured.push({
      task: 'offline: accept, arrive, one point, done but for one',
      taps: 5,
      ms: Math.round(performance.now() - start),
      target: 'works offline',
    });
    expect((await taskNow(id)).state).toBe('offered');
    // The cloud does the first move, and its answer is lost on the way: the phone sends it again.
    line.loseAnswers = 1;
    line.sent = 0;
    const back = performance.now();
    await networkOn();
    await waiting(0);
    measured.push({
      task: 'network back: all four sent, one answer lost',
      taps: 0,
      ms: Math.round(performance.now() - back),
      target: 'by itself',
    });
    const task = await taskNow(id);
    expect(['done', 'verified']).toContain(task.state);
    expect(task.checks.map(({ state }) => state)).toEqual(['fine', 'missed']);
    expect([line.sent, line.losses], 'one of three moves was sent twice').toEqual([4, 1]);
    expect(task.legs.map(({ person, state }) => [person, state])).toEqual([[worker.id, 'done']]);
    const lines = task.timeline.map(({ text: { zh } }) => zh);
    expect(
      lines.filter((each, nth) => lines.indexOf(each) !== nth),
      'nothing is written twice',
    ).toEqual([]);
  });

  test('what was taken away meanwhile is said plainly and waits until it was read', async () => {
    const id = await order('送药上门');
    await showsUp(id);
    await networkOff();
    await tap(id, 'accept');
    await waiting(1);
    const { version } = await taskNow(id);
    const cancelled = await desk.call('POST', `/api/tasks/${id}/moves`, {
      move: 'cancel',
      version,
      reason: '已由家属送到',
      key: newKey(),
    });
    expect(cancelled.status).toBe(200);
    await networkOn();
    await page.locator('.refused-step').waitFor(patience);
    await lookAt('refused');
    await page.locator('.refused-step button').click();
    await page.locator('.refused-step').waitFor({ state: 'detached' });
    expect((await taskNow(id)).state).toBe('cancelled');
  });

  test('cannot go: two taps with the reason; large type and English', async () => {
    const id = await order('夜间巡查');
    await showsUp(id);
    await tap(id, 'decline');
    await lookAt('why-not');
    await page.locator('[data-reason="far"]').click();
    const own = async () => (await taskNow(id)).legs.filter(({ person }) => person === worker.id).map(({ state }) => state);
    await expect.poll(own, patience).toEqual(['declined']);
    const next = await order('Bring the meal');
    await showsUp(next);
    await page.getByRole('button', { name: '大字' }).click();
    await lookAt('large');
    await page.getByRole('button', { name: 'English' }).click();
    await lookAt('large-en');
  });

  test('off duty is said to the cloud at once', async () => {
    await page.getByRole('button', { name: 'Go off duty' }).click();
    await page.locator('[data-duty="false"]').waitFor(patience);
    const { body } = await desk.call<{ id: string; onDuty: boolean }[]>('GET', '/api/responders');
    expect(body.find((each) => each.id === worker.id)?.onDuty).toBe(false);
    expect(errors).toEqual([]);
  });
});
