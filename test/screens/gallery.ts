import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from './browser.ts';
import { InstallerServer } from './installer-server.ts';
import { type InstallerState, installerStates, setUp } from './installer-states.ts';
import { giveAnswers, type HandState, phoneStates, residentStates } from './phone-states.ts';
import { FixtureServer } from './fixture-server.ts';
import { Seats } from './seats.ts';
import { wallStates } from './wall-states.ts';
import { dispatcherStates, loginStates, propertyStates, type ScreenState } from './states.ts';

/**
 * `npm run gallery [name parts] [width] [zh|en]`: a picture of every screen in every state, to be looked at by a person;
 * parts of names have commas between them. A state that does not come up is named, and the others are taken all the same.
 * Build the screens first (`npm run build`).
 */
const folder = fileURLToPath(new URL('./gallery/', import.meta.url));
const installerPage = fileURLToPath(new URL('../../gateway/dist', import.meta.url));
const heights: Record<number, number> = { 1366: 768, 1920: 1080, 390: 844, 3840: 1080, 6720: 2160 };

function take(seats: Seats<FixtureServer>, state: ScreenState, width: number, language: 'zh' | 'en'): Promise<void> {
  const height = heights[width] ?? 800;
  return seats.use({ width, height, language, soundTested: state.soundTested ?? true }, async ({ server, page, errors }) => {
    server.reset(state.as);
    state.given?.(server);
    await page.goto(server.url + state.path + (state.as === 'wall' ? `?canvas=${width}x${height}` : ''));
    await state.act?.(page, server);
    await page.locator(state.ready).first().waitFor();
    await page.waitForTimeout(400);
    const path = `${folder}${state.name}-${width}${language === 'en' ? '-en' : ''}.png`;
    await page.screenshot({ path, fullPage: state.as === 'property' || state.as === 'admin' });
    console.log(`${path}${errors.length === 0 ? '' : `  ${errors.join('; ')}`}`);
  });
}

async function takeInstaller(browser: Browser, state: InstallerState, width: number, language: 'zh' | 'en'): Promise<void> {
  // One for each: who was locked out stays so.
  const server = await new InstallerServer(installerPage).start();
  const { page, errors } = await openPage(browser, { width, height: heights[width] ?? 800, language });
  if (state.atDoor !== true) {
    await page.goto(server.url);
    await setUp(page, server.code);
  }
  state.given?.(server);
  await page.goto(server.url + state.path);
  await state.act?.(page, server);
  await page.locator(state.ready).first().waitFor();
  await page.waitForTimeout(400);
  const path = `${folder}${state.name}-${width}${language === 'en' ? '-en' : ''}.png`;
  await page.screenshot({ path, fullPage: true });
  console.log(`${path}${errors.length === 0 ? '' : `  ${errors.join('; ')}`}`);
  await page.context().close();
  await server.stop();
}

/** What is held in a hand: 390 px, and a phone's page without a service worker in between. */
async function takeInHand(browser: Browser, server: FixtureServer, state: HandState, language: 'zh' | 'en'): Promise<void> {
  const { page, errors } = await openPage(browser, { width: 390, height: 844, language });
  await page.addInitScript('delete Navigator.prototype.serviceWorker');
  await page.context().grantPermissions(['geolocation']);
  await page.context().setGeolocation({ longitude: 121.47, latitude: 31.23 });
  await giveAnswers(page, state, language);
  await page.goto(server.url + state.path);
  await page.locator(state.path === '/phone/' ? '.phone main' : 'main').waitFor();
  await state.act?.(page);
  await page.locator(state.ready).first().waitFor();
  await page.waitForTimeout(400);
  const path = `${folder}${state.name}-390${language === 'en' ? '-en' : ''}.png`;
  await page.screenshot({ path, fullPage: true });
  console.log(`${path}${errors.length === 0 ? '' : `  ${errors.join('; ')}`}`);
  await page.context().close();
}

const walk: [ScreenState[], number[]][] = [
  [loginStates, [1366, 390]],
  [dispatcherStates, [1366, 1920]],
  [propertyStates, [1366, 1920, 390]],
  [wallStates, [1920, 3840, 6720]],
];

async function main([parts = '', onlyWidth = '', wanted = 'zh']: readonly string[]): Promise<void> {
  if (parts === '') rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const language = wanted === 'en' ? 'en' : 'zh';
  const named = ({ name }: { name: string }) => parts.split(',').some((part) => name.includes(part));
  const wide = (width: number) => onlyWidth === '' || String(width) === onlyWidth;
  const server = await new FixtureServer().start();
  const browser = await openBrowser();
  const seats = new Seats(browser, () => new FixtureServer().start());
  const attempt = async (name: string, picture: Promise<void>) => {
    await picture.catch((error: unknown) => {
      console.log(`${name} did not come up: ${String(error)}`);
      process.exitCode = 1;
    });
  };
  try {
    for (const [states, widths] of walk)
      for (const state of states.filter(named))
        for (const width of widths.filter(wide)) await attempt(state.name, take(seats, state, width, language));
    for (const state of wide(390) ? [...phoneStates, ...residentStates].filter(named) : [])
      await attempt(state.name, takeInHand(browser, server, state, language));
    for (const state of installerStates.filter(named))
      for (const width of [1366, 390].filter(wide)) await attempt(state.name, takeInstaller(browser, state, width, language));
  } finally {
    await seats.close();
    await browser.close();
    await server.stop();
  }
}

await main(process.argv.slice(2));
