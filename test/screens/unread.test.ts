import type { Browser, Page, Request, Route } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openBrowser } from './browser.ts';
import { buildScreens } from './built.ts';
import { type CalmScreen, calmScreens } from './calm-words.ts';
import { FixtureServer } from './fixture-server.ts';
import { type Seat, Seats } from './seats.ts';

const patienceMs = 180_000;
const patience = { timeout: 45_000 };
/** Room for everything a screen shows at once. */
const large = { width: 1920, height: 1080 };
const failed = {
  status: 500,
  contentType: 'application/json',
  body: JSON.stringify({ code: 'internal', message: { zh: '云端出错了。', en: 'The cloud failed.' } }),
};

interface Asked {
  /** Every address the page has asked for, but its stream. */
  readonly all: ReadonlySet<string>;
  /** Those of them that were never answered. */
  readonly open: () => string[];
}

function listen(page: Page): Asked {
  const [all, answered] = [new Set<string>(), new Set<string>()];
  const addressOf = (request: Request) => {
    const { pathname, search } = new URL(request.url());
    return pathname + search;
  };
  // A seat's page is used by one test after the other.
  for (const event of ['request', 'requestfinished', 'requestfailed']) page.removeAllListeners(event);
  page.on('request', (request) => {
    const address = addressOf(request);
    if (request.method() === 'GET' && address.startsWith('/api/') && !address.startsWith('/api/stream')) all.add(address);
  });
  page.on('requestfinished', (request) => answered.add(addressOf(request)));
  page.on('requestfailed', (request) => answered.add(addressOf(request)));
  return { all, open: () => [...all].filter((address) => !answered.has(address)) };
}

function isHeld(address: string, held: ReadonlyMap<string, unknown>): boolean {
  return [...held.keys()].some((request) => address.includes(request));
}

/** The text as it stands once everything that was answered is drawn. */
async function textOf(page: Page): Promise<string> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  return page.locator('body').innerText();
}

describeWith(['chromium'], 'what was not read is not said to be well', () => {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let seats: Seats<FixtureServer>;
  beforeAll(async () => {
    [screens, browser] = await Promise.all([buildScreens(), openBrowser()]);
    seats = new Seats(browser, () => new FixtureServer(screens.dist).start());
  }, 240_000);
  afterAll(async () => {
    await seats?.close();
    await browser?.close();
    screens?.remove();
  });

  /** Opens the screen; whatever it says good things from stands at `meet`, which lets it pass or answers it. */
  async function open(
    { page, server }: Seat<FixtureServer>,
    screen: CalmScreen,
    meet: (request: string, route: Route) => unknown,
  ) {
    const requests = Object.keys(screen.says);
    await page.route(/\/api\/(?!stream)/, (route) => {
      const { pathname, search } = new URL(route.request().url());
      const request = requests.find((part) => (pathname + search).includes(part));
      return request === undefined || route.request().method() !== 'GET' ? route.continue() : meet(request, route);
    });
    server.reset(screen.as);
    screen.given(server);
    await page.goto(server.url + screen.path);
    await screen.act?.(page);
  }

  test.concurrent.for(calmScreens)(
    '$name: each word of calm comes with the last answer it is known from, and no sooner',
    { timeout: patienceMs },
    (screen, { expect }) =>
      seats.use(large, async (seat) => {
        const { page } = seat;
        const asked = listen(page);
        const held = new Map(Object.keys(screen.says).map((request) => [request, [] as Route[]]));
        await open(seat, screen, (request, route) => held.get(request)?.push(route) ?? route.continue());
        const all = [...new Set(Object.values(screen.says).flat())];
        for (const request of Object.keys(screen.says)) {
          const isStill = () => held.get(request)?.length !== 0 && asked.open().every((one) => isHeld(one, held));
          await expect.poll(isStill, patience).toBe(true);
          const waiting = new Set([...held.keys()].flatMap((one) => screen.says[one] ?? []));
          const text = await textOf(page);
          expect(all.filter((word) => waiting.has(word) && text.includes(word))).toEqual([]);
          const routes = held.get(request) ?? [];
          held.delete(request);
          // One that waited too long was given up by the page, and is asked for again.
          for (const route of routes) await route.continue().catch(() => undefined);
        }
        for (const word of all) await page.getByText(word).first().waitFor(patience);
        const known = [...Object.keys(screen.says), ...(screen.silent ?? [])];
        expect([...asked.all].filter((address) => !known.some((part) => address.includes(part)))).toEqual([]);
      }),
  );

  test.concurrent.for(calmScreens)(
    '$name: what could not be read is said, and no word of calm',
    { timeout: patienceMs },
    (screen, { expect }) =>
      seats.use(large, async (seat) => {
        const { page } = seat;
        const asked = listen(page);
        await open(seat, screen, (_, route) => route.fulfill(failed));
        await page
          .getByText(/云端出错了|读取失败|没有读到/)
          .first()
          .waitFor(patience);
        await expect.poll(() => asked.open(), patience).toEqual([]);
        const text = await textOf(page);
        expect(
          Object.values(screen.says)
            .flat()
            .filter((word) => text.includes(word)),
        ).toEqual([]);
      }),
  );
});
