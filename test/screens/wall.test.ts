import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { containScale, designOf, parseCanvas } from '../../dashboards/wall/canvas.ts';
import { standingOfArea as stateOf } from '../../dashboards/parts/standing.ts';
import { describeWith } from '../needs.ts';
import { violationsOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { buildScreens } from './built.ts';
import { maskIncident } from '../../cloud/web/mask.ts';
import { confirmByOther } from './fixture-api.ts';
import { summaryOf } from './fixture-incidents.ts';
import { FixtureServer } from './fixture-server.ts';
import { Seats } from './seats.ts';
import { wallStates } from './wall-states.ts';
import type { ScreenState } from './states.ts';

test('a canvas is one of a wall, and every canvas gives a design of at least 1920 × 1080', () => {
  expect(parseCanvas('3840x1080')).toEqual({ width: 3840, height: 1080 });
  expect(parseCanvas('6720×2160')).toEqual({ width: 6720, height: 2160 });
  for (const wrong of [null, '', '1920', '0x0', '99999x99999', '1920x1080;', '-1x5']) expect(parseCanvas(wrong)).toBeNull();
  expect(designOf({ width: 6720, height: 2160 })).toEqual({ width: 3360, height: 1080, wide: true });
  expect(designOf({ width: 1080, height: 1920 })).toEqual({ width: 1920, height: 3413, wide: false });
  expect(containScale({ width: 3840, height: 1080 }, { width: 1920, height: 1080 })).toBe(0.5);
});

test('what cannot be seen never looks normal', () => {
  const devices = { total: 4, online: 3, late: 0, offline: 0, unknown: 1 };
  expect(stateOf({ worst: null, devices })).toBe('unknown');
  expect(stateOf({ worst: null, devices: { ...devices, total: 0 } })).toBe('none');
  expect(stateOf({ worst: 'minor', devices })).toBe('minor');
  expect(stateOf({ worst: null, devices: { ...devices, unknown: 0 } })).toBe('normal');
});

/** Text set smaller than 32 px of the design, and content that is cut off without a mark. */
const unreadable = `[...document.querySelectorAll('.canvas *')].flatMap((element) => {
  const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
  if (text === '' || element.closest('.unseen') !== null || !element.checkVisibility({ visibilityProperty: true })) return [];
  const small = parseFloat(getComputedStyle(element).fontSize) < 32 ? ['small: ' + text] : [];
  const tile = element.closest('.tile, .takeover')?.getBoundingClientRect();
  const { left, right, bottom, width } = element.getBoundingClientRect();
  if (tile !== undefined && left >= tile.right) return small;
  const cut = tile !== undefined && width > 0 && (right > tile.right + 1 || bottom > tile.bottom + 1) ? ['cut: ' + text] : [];
  return [...small, ...cut];
})`;

/** Places of incidents that are not there in whole. */
const cutPlaces = `[...document.querySelectorAll('.queue-rows strong')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.scrollWidth > element.clientWidth)
  .map((element) => element.textContent)`;

const shareOfTakeover = `(() => {
  const { width } = document.querySelector('.takeover').getBoundingClientRect();
  return width / document.querySelector('.canvas').getBoundingClientRect().width;
})()`;

const patienceMs = 90_000;

describeWith(['chromium'], 'the wall', () => {
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

  function look(
    state: ScreenState,
    language: 'zh' | 'en',
    canvas: string,
    check: (page: Page, server: FixtureServer) => Promise<void>,
  ): Promise<void> {
    return seats.use({ width: 1280, height: 720, language }, async ({ server, page, errors }) => {
      server.reset('wall');
      state.given?.(server);
      await page.goto(`${server.url}${state.path}?canvas=${canvas}`);
      await state.act?.(page, server);
      await page.locator(state.ready).first().waitFor();
      expect((await violationsOn(page)).found).toEqual([]);
      // Rows are measured after the first paint.
      await vi.waitFor(async () => expect(await page.evaluate(unreadable)).toEqual([]), { timeout: 10_000, interval: 100 });
      expect(await page.locator('.tile, .takeover').count()).toBeLessThanOrEqual(12);
      expect(errors).toEqual([]);
      await check(page, server);
    });
  }

  const nothing = () => Promise.resolve();
  const named = (name: string) => wallStates.find((state) => state.name === name) as ScreenState;

  test.concurrent.each(wallStates)('$name: no violation, nothing small, nothing cut', { timeout: patienceMs }, (state) =>
    look(state, 'zh', '1920x1080', nothing),
  );
  test.concurrent.each(['wall-takeover-calling', 'wall-incidents', 'wall-calling', 'wall-crowd'])(
    '%s in English on a wall of four screens',
    { timeout: patienceMs },
    (name) => look(named(name), 'en', '3840x1080', nothing),
  );
  test.concurrent.each([
    ['wall-crowd', 'zh'],
    ['wall-crowd', 'en'],
    ['wall-long', 'zh'],
    ['wall-long', 'en'],
  ] as const)('%s: on the smallest wall the place is never cut (%s)', { timeout: patienceMs }, (name, language) =>
    look(named(name), language, '1920x1080', async (page) => {
      await page.locator('.queue-rows strong').first().waitFor();
      expect(await page.evaluate(cutPlaces)).toEqual([]);
    }),
  );
  test.concurrent('level I has a third of the wall, and names on it are masked', { timeout: patienceMs }, () =>
    look(named('wall-takeover'), 'zh', '6720x2160', async (page, server) => {
      expect(Number(await page.evaluate(shareOfTakeover))).toBeGreaterThanOrEqual(1 / 3 - 0.005);
      const text = await page.locator('.canvas').innerText();
      expect(text).not.toMatch(/赵强|孙磊|1\d{10}/);
      // What happens next is on it without a touch.
      confirmByOther(server.world, 'i-fire');
      const fire = server.world.details.get('i-fire');
      if (fire === undefined) throw new Error('no fire');
      server.emit({ type: 'incident', at: Date.now(), incident: maskIncident(summaryOf(fire)) });
      await page.locator('.takeover:not(.unconfirmed)').waitFor();
    }),
  );
});
