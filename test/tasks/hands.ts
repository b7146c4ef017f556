import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { HouseholdLink } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { systemClock } from '../../cloud/clock.ts';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import { type ProviderServer } from '../cloud/notify/provider-server.ts';
import { smsWith } from '../cloud/notify/sms-channels.ts';
import { type Browser, newKey } from '../cloud/web/world.ts';
import { Hand } from './hand.ts';
import type { Result, Task } from './task.ts';

/** A worker and a resident with their telephones, and the desk behind them. */
export interface Hands {
  readonly chromium: Chromium;
  readonly provider: ProviderServer;
  readonly desk: Browser;
  readonly worker: Browser;
  /** A home with people in it, in the worker's grid. */
  readonly home: string;
  /** The worker's own telephone, signed in. */
  readonly phone: Page;
}

const size = { width: 390, height: 844 };
const patience = 60_000;

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${patience} ms`);
    await systemClock.sleep(20);
  }
}

async function order({ desk, worker, home }: Hands, title: string): Promise<string> {
  const person = worker.session?.user.id;
  const body = { kind: 'visit', title, area: home, place: '', person, key: newKey() };
  const { status, body: task } = await desk.call<TaskDetail>('POST', '/api/tasks', { ...body, place: '请看地址' });
  if (status !== 201) throw new Error(JSON.stringify(task));
  return task.id;
}

const inState = ({ desk }: Hands, id: string, ...states: string[]) =>
  until(`task ${id} is ${states.join(' or ')}`, async () => {
    const { body } = await desk.call<TaskDetail>('GET', `/api/tasks/${id}`);
    return states.includes(body.state) ? body : undefined;
  });

const pathOf = (sms: string, kind: 'a' | 't') => new RegExp(`http\\S+/${kind}/[A-Za-z0-9_-]+`).exec(sms)?.[0];

/** A telephone without scripts and without a session, as a link from an SMS opens there; `bytes` are those it loaded. */
async function plainPhone({ chromium }: Hands): Promise<{ page: Page; loaded: () => Promise<number> }> {
  const context = await chromium.newContext({ viewport: size, javaScriptEnabled: false });
  const page = await context.newPage();
  const sizes: Promise<number>[] = [];
  page.on('response', (response) => {
    // A redirect has no body to be read.
    sizes.push(
      response.body().then(
        (body) => body.length,
        () => 0,
      ),
    );
  });
  return { page, loaded: async () => (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0) / 1024 };
}

let accepted = '';

/** From the SMS: the link is opened, one button is pressed. */
async function acceptByLink(hands: Hands): Promise<Result> {
  const title = '走访独居老人';
  accepted = await order(hands, title);
  const link = await until('the SMS came', () => pathOf(smsWith(hands.provider, (text) => text.includes(title)) ?? '', 't'));
  const { page, loaded } = await plainPhone(hands);
  const hand = new Hand(page);
  await page.goto(link);
  await hand.click(page.locator('button.safe'));
  await hand.see(page.locator('[role=status]', { hasText: '已接受' }));
  const done = { ...hand.done(), kilobytes: await loaded() };
  await inState(hands, accepted, 'accepted');
  await page.context().close();
  return done;
}

const card = (page: Page, id: string) => page.locator(`[data-task="${id}"]`);
const lookAgain = (page: Page) => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
const waiting = (page: Page, count: number) =>
  page.locator(`[data-waiting="${count}"]`).waitFor({ state: 'attached', timeout: patience });

/** Without a network: there, and done with a photo. What waits is said, and is sent once when the network is back. */
async function arriveAndDone(hands: Hands): Promise<Result> {
  const { phone: page } = hands;
  const id = accepted;
  await lookAgain(page);
  await page.locator(`[data-task="${id}"][data-state="accepted"]`).waitFor({ timeout: patience });
  await waiting(page, 0);
  await page.context().setOffline(true);
  const hand = new Hand(page);
  await hand.click(card(page, id).locator('[data-step="arrive"]'));
  const photo = { name: 'IMG.jpg', mimeType: 'image/jpeg', buffer: mosaicJpeg({ columns: 60, rows: 45 }, corridor(60, 45, 0)) };
  // The camera opens by the button that this input lies in.
  await hand.choose(card(page, id).locator('[data-camera="photo-finish"]'), photo);
  await waiting(page, 3);
  const done = hand.done();
  await page.context().setOffline(false);
  const task = await inState(hands, id, 'done', 'verified');
  if (task.photos?.length !== 1) throw new Error(`${task.photos?.length ?? 0} photos arrived`);
  await waiting(page, 0);
  return done;
}

/** 1 tap in the page behind the link of a roll call. */
export async function answerCall(hands: Hands): Promise<Result> {
  const { desk, home, provider } = hands;
  const text = '楼道点名，请报平安。';
  const draft = { kind: 'drill', title: '演练点名', text, audience: { areas: [home] }, key: newKey() };
  const made = await desk.call<CallDetail>('POST', '/api/calls', draft);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const { id, version } = made.body;
  await desk.call('POST', `/api/calls/${id}/moves`, { move: 'submit', version, key: newKey() });
  const link = await until('the SMS came', () => pathOf(smsWith(provider, (sms) => sms.includes(text)) ?? '', 'a'));
  const { page, loaded } = await plainPhone(hands);
  const hand = new Hand(page);
  await page.goto(link);
  await hand.click(page.locator('button.safe'));
  await hand.see(page.locator('.given', { hasText: '平安' }));
  const done = { ...hand.done(), kilobytes: await loaded() };
  await page.context().close();
  const safe = async () => ((await desk.call<CallDetail>('GET', `/api/calls/${id}`)).body.count.safe > 0 ? true : undefined);
  await until('the answer is counted', safe);
  return done;
}

/** Held for a second; the ten seconds to take it back begin. */
async function askForHelp({ chromium, worker, home }: Hands): Promise<Result> {
  const { body } = await worker.call<HouseholdLink>('POST', '/api/household-links', { area: home, renew: false });
  const geolocation = { longitude: 121.4737, latitude: 31.2304, accuracy: 9 };
  const context = await chromium.newContext({ viewport: size, permissions: ['geolocation'], geolocation });
  const page = await context.newPage();
  await page.goto(body.url);
  const held = page.locator('[data-held]');
  await held.waitFor({ timeout: patience });
  const hand = new Hand(page);
  await hand.hold(held, page.locator('[data-sos=pending]'));
  const done = hand.done();
  await page.click('button.safe');
  await page.locator('[data-sos=undone]').waitFor({ timeout: patience });
  await context.close();
  return done;
}

/** At a door: who lives there stands prefilled; a telephone and a need are written down. */
async function updateHome(hands: Hands): Promise<Result> {
  const { phone: page, worker } = hands;
  const id = await order(hands, '走访登记');
  for (const move of ['accept', 'arrive']) await worker.call('POST', `/api/me/tasks/${id}/moves`, { move, key: newKey() });
  await lookAgain(page);
  const hand = new Hand(page);
  await hand.see(card(page, id).locator('[data-visit]'));
  hand.start();
  await hand.click(card(page, id).locator('[data-visit]'));
  const fields = await page.locator('.visit input, .visit select, .visit fieldset').count();
  if (fields > 6) throw new Error(`${fields} fields`);
  if ((await page.locator('.visit .who').count()) === 0) throw new Error('it is not said who may see it');
  await hand.fill(page.locator('.visit [name=contactPhone]'), '13900000009');
  await hand.fill(page.locator('.visit [name=contactName]'), '王小明');
  await hand.click(page.locator('[data-need=alone]'));
  await hand.click(page.locator('[data-save=visit]'));
  await hand.see(page.locator('.visit').first(), 'detached');
  await waiting(page, 0);
  return hand.done();
}

export const handTasks: readonly Task<Hands>[] = [
  {
    id: 'worker 1',
    name: 'accept by the link in the SMS',
    target: { says: '1 tap, no password, ≤ 5 s', clicks: 1, fields: 0, seconds: 5, kilobytes: 40 },
    run: acceptByLink,
  },
  {
    id: 'worker 2',
    name: 'there, and done with a photo, without a network',
    target: { says: '2 taps, kept and said', clicks: 2, fields: 0 },
    run: arriveAndDone,
  },
  {
    id: 'resident 3',
    name: 'answer a roll call, no script, no login',
    target: { says: '1 tap, ≤ 5 s, ≤ 40 kB', clicks: 1, fields: 0, seconds: 5, kilobytes: 40 },
    run: answerCall,
  },
  {
    id: 'resident 4',
    name: 'ask for help',
    target: { says: 'hold 1 s, 10 s to take it back', clicks: 1, seconds: 5 },
    run: askForHelp,
  },
  {
    id: 'worker 5',
    name: 'update a household at its door',
    target: { says: '≤ 6 fields, who may see it is said', fields: 6 },
    run: updateHome,
  },
];
