import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildInstaller } from './built.ts';
import { InstallerServer } from './installer-server.ts';
import { unfitAt320 } from './reflow.ts';
import { type InstallerState, installerStates, setUp } from './installer-states.ts';

/** The installer's page in each of its states, on a phone: readable by everybody, nothing beside the screen, no error in the log. */
let browser: Browser;
let built: Awaited<ReturnType<typeof buildInstaller>>;
beforeAll(async () => {
  built = await buildInstaller();
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  built.remove();
});

async function inState(state: InstallerState, width: number) {
  const server = await new InstallerServer(built.dist).start();
  const { page, errors } = await openPage(browser, { width, height: 844, language: 'zh' });
  if (state.atDoor !== true) {
    await page.goto(server.url);
    await setUp(page, server.code);
  }
  state.given?.(server);
  await page.goto(server.url + state.path);
  await state.act?.(page, server);
  await page.locator(state.ready).first().waitFor();
  return { page, errors, server };
}

describe('every state', () => {
  test.each(installerStates.map((state) => [state.name, state] as const))('%s', { timeout: 120_000 }, async (_name, state) => {
    const { page, errors, server } = await inState(state, 390);
    try {
      const { found, passes } = await violationsOn(page);
      expect(found).toEqual([]);
      expect(passes).toBeGreaterThan(5);
      const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(sideways).toBeLessThanOrEqual(0);
      expect(await unfitAt320(page, state.name)).toEqual([]);
      const small = await page.evaluate<string[]>(tooSmall);
      expect(small).toEqual([]);
      expect(errors).toEqual([]);
    } finally {
      await page.context().close();
      await server.stop();
    }
  });
});

/** Targets under 24 px, but for links inside of a sentence. */
const tooSmall = `[...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
  .map(([each]) => each.outerHTML.slice(0, 120))`;

test('when the gateway answers again the page goes on by itself, and nobody is signed out', { timeout: 120_000 }, async () => {
  const state = installerStates.find(({ name }) => name === 'installer-stale');
  if (state === undefined) throw new Error('no such state');
  const { page, server } = await inState(state, 390);
  expect(await page.locator('.health').first().innerText()).toContain('未知');
  server.isDown = false;
  await page.locator('[data-freshness="fresh"]').waitFor();
  await page.locator('.stale-banner').waitFor({ state: 'detached' });
  expect(await page.locator('.health').first().innerText()).toContain('在线');
  await page.context().close();
  await server.stop();
});

test(
  'a session that ended leads back to the door, and nothing of the gateway stays on the screen',
  { timeout: 60_000 },
  async () => {
    const server = await new InstallerServer(built.dist).start();
    const { page } = await openPage(browser, { width: 390, height: 844, language: 'en' });
    await page.goto(server.url);
    await setUp(page, server.code);
    await page.locator('.port').first().waitFor();
    await page.context().clearCookies();
    await page.locator('.door-card').waitFor();
    expect(await page.locator('.port').count()).toBe(0);
    expect(await page.locator('h1').innerText()).toBe('Installer');
    await page.context().close();
    await server.stop();
  },
);
