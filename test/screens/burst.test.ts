import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildScreens } from './built.ts';
import { summaryOf } from './fixture-incidents.ts';
import { FixtureServer } from './fixture-server.ts';

const burst = 100;

/** React tells its developers' tools of every drawing of the page. */
const countDrawings = `{
  window.drawings = 0;
  const nothing = () => undefined;
  const onCommitFiberRoot = () => { window.drawings += 1; };
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true, inject: () => 1, onCommitFiberRoot, onCommitFiberUnmount: nothing, onPostCommitFiberRoot: nothing,
  };
}`;

describeWith(['chromium'], 'many events at once', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let server: FixtureServer;
  beforeAll(async () => {
    [screens, browser] = await Promise.all([buildScreens(), openBrowser()]);
    server = await new FixtureServer(screens.dist).start();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    screens?.remove();
  }, 60_000);

  test('draw the desk a few times and not once each; the last word is what stands there', async () => {
    server.reset('dispatcher');
    const { page, errors } = await openPage(browser);
    await page.addInitScript(countDrawings);
    await page.goto(`${server.url}/dispatcher/`);
    await page.locator('[data-move="confirm"]').waitFor();
    const lamp = server.world.details.get('i-lamp');
    if (lamp === undefined) throw new Error('no lamp');
    const summary = summaryOf(lamp);
    const drawings = async () => Number(await page.evaluate('drawings'));
    const before = await drawings();
    expect(before).toBeGreaterThan(0);
    for (let nth = 1; nth <= burst; nth += 1)
      server.world.events.push({
        type: 'incident',
        at: Date.now(),
        incident: { ...summary, version: summary.version + nth, place: `第${nth}次` },
      });
    server.pump(false);
    await page.locator('#incident-i-lamp', { hasText: `第${burst}次` }).waitFor();
    expect((await drawings()) - before).toBeLessThan(burst / 2);
    expect(errors).toEqual([]);
  });
});
