import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { violationsOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { buildInstaller } from './built.ts';
import { InstallerServer, installerPassword } from './installer-server.ts';
import { type InstallerState, installerStates, setUp } from './installer-states.ts';
import { unfitAt320 } from './reflow.ts';
import { type Seat, Seats } from './seats.ts';

/** The installer's page in each of its states, on a phone and on a laptop: readable by everybody, nothing beside the screen, no error in the log. */
let browser: Browser;
let built: Awaited<ReturnType<typeof buildInstaller>>;
let seats: Seats<InstallerServer>;
beforeAll(async () => {
  built = await buildInstaller();
  browser = await openBrowser();
  seats = new Seats(browser, () => new InstallerServer(built.dist).start());
}, 120_000);
afterAll(async () => {
  await seats.close();
  await browser.close();
  built.remove();
});

type InstallerSeat = Seat<InstallerServer>;
const phone = { width: 390, height: 844, language: 'zh' } as const;

function inState(state: InstallerState, look: (seat: InstallerSeat) => Promise<void>): Promise<void> {
  return seats.use(phone, async (seat) => {
    const { page, server } = seat;
    await server.reset();
    if (state.atDoor !== true) {
      const data = { code: server.code, password: installerPassword };
      const entered = await page.request.post(`${server.url}/api/setup`, { data });
      expect(entered.ok()).toBe(true);
    }
    state.given?.(server);
    await page.goto(server.url + state.path);
    await state.act?.(page, server);
    await page.locator(state.ready).first().waitFor();
    await look(seat);
  });
}

async function isFitForAll(name: string, { page, errors }: InstallerSeat): Promise<void> {
  for (const width of [390, 1366]) {
    await page.setViewportSize({ width, height: 844 });
    await isForEverybody(page);
  }
  expect(await unfitAt320(page, name)).toEqual([]);
  expect(errors).toEqual([]);
}

const patience = { timeout: 120_000 };

describe('every state', () => {
  // Going stale takes its 15 s: they pass while the others are looked at.
  const slowFirst = installerStates.toSorted((a, b) => Number(b.name.endsWith('stale')) - Number(a.name.endsWith('stale')));
  test.concurrent.each(slowFirst.map((state) => [state.name, state] as const))('%s', patience, (name, state) =>
    inState(state, (seat) => isFitForAll(name, seat)),
  );
});

async function isForEverybody(page: Page): Promise<void> {
  // Under the bar that stays at the top a field is half a field.
  await page.evaluate('scrollTo(0, 0)');
  const { found, passes } = await violationsOn(page);
  expect(found).toEqual([]);
  expect(passes).toBeGreaterThan(5);
  const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(sideways).toBeLessThanOrEqual(0);
  expect(await page.evaluate<string[]>(tooSmall)).toEqual([]);
}

/** Targets under 24 px, but for links inside of a sentence. */
const tooSmall = `[...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
  .map(([each]) => each.outerHTML.slice(0, 120))`;

test.concurrent('when the gateway answers again the page goes on by itself, and nobody is signed out', patience, () => {
  const state = installerStates.find(({ name }) => name === 'installer-stale');
  if (state === undefined) throw new Error('no such state');
  return inState(state, async ({ page, server }) => {
    expect(await page.locator('.health').first().innerText()).toContain('未知');
    server.isDown = false;
    await page.locator('[data-freshness="fresh"]').waitFor();
    await page.locator('.stale-banner').waitFor({ state: 'detached' });
    expect(await page.locator('.health').first().innerText()).toContain('在线');
  });
});

test.concurrent('a device that is not told of any more is not young because the overview is', patience, () => {
  const state = installerStates.find(({ name }) => name === 'installer-device');
  if (state === undefined) throw new Error('no such state');
  return inState(state, async ({ page, server }) => {
    expect(await page.locator('.health').first().innerText()).toContain('在线');
    server.stall = [`/api${state.path}`];
    await page.locator('.stale-banner').waitFor();
    expect(await page.locator('.health').first().innerText()).toContain('未知');
    server.heal();
    await page.locator('.stale-banner').waitFor({ state: 'detached' });
  });
});

test.concurrent('a session that ended leads back to the door, and nothing of the gateway stays on the screen', patience, () =>
  seats.use({ ...phone, language: 'en' }, async ({ page, server }) => {
    await server.reset();
    await page.goto(server.url);
    await setUp(page, server.code);
    await page.locator('.port').first().waitFor();
    await page.context().clearCookies();
    await page.locator('.door-card').waitFor();
    expect(await page.locator('.port').count()).toBe(0);
    expect(await page.locator('h1').innerText()).toBe('Installer');
  }),
);
