import type { Page } from 'playwright-core';
import { Hand } from './hand.ts';
import type { Result, Task } from './task.ts';

/** A desk that is open, and what goes on around it. */
export interface Desk {
  readonly page: Page;
  /** Something happens at a device; resolves when it was said. */
  readonly raise: () => Promise<unknown>;
  /** How often that is tried; the slowest counts. */
  readonly notices: number;
  /** The desk of the next shift, signed in. */
  readonly openNext: () => Promise<Page>;
  /** Whoever was sent sets out. */
  readonly setOut: (page: Page) => Promise<unknown>;
}

const state = (page: Page, text: string) => page.locator('.pane-state', { hasText: text });

/** From the moment it is said to a card on the screen and a tone that begins. */
export async function notice({ page, raise }: Desk): Promise<Result> {
  const before = await page.locator('.card').count();
  const tones = await tonesOf(page);
  const hand = new Hand(page);
  await raise();
  const seenAndHeard = `document.querySelectorAll('.card').length > ${before} && window.tones.length > ${tones}`;
  await hand.seeThat(seenAndHeard);
  return hand.done();
}

const tonesOf = async (page: Page) => Number(await page.evaluate('window.tones?.length ?? 0'));

/** The slowest of all that were tried, which of a hundred and less is the p99; the last waits to be acknowledged. */
async function noticeOften(desk: Desk): Promise<Result> {
  let slowest = await notice(desk);
  for (let nth = 1; nth < desk.notices; nth += 1) {
    await acknowledgeWaiting(desk);
    const next = await notice(desk);
    if (next.seconds > slowest.seconds) slowest = next;
  }
  return slowest;
}

/** The incident in front. */
export async function acknowledge({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('a');
  await hand.see(state(page, '已确认'));
  return hand.done();
}

/** Another incident is in front: the first press brings what waits to the front, the second is meant for it. */
async function acknowledgeWaiting({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('a');
  await hand.see(state(page, '未确认'));
  await hand.press('a');
  await hand.see(state(page, '已确认'));
  return hand.done();
}

async function sendNearest({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('d');
  await hand.see(page.locator('dialog[open] input:checked'));
  await hand.press('Enter');
  await hand.see(page.locator('.facts .leg'));
  return hand.done();
}

export async function arriving({ page, setOut }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await setOut(page);
  await hand.see(page.locator('.facts .leg', { hasText: '前往' }));
  return hand.done();
}

/** After a look at what is there; the reason is on the first key. */
async function closeAsFalse({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('x');
  await hand.see(page.locator('dialog[open]'));
  await hand.press('Space', 'Enter');
  await hand.see(state(page, '误报'));
  return hand.done();
}

/** The building of the incident in front: scope and template stand, the count is said, the blank is filled, sent after a second look. */
export async function mobilise({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('m');
  await hand.see(page.locator('dialog[open] [data-people]:not([data-people="0"])'));
  await hand.write('中心花园');
  await hand.press('Enter');
  await hand.see(page.locator('.sure[data-settled="true"]'));
  await hand.press('Enter');
  await hand.see(page.locator('.figures'));
  return hand.done();
}

export async function nextHelp({ page }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('h');
  await hand.see(page.locator('.need[aria-current]:focus'));
  return hand.done();
}

/** Made from what is open, signed by who goes; who comes signs in and signs. */
export async function handOver({ page, openNext }: Desk): Promise<Result> {
  const hand = new Hand(page);
  await hand.press('b');
  await hand.see(page.locator('.hand-over-press:focus', { hasText: '生成' }));
  await hand.press('Enter');
  await hand.see(page.locator('.hand-over-press:focus', { hasText: '交班' }));
  await hand.press('Enter');
  await hand.see(page.locator('.signatures .signed'));
  const next = await openNext();
  const comes = new Hand(next);
  await comes.see(next.locator('[data-whole="true"]'));
  await comes.press('b');
  await comes.see(next.locator('.hand-over-press:focus', { hasText: '接班' }));
  await comes.press('Enter');
  await comes.see(next.locator('.signatures .signed').nth(1));
  hand.add(comes.done());
  const done = hand.done();
  await next.context().close();
  return done;
}

export const dispatcherTasks: readonly Task<Desk>[] = [
  {
    id: 'dispatcher 1',
    name: 'notice: from the device to the screen and its sound',
    target: { says: 'p99 ≤ 5 s through the cloud', keys: 0, clicks: 0, seconds: 5 },
    run: noticeOften,
  },
  {
    id: 'dispatcher 2',
    name: 'acknowledge, with another incident in front',
    target: { says: '≤ 2 keys (A brings it to the front, A), ≤ 5 s', keys: 2, clicks: 0, seconds: 5 },
    run: acknowledgeWaiting,
  },
  {
    id: 'dispatcher 3',
    name: 'send the nearest who is free',
    target: { says: '2 keys, ≤ 10 s', keys: 2, clicks: 0, seconds: 10 },
    run: sendNearest,
  },
  {
    id: 'dispatcher 3b',
    name: 'the worker sets out: on the same card',
    target: { says: '≤ 2 s', keys: 0, clicks: 0, seconds: 2 },
    run: arriving,
  },
  {
    id: 'dispatcher 4',
    name: 'verify and close as false, with its reason',
    target: { says: '≤ 4 actions, ≤ 60 s', actions: 4, clicks: 0, seconds: 60 },
    run: closeAsFalse,
  },
  {
    id: 'dispatcher 2b',
    name: 'acknowledge, once the last was finished',
    target: { says: '1 key, ≤ 5 s', keys: 1, clicks: 0, seconds: 5 },
    run: async (desk) => {
      await desk.raise();
      await state(desk.page, '未确认').waitFor({ timeout: 60_000 });
      return acknowledge(desk);
    },
  },
  {
    id: 'dispatcher 5',
    name: 'mobilise a building',
    target: { says: '≤ 4 actions, ≤ 20 s', actions: 4, clicks: 0, seconds: 20 },
    run: mobilise,
  },
  {
    id: 'dispatcher 6',
    name: 'hand the shift over, the second sign-in in it',
    target: { says: '≤ 3 min, two signatures', clicks: 0, seconds: 180 },
    run: handOver,
  },
];
