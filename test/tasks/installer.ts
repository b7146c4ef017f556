import type { Page } from 'playwright-core';
import { Hand } from './hand.ts';
import type { Result, Task } from './task.ts';

/** A gateway's own page on a phone, with meters on a serial server behind it, and the desk of the cloud it reports to. */
export interface Plant {
  readonly page: Page;
  readonly url: string;
  /** A desk on duty is open; presses what a test alarm asks of it. */
  readonly answerTest: (device: string) => Promise<void>;
  /** On the wire and on no site; on the site with its wire cut. */
  readonly unknown: { readonly unit: number };
  readonly silent: { readonly id: string; readonly name: string };
}

const found = (page: Page, unit: number) => page.locator('.found', { hasText: `unit ${unit}` });

/** From the press to the first device that is shown; the scan then goes on to the one nobody knows. */
async function findDevices({ page, unknown }: Plant): Promise<Result> {
  await page.keyboard.press('s');
  const hand = new Hand(page);
  await hand.see(page.locator('.line-choice input:checked'));
  hand.start();
  await hand.press('s');
  await hand.see(page.locator('.found'));
  const done = hand.done();
  await hand.see(found(page, unknown.unit));
  return done;
}

async function probeUnknown({ page, unknown }: Plant): Promise<Result> {
  const hand = new Hand(page);
  await hand.click(found(page, unknown.unit).getByRole('link', { name: '试读' }));
  await hand.see(page.locator('#probe-at:focus'));
  // Its registers are input registers.
  await hand.press('Shift+Tab', 'ArrowDown');
  await hand.fill(page.locator('#probe-at'), '0x2000');
  await hand.press('Enter');
  await hand.see(page.locator('.register'));
  await hand.click(page.locator('.register summary'));
  await hand.see(page.locator('.guesses li', { hasText: 'f32' }));
  return hand.done();
}

async function addMeter({ page, unknown }: Plant): Promise<Result> {
  await page.keyboard.press('s');
  const hand = new Hand(page);
  await hand.see(found(page, unknown.unit));
  hand.start();
  await hand.click(found(page, unknown.unit).getByRole('link', { name: '接入' }));
  await hand.see(page.locator('#change-profile:focus'));
  await hand.fill(page.locator('#change-profile'), 'chint.ddsu666');
  await page.keyboard.press('Tab');
  await hand.write('十三号表');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await hand.write(String(unknown.unit));
  await hand.press('Enter');
  await hand.see(page.locator('#change-apply:focus'));
  await hand.press('Enter');
  await hand.see(page.locator('.change-trial[data-state="kept"]'), 'visible', 125_000);
  return hand.done();
}

async function whySilent({ page, silent }: Plant): Promise<Result> {
  await page.keyboard.press('d');
  const hand = new Hand(page);
  await hand.see(page.locator('.search input'));
  hand.start();
  await hand.press('/');
  await hand.write(silent.id);
  await hand.see(page.locator('.row', { hasText: silent.name }));
  await hand.press('Enter');
  await hand.see(page.locator('.why', { hasText: '一个字节也没有回' }));
  await hand.see(page.locator('.bytes code'));
  return hand.done();
}

/** A test alarm to the desk and back with each delay, then the papers. */
export async function handOver({ page, url, answerTest, silent }: Plant): Promise<Result> {
  await page.goto(`${url}/devices/${silent.id}`);
  const hand = new Hand(page);
  await hand.see(page.locator('.alarm-test'));
  hand.start();
  await hand.press('t');
  await answerTest(silent.name);
  for (const step of ['kept', 'acknowledged', 'shown', 'answered'])
    await hand.see(page.locator(`.test-steps [data-step="${step}"]`, { hasText: /\d+ ms/ }));
  await hand.press('h');
  const papers = page.waitForEvent('download');
  await hand.click(page.locator('#export'));
  await papers;
  return hand.done();
}

export const installerTasks: readonly Task<Plant>[] = [
  {
    id: 'installer 1',
    name: 'find devices on one bus',
    target: { says: '1 click, the first shown < 2 s', actions: 1, seconds: 2 },
    run: findDevices,
  },
  {
    id: 'installer 3',
    name: 'probe an unknown device',
    target: { says: '≤ 5 min, no code', seconds: 300 },
    run: probeUnknown,
  },
  {
    id: 'installer 2',
    name: 'add a known meter',
    target: { says: '≤ 6 clicks, ≤ 60 s', actions: 6, seconds: 60 },
    run: addMeter,
  },
  {
    id: 'installer 4',
    name: 'see why a device gives nothing',
    target: { says: '≤ 2 clicks', keys: 2, clicks: 2 },
    run: whySilent,
  },
  {
    id: 'installer 5',
    name: 'hand over: alarm to the desk and back, papers',
    target: { says: '≤ 3 clicks', actions: 3 },
    run: handOver,
  },
];
