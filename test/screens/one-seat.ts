import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openBrowser, type PageOptions } from './browser.ts';
import { buildScreens } from './built.ts';
import { FixtureServer } from './fixture-server.ts';
import { type Seat, Seats } from './seats.ts';

/**
 * For a file of tests that pass one after the other: Chromium, the built screens and their made-up cloud, ready before each
 * test with a fresh world and nothing opened. What it gives back tells the seat of the test that runs.
 */
export function oneSeat(as: 'dispatcher' | 'property' | 'wall' | 'admin', options: PageOptions = {}): () => FixtureSeat {
  let screens: Awaited<ReturnType<typeof buildScreens>>;
  let browser: Browser;
  let seats: Seats<FixtureServer>;
  let seat: FixtureSeat | undefined;
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
  beforeEach(async () => {
    const taken = await seats.take(options);
    taken.server.reset(as);
    seat = { ...taken, browser };
  });
  afterEach(async ({ task }) => {
    const taken = seat;
    seat = undefined;
    if (taken !== undefined) await seats.leave(taken.page, task.result?.state === 'fail');
  });
  return () => {
    if (seat === undefined) throw new Error('a seat is there while a test runs');
    return seat;
  };
}

export interface FixtureSeat extends Seat<FixtureServer> {
  /** For a second page beside this one. */
  readonly browser: Browser;
}
