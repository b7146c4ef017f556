import type { Page } from 'playwright-core';
import { Hand } from './hand.ts';
import type { Result, Task } from './task.ts';

/** The manager's screen, and what of the street the tasks are about. */
export interface Office {
  /** Where the screens are. */
  readonly url: string;
  /** A window of the manager, who signed in this morning; at the first page. */
  readonly open: () => Promise<Page>;
  /** Nobody signed in: at the door. */
  readonly atDoor: () => Promise<{ page: Page; account: string; password: string }>;
  /** A door, a device with a week of readings and a rule with a limit. */
  readonly door: { readonly id: string };
  readonly metered: { readonly typed: string; readonly rule: string; readonly limit: string };
  /** A home that has one device, and how somebody types it by pinyin initials. */
  readonly home: { readonly typed: string; readonly place: string };
}

async function atHome(office: Office): Promise<Hand> {
  const page = await office.open();
  await page.locator('.answer h1').waitFor({ timeout: 60_000 });
  return new Hand(page);
}

async function over(hand: Hand): Promise<Result> {
  const done = hand.done();
  await hand.page.close();
  return done;
}

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

/** Nothing is pressed: the first line after signing in says it. */
async function isAnythingWrong(office: Office): Promise<Result> {
  const { page, account, password } = await office.atDoor();
  await page.fill('#account', account);
  await page.fill('#password', password);
  const hand = new Hand(page);
  await page.keyboard.press('Enter');
  await hand.see(page.getByRole('heading', { name: /起未结事件|一切正常|设备失联/ }));
  return over(hand);
}

/** `/` goes to the search wherever one is. */
async function findDevice(office: Office): Promise<Result> {
  const page = await office.open();
  await page.goto(`${office.url}/property/devices`);
  await page.locator('.row').first().waitFor({ timeout: 60_000 });
  const hand = new Hand(page);
  await hand.press('/');
  await hand.write(office.home.typed);
  await hand.see(page.locator('.row', { hasText: office.home.place }).first());
  await hand.see(page.getByText(/^[1-9] 台$/));
  return over(hand);
}

async function changeThreshold(office: Office): Promise<Result> {
  const hand = await atHome(office);
  const { page } = hand;
  hand.start();
  await hand.click(link(page, '规则'));
  await hand.see(page.locator('.rules-devices li'));
  await hand.press('/');
  await hand.write(office.metered.typed);
  await hand.seeThat(`document.querySelectorAll('.rules-devices li').length === 1`);
  await hand.click(page.locator('.rules-devices li button'));
  await hand.click(button(page, `调整 ${office.metered.rule}`));
  await hand.write(office.metered.limit);
  await hand.see(page.getByText(/近 7 天会触发 \d+ 次/));
  await hand.click(button(page, '保存并下发'));
  await hand.see(page.getByText('等待网关'));
  await hand.click(button(page, `撤销 ${office.metered.rule} 的更改`));
  await hand.see(button(page, `调整 ${office.metered.rule}`));
  return over(hand);
}

/** From the first page: the door is found, its window is planned on its own page; nothing else falls silent. */
async function silenceDoor(office: Office): Promise<Result> {
  const page = await office.open();
  await page.goto(`${office.url}/property/devices`);
  await page.locator('.row').first().waitFor({ timeout: 60_000 });
  const hand = new Hand(page);
  await hand.press('/');
  await hand.write(office.door.id);
  await hand.see(page.getByText('1 台', { exact: true }));
  await hand.click(page.locator('.row'));
  await hand.click(button(page, '安排维护'));
  await hand.write('换闭门器，王师傅');
  await hand.click(button(page, '安排'));
  await hand.see(page.locator('.window-list', { hasText: '换闭门器，王师傅' }));
  return over(hand);
}

/** As a table; the printed one is the link beside it. */
async function monthlyReport(office: Office): Promise<Result> {
  const hand = await atHome(office);
  const { page } = hand;
  hand.start();
  await hand.click(link(page, '报告'));
  await hand.see(page.locator('.report'));
  const file = page.waitForEvent('download');
  await hand.click(button(page, '存为表格'));
  await file;
  return over(hand);
}

export const managerTasks: readonly Task<Office>[] = [
  {
    id: 'manager 1',
    name: 'is anything wrong?',
    target: { says: '0 clicks, ≤ 5 s from signing in', clicks: 0, keys: 0, seconds: 5 },
    run: isAnythingWrong,
  },
  {
    id: 'manager 2',
    name: 'find a device by its home, in pinyin initials',
    target: { says: '/ and typing, ≤ 3 s', clicks: 0, keys: 1, fields: 1, seconds: 3 },
    run: findDevice,
  },
  {
    id: 'manager 3',
    name: 'change a threshold safely',
    target: { says: '≤ 5 clicks, preview of 7 days, undo', clicks: 5 },
    run: changeThreshold,
  },
  {
    id: 'manager 4',
    name: 'silence a door under repair',
    target: { says: '≤ 3 clicks, an end and a reason', clicks: 3 },
    run: silenceDoor,
  },
  {
    id: 'manager 5',
    name: 'monthly report',
    target: { says: '≤ 2 clicks, < 10 s', clicks: 2, seconds: 10 },
    run: monthlyReport,
  },
];
