import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { maxPhotoBytes, photoSide } from '@yihu/device-profiles/vocabulary/photo.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskDetail, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newVapidKeys } from '../../cloud/notify/actions/web-push.ts';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import { type ProviderServer, providerServer } from '../cloud/notify/provider-server.ts';
import { pushedBrowser } from '../cloud/notify/pushed-browser.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../cloud/web/world.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { CutLine } from './cut-line.ts';
import { smallTargets } from './thumb.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const pictures = process.env['PHONE_PICTURES'];
const patience = { timeout: 25_000 };
const home = 'xingfu/xfl/g1/9/502';

/** As a camera makes it: twelve million pixels, lying on its side, with the place in it. */
function cameraPhoto(): Buffer {
  const bytes = mosaicJpeg({ columns: 500, rows: 375 }, corridor(500, 375, 0));
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex');
  const note = Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from('GPS 31.2304N 121.4737E')]);
  const head = Buffer.from([0xff, 0xe1, (note.length + 2) >> 8, (note.length + 2) & 0xff]);
  return Buffer.concat([bytes.subarray(0, 2), head, note, bytes.subarray(2)]);
}

describeWith(['chromium'], 'the phone at a door', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let provider: ProviderServer;
  let folder: string;
  let world: World;
  let line: CutLine;
  let chromium: Chromium;
  let page: Page;
  let errors: string[];
  let desk: Browser;
  let keeper: Browser;
  let worker: Browser;
  const pushed = pushedBrowser();
  const person = () => worker.session?.user.id ?? '';
  const residents: string[] = [];
  const measured: { task: string; taps: number; ms: number; target: string }[] = [];

  beforeAll(async () => {
    [screens, chromium, provider] = await Promise.all([buildScreens(), openBrowser(), providerServer()]);
    provider.say = () => ({ status: 201 });
    folder = mkdtempSync('/tmp/yihu-phone-');
    world = await openWorld({ screens: screens.dist, channels: channelsFile(folder) });
    await raiseSmoke(world);
    line = await new CutLine(world.cloud.url).start();
    const admin = await Browser.signIn(world, 'admin');
    for (const [area, kind, name] of [
      ['xingfu/xfl/g1/9', 'building', '9栋'],
      [home, 'room', '502'],
    ])
      expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
    [desk, keeper, worker] = (await Promise.all(['wangfang', 'wuye', 'wangge1'].map((name) => Browser.signIn(world, name)))) as [
      Browser,
      Browser,
      Browser,
    ];
    // Whoever has no telephone is knocked at first.
    for (const name of ['王建国', '李秀兰', '张桂芳']) {
      const phone = name === '张桂芳' ? null : `1380000000${residents.length + 1}`;
      const provenance = { source: 'property', basis: 'contract' };
      const body = { name, phone, home: { area: home, role: 'owner' }, provenance, needs: [], key: newKey() };
      const made = await worker.call<PersonDetail>('POST', '/api/people', body);
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      residents.push(made.body.id);
    }
    ({ page, errors } = await openPage(chromium, { width: 390, height: 844 }));
    await page.context().grantPermissions(['geolocation', 'notifications']);
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
    await provider?.stop();
    screens?.remove();
    rmSync(folder, { recursive: true, force: true });
    console.table(measured);
  });

  /** A cloud that can push to browsers, as its file says. */
  function channelsFile(where: string): string {
    const { publicKey, privateKey } = newVapidKeys();
    writeFileSync(path.join(where, 'vapid'), privateKey, { mode: 0o600 });
    const settings = { contact: 'mailto:a@example.cn', publicKey, privateKeyFile: 'vapid' };
    const file = path.join(where, 'channels.yaml');
    const ladders = { lifeSafety: [['push']], other: [['push']] };
    const channels = [{ id: 'push', action: 'web-push', settings }];
    writeFileSync(file, JSON.stringify({ schema: 'yihu-channels/1', allowPrivate: ['127.0.0.1'], channels, ladders }));
    return file;
  }

  async function order(title: string): Promise<string> {
    const body = { kind: 'visit', title, area: home, place: '幸福里 9栋502', person: person(), key: newKey() };
    const answer = await desk.call<TaskDetail>('POST', '/api/tasks', body);
    expect(answer.status).toBe(201);
    return answer.body.id;
  }

  const taskNow = async (id: string) => (await desk.call<TaskDetail>('GET', `/api/tasks/${id}`)).body;
  const card = (id: string) => page.locator(`[data-task="${id}"]`);
  const lookAgain = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
  const waiting = (count: number) => page.locator(`[data-waiting="${count}"]`).waitFor({ state: 'attached', ...patience });

  async function showsUp(id: string): Promise<void> {
    await lookAgain();
    await card(id).waitFor(patience);
  }

  async function tap(id: string, ...steps: string[]): Promise<void> {
    for (const step of steps) await card(id).locator(`[data-step="${step}"]`).click();
  }

  /** Until the cloud has it: a page that has just been tapped may not have begun to wait yet. */
  const reaches = (id: string, ...states: string[]) =>
    expect.poll(async () => states.includes((await taskNow(id)).state), patience).toBe(true);

  async function network(on: boolean): Promise<void> {
    if (on) line.mend();
    else line.cut();
    await page.context().setOffline(!on);
  }

  async function lookAt(name: string): Promise<void> {
    const { found } = await violationsOn(page);
    expect(found).toEqual([]);
    expect(await page.evaluate(smallTargets)).toEqual([]);
    expect(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))).toBeLessThanOrEqual(0);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/phone-${name}.png`, fullPage: true });
  }

  test('done with a photo: two taps, kept without a network, shrunk and without its place, sent once', async () => {
    const id = await order('查看漏水');
    await showsUp(id);
    await tap(id, 'accept');
    await reaches(id, 'accepted');
    await waiting(0);
    await network(false);
    const start = performance.now();
    await tap(id, 'arrive');
    const file = { name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: cameraPhoto() };
    await card(id).locator('[data-camera="photo-finish"]').setInputFiles(file);
    await waiting(3);
    measured.push({
      task: '2 arrive, done with a photo (kept without a network)',
      taps: 2,
      ms: Math.round(performance.now() - start),
      target: '2 taps, offline',
    });
    expect(await page.locator('[data-waiting]').textContent()).toMatch(/待发送 3，其中照片 \d\.\d MB（最多存 40 MB）/);
    await page.reload();
    await waiting(3);
    await lookAt('photo-waiting');
    line.lose = /^POST \/api\/me\/tasks\/[^ ]+\/photos/;
    line.loseAnswers = 1;
    await network(true);
    await waiting(0);
    const task = await taskNow(id);
    expect([task.state, task.photos?.length]).toEqual(['done', 1]);
    expect(task.timeline.filter(({ data }) => data['photo'] !== undefined)).toHaveLength(1);
    const photo = await desk.raw('GET', `/api/photos/${task.photos?.[0]?.id}`);
    const bytes = Buffer.from(await photo.arrayBuffer());
    expect(bytes.length).toBeLessThanOrEqual(maxPhotoBytes);
    expect(bytes.includes('GPS')).toBe(false);
    // It lay on its side and stands now.
    expect(plainJpeg(bytes)).toMatchObject({ width: photoSide * 0.75, height: photoSide, turn: 1 });
    expect(line.losses).toBe(1);
  });

  test('what is no photo is said at once and keeps nothing', async () => {
    const id = await order('查看灯');
    await showsUp(id);
    await tap(id, 'accept', 'arrive');
    await card(id).locator('details.more summary').first().click();
    const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
    await card(id).locator('[data-camera="photo"]').setInputFiles(file);
    await page.locator('.trouble').waitFor(patience);
    await lookAt('no-photo');
    await card(id)
      .locator('[data-camera="photo"]')
      .setInputFiles({ name: 'b.jpg', mimeType: 'image/jpeg', buffer: cameraPhoto() });
    await expect.poll(async () => (await taskNow(id)).photos?.length, patience).toBe(1);
    await lookAgain();
    await card(id).locator('.photos summary').click();
    await expect.poll(() => page.evaluate(`document.querySelector('.photos img')?.naturalHeight`), patience).toBe(photoSide);
    await lookAt('photos');
    await tap(id, 'finish');
    await reaches(id, 'done');
  });

  test('a visit is written down at the door without a network, once; who may see it is said', async () => {
    const id = await order('走访登记');
    await showsUp(id);
    await tap(id, 'accept', 'arrive');
    await reaches(id, 'on-scene');
    const [first = '', second = ''] = residents;
    await card(id).locator(`[data-visit="${first}"]`).waitFor(patience);
    await network(false);
    const start = performance.now();
    await card(id).locator(`[data-visit="${first}"]`).click();
    expect(await page.locator('.visit input, .visit select, .visit fieldset').count()).toBeLessThanOrEqual(6);
    expect(await page.locator('.visit [name=phone]').getAttribute('placeholder')).toBe('138****0001');
    expect(await page.locator('.visit .came').first().textContent()).toContain('物业登记');
    await page.fill('.visit [name=phone]', '13900');
    await page.click('[data-save=visit]');
    await page.locator('.visit .wrong').waitFor();
    await lookAt('visit');
    await page.fill('.visit [name=phone]', '139 0000 0009');
    await page.click('[data-need=alone]');
    await page.click('[data-save=visit]');
    await waiting(1);
    measured.push({
      task: '5 a home updated once, six fields',
      taps: 3,
      ms: Math.round(performance.now() - start),
      target: '≤ 6 fields',
    });
    line.lose = /^PATCH \/api\/people\//;
    line.loseAnswers = 1;
    line.losses = 0;
    await network(true);
    await waiting(0);
    expect(line.losses).toBe(1);
    const now = (await worker.call<PersonDetail>('GET', `/api/people/${first}`)).body;
    expect([now.phone, now.needs, now.version]).toEqual(['139****0009', ['alone'], 2]);
    expect(now.origins.find(({ field }) => field === 'phone')).toMatchObject({ source: 'self', by: person() });

    // Somebody else writes about the other one while this phone has no network.
    await card(id).locator(`[data-visit="${second}"]`).waitFor(patience);
    await network(false);
    await card(id).locator(`[data-visit="${second}"]`).click();
    await page.fill('.visit [name=phone]', '13900000010');
    await page.click('[data-save=visit]');
    await waiting(1);
    const theirs = { version: 1, change: { phone: '13700000077' }, provenance: { source: 'property', basis: 'contract' } };
    expect((await keeper.call('PATCH', `/api/people/${second}`, theirs)).status).toBe(200);
    await network(true);
    await page.locator('.conflict').waitFor(patience);
    expect(await page.locator('.conflict').textContent()).toContain('现在是 137****0077；您填的是 13900000010');
    await lookAt('conflict');
    await page.click('[data-ours]');
    await waiting(0);
    await page.locator('.refused-step').waitFor({ state: 'detached', ...patience });
    expect((await worker.call<PersonDetail>('GET', `/api/people/${second}`)).body.phone).toBe('139****0010');
    await card(id).locator('[data-link=ask]').click();
    const link = (await card(id).locator('[data-link=open]').getAttribute('href', patience)) ?? '';
    expect((await fetch(link)).status).toBe(200);
    await lookAt('home-link');
    await tap(id, 'finish');
    await reaches(id, 'done');
  });

  test('answers at the door are kept like taps, and a roll call stands in front of everything', async () => {
    const draft = { kind: 'drill', title: '报平安', text: '请报平安。', audience: { areas: [home] }, waits: null, key: newKey() };
    const { waits: _usual, ...plain } = draft;
    const made = await desk.call<CallDetail>('POST', '/api/calls', plain);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { id: call, version } = made.body;
    await desk.call('POST', `/api/calls/${call}/moves`, { move: 'submit', version, key: newKey() });
    const doorTask = async () => {
      const { body } = await desk.call<{ items: TaskSummary[] }>('GET', `/api/tasks?kind=door-knock`);
      if (body.items === undefined) throw new Error(JSON.stringify(body));
      return body.items.find(({ source }) => source.id === call)?.id;
    };
    await expect.poll(doorTask, { timeout: 30_000 }).toBeDefined();
    const id = (await doorTask()) ?? '';
    await showsUp(id);
    await tap(id, 'accept');
    await reaches(id, 'accepted');
    const [first = '', second = ''] = residents;
    await card(id).locator(`[data-person="${first}"]`).waitFor(patience);
    await network(false);
    await card(id).locator(`[data-person="${first}"] [data-found=safe]`).click();
    await card(id).locator(`[data-person="${second}"] details summary`).click();
    await lookAt('door');
    await card(id).locator(`[data-person="${second}"] [data-found=away]`).click();
    await waiting(2);
    await network(true);
    await waiting(0);
    const people = await worker.call<{ items: { person: string; answer: string; via: string }[] }>(
      'GET',
      `/api/calls/${call}/people?show=all`,
    );
    expect(Object.fromEntries(people.body.items.map((one) => [one.person, [one.answer, one.via]]))).toEqual({
      [first]: ['safe', 'door'],
      [second]: ['away', 'door'],
      [residents[2] ?? '']: ['none', null],
    });

    const [incident] = (await desk.call<{ items: IncidentSummary[] }>('GET', '/api/incidents')).body.items;
    const send = { move: 'dispatch', person: person(), version: incident?.version, key: newKey() };
    expect((await desk.call('POST', `/api/incidents/${incident?.id}/moves`, send)).status).toBe(200);
    const own = (await worker.call<TaskSummary[]>('GET', '/api/me/tasks')).body.find((one) => one.incident === incident?.id);
    await showsUp(own?.id ?? '');
    await tap(own?.id ?? '', 'accept', 'arrive');
    await reaches(own?.id ?? '', 'on-scene');
    const asked = await desk.call('POST', `/api/incidents/${incident?.id}/roll-calls`, { key: newKey() });
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    await lookAgain();
    await page.locator('[data-roll-call]').waitFor(patience);
    await lookAt('roll-call');
    const start = performance.now();
    await page.click('[data-answer=safe]');
    const answers = async () =>
      (await desk.call<IncidentDetail>('GET', `/api/incidents/${incident?.id}`)).body.timeline.filter(
        ({ data }) => data['rollCall'] === 'safe',
      ).length;
    await expect.poll(answers, patience).toBe(1);
    measured.push({ task: 'roll call of those sent', taps: 1, ms: Math.round(performance.now() - start), target: '1 tap' });
    await page.locator('[data-roll-call]').waitFor({ state: 'detached', ...patience });
  });

  test('it is pushed to where the browser can, and forgets it before somebody else has the phone', async () => {
    // The browser's own push service is on the internet; what it would hand out is made here.
    const made = pushed.subscription(`${provider.url}/push/1`);
    await page.evaluate(`{
      const made = { endpoint: ${JSON.stringify(`${provider.url}/push/1`)}, toJSON: () => (${made}), unsubscribe: async () => { window.subscribed = null; return true; } };
      PushManager.prototype.subscribe = async ({ applicationServerKey }) => { window.wanted = applicationServerKey; return (window.subscribed = made); };
      PushManager.prototype.getSubscription = async () => window.subscribed ?? null;
    }`);
    await page.click('[data-push=off]');
    await page.locator('[data-push=on]').waitFor(patience);
    expect(String(await page.evaluate('window.wanted'))).toHaveLength(87);
    provider.heard.length = 0;
    const id = await order('送药上门');
    await expect.poll(() => provider.heard.length, patience).toBeGreaterThan(0);
    const said = pushed.open(provider.heard[0]?.body ?? Buffer.alloc(0));
    expect(said).toContain('送药上门');

    // The same bytes reach the real service worker, which shows them.
    const devtools = await page.context().newCDPSession(page);
    const registration = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const ours = registrations.find(({ scopeURL }) => scopeURL.endsWith('/phone/'));
        if (ours !== undefined) resolve(ours.registrationId);
      });
    });
    await devtools.send('ServiceWorker.enable');
    const target = { origin: line.url, registrationId: await registration, data: said };
    await devtools.send('ServiceWorker.deliverPushMessage', target);
    const shown = `navigator.serviceWorker.getRegistration('/phone/').then((one) => one.getNotifications()).then((all) => all.map(({ body }) => body))`;
    await expect.poll(() => page.evaluate(shown), patience).toEqual([expect.stringContaining('送药上门')]);

    await showsUp(id);
    await tap(id, 'decline');
    await page.locator('[data-reason="far"]').click();
    await card(id).waitFor({ state: 'detached', ...patience });
    await page.getByRole('button', { name: '退出' }).click();
    await page.locator('#account').waitFor(patience);
    expect((await worker.call<unknown[]>('GET', '/api/me/contacts')).body).toEqual([]);
    expect(errors).toEqual([]);
  });
});
