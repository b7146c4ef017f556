import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { FixtureServer } from './fixture-server.ts';
import { giveAnswers, type HandState, phoneStates, residentStates } from './phone-states.ts';
import { unfitAt320 } from './reflow.ts';
import { Seats } from './seats.ts';
import { dispatcherStates, loginStates, propertyStates, type ScreenState } from './states.ts';

/** WCAG 2.5.8, which axe only looks at in part: everything that can be pressed is at least 24 px high and wide. */
const smallTargets = `[...document.querySelectorAll('button, a, select, input, summary')].flatMap((element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && Math.min(width, height) < 24 ? [element.tagName + ' ' + element.className + ' ' + width + '×' + height] : [];
})`;

/** Five pages at a time share the cores. */
const patienceMs = 240_000;

/** `EVERY_STATE=1`: also those that wait, and those that are the same part as another. */
const every = process.env['EVERY_STATE'] === '1';
// Going stale takes 15 s: those states have a test of their own, and run their check there.
const states = [...loginStates, ...dispatcherStates, ...propertyStates].filter(
  (state) => every || (!state.name.endsWith('-stale') && state.sameAs === undefined),
);
const narrow = [...loginStates, ...propertyStates].filter(({ name }) =>
  [
    'login',
    'login-code',
    'login-enrol',
    'login-recovery-codes',
    'overview',
    'devices',
    'device',
    'device-unknown',
    'windows',
    'reliability',
    'report',
  ].includes(name),
);

/** What people use at home or in fifteen minutes a day, on what they have; the desk has a screen of its own. */
const reflows = new Set([...loginStates, ...propertyStates]);

describeWith(['chromium'], 'every screen in every state', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let seats: Seats<FixtureServer>;
  beforeAll(async () => {
    screens = await buildScreens();
    browser = await openBrowser();
    seats = new Seats(browser, () => new FixtureServer(screens.dist).start());
  });
  afterAll(async () => {
    await seats.close();
    await browser.close();
    screens.remove();
  });

  function look(state: ScreenState, width: number, language: 'zh' | 'en'): Promise<void> {
    return seats.use({ width, language, soundTested: state.soundTested ?? true }, async ({ server, page, errors }) => {
      server.reset(state.as);
      state.given?.(server);
      await page.goto(server.url + state.path);
      await state.act?.(page, server);
      await page.locator(state.ready).first().waitFor();
      const { found, passes } = await violationsOn(page);
      expect(found).toEqual([]);
      expect(passes).toBeGreaterThan(5);
      expect(await page.evaluate(smallTargets)).toEqual([]);
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      expect(wide, 'the page must not scroll sideways').toBeLessThanOrEqual(0);
      if (reflows.has(state)) expect(await unfitAt320(page, state.name)).toEqual([]);
      expect(errors).toEqual([]);
    });
  }

  test.concurrent.each(states)('$name has no accessibility violation', { timeout: patienceMs }, (state) =>
    look(state, 1366, 'zh'),
  );
  test.concurrent.each(narrow)('$name on a phone, in English, has none either', { timeout: patienceMs }, (state) =>
    look(state, 390, 'en'),
  );
  async function inHand(state: HandState, language: 'zh' | 'en'): Promise<void> {
    const server = await new FixtureServer(screens.dist).start();
    const { page, errors } = await openPage(browser, { width: 390, height: 844, language });
    await page.addInitScript('delete Navigator.prototype.serviceWorker');
    await giveAnswers(page, state, language);
    await page.goto(server.url + state.path);
    await state.act?.(page);
    await page.locator(state.ready).first().waitFor();
    expect((await violationsOn(page)).found).toEqual([]);
    expect(await unfitAt320(page, `${state.name}-${language}`)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
    await server.stop();
  }

  test.concurrent.each([...phoneStates, ...residentStates])('$name reflows at 320 px', { timeout: patienceMs }, async (state) => {
    await inHand(state, 'zh');
    await inHand(state, 'en');
  });
  test.concurrent('the desk zoomed to 200 % reflows', { timeout: patienceMs }, () =>
    look(dispatcherStates[0] as ScreenState, 683, 'zh'),
  );
  test.concurrent('the desk in English fits', { timeout: patienceMs }, () =>
    look(dispatcherStates[0] as ScreenState, 1366, 'en'),
  );
});
