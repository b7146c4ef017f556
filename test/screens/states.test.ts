import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { FixtureServer } from './fixture-server.ts';
import { dispatcherStates, loginStates, propertyStates, type ScreenState } from './states.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface AxeResult {
  violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
  passes: unknown[];
}

async function violationsOn(page: Page): Promise<{ found: string[]; passes: number }> {
  await page.evaluate(axeSource);
  const run = `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(tags)} }, resultTypes: ['violations'] })`;
  const result = await page.evaluate<AxeResult>(run);
  const found = result.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
  return { found, passes: result.passes.length };
}

/** WCAG 2.5.8, which axe only looks at in part: everything that can be pressed is at least 24 px high and wide. */
const smallTargets = `[...document.querySelectorAll('button, a, select, input, summary')].flatMap((element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && Math.min(width, height) < 24 ? [element.tagName + ' ' + element.className + ' ' + width + '×' + height] : [];
})`;

// Going stale takes 15 s: those states have a test of their own, and run their check there.
const states = [...loginStates, ...dispatcherStates, ...propertyStates].filter((state) => !state.name.endsWith('-stale'));
const narrow = [...loginStates, ...propertyStates].filter(({ name }) =>
  ['login', 'overview', 'devices', 'device', 'device-unknown'].includes(name),
);

describeWith(['chromium'], 'every screen in every state', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let server: FixtureServer;
  beforeAll(async () => {
    screens = await buildScreens();
    server = await new FixtureServer(screens.dist).start();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    screens.remove();
  });

  async function look(state: ScreenState, width: number, language: 'zh' | 'en'): Promise<void> {
    server.reset(state.as);
    state.given?.(server);
    const { page, errors } = await openPage(browser, { width, language, soundTested: state.soundTested ?? true });
    await page.goto(server.url + state.path);
    await state.act?.(page, server);
    await page.locator(state.ready).first().waitFor();
    const { found, passes } = await violationsOn(page);
    expect(found).toEqual([]);
    expect(passes).toBeGreaterThan(5);
    expect(await page.evaluate(smallTargets)).toEqual([]);
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    expect(wide, 'the page must not scroll sideways').toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await page.context().close();
  }

  test.each(states)('$name has no accessibility violation', (state) => look(state, 1366, 'zh'));
  test.each(narrow)('$name on a phone, in English, has none either', (state) => look(state, 390, 'en'));
  test('the desk zoomed to 200 % reflows', () => look(dispatcherStates[0] as ScreenState, 683, 'zh'));
  test('the desk in English fits', () => look(dispatcherStates[0] as ScreenState, 1366, 'en'));
});
