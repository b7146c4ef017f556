import type { Browser, Page } from 'playwright-core';
import { openPage, type PageOptions } from './browser.ts';

/** What a seat's page is served by, at one address for as long as the seat stands. */
interface Serving {
  readonly url: string;
  /** Answers again, whatever was wrong with it. */
  heal(): void;
  stop(): Promise<void>;
}

export interface Seat<S extends Serving> {
  readonly server: S;
  readonly page: Page;
  /** What this look at the page has logged as an error. */
  readonly errors: string[];
}

/**
 * Pages used one after the other. Most of what a state costs is not what is looked at but a context, its renderer and the
 * compiling of the screen's scripts: whoever comes next finds these warm, and nothing else of the one before: no
 * document, stream, cookie, storage, permission or route. What failed is thrown away.
 */
export class Seats<S extends Serving> {
  readonly #browser: Browser;
  readonly #serve: () => Promise<S>;
  readonly #free = new Map<string, Seat<S>[]>();
  readonly #all = new Map<Page, { readonly kind: string; readonly seat: Seat<S> }>();

  constructor(browser: Browser, serve: () => Promise<S>) {
    this.#browser = browser;
    this.#serve = serve;
  }

  /** As many seats as are asked for at a time; an error in `look` is the caller's. */
  async use<T>(options: PageOptions, look: (seat: Seat<S>) => Promise<T>): Promise<T> {
    const seat = await this.take(options);
    try {
      const seen = await look(seat);
      await this.leave(seat.page, false);
      return seen;
    } catch (error) {
      await this.leave(seat.page, true);
      throw error;
    }
  }

  async take(options: PageOptions): Promise<Seat<S>> {
    const kind = JSON.stringify([options.language, options.soundTested]);
    const seat = this.#free.get(kind)?.pop() ?? (await this.#furnish(kind, options));
    const { width = 1366, height = 768 } = options;
    await seat.page.setViewportSize({ width, height });
    return seat;
  }

  /** Clears the seat of this page for the next one; thrown away where what it was used for failed. */
  async leave(page: Page, hasFailed: boolean): Promise<void> {
    const found = this.#all.get(page);
    if (found === undefined) return;
    const { kind, seat } = found;
    if (hasFailed) return this.#remove(seat);
    await clear(seat);
    this.#free.set(kind, [...(this.#free.get(kind) ?? []), seat]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map(({ seat }) => this.#remove(seat)));
  }

  async #furnish(kind: string, options: PageOptions): Promise<Seat<S>> {
    const server = await this.#serve();
    const seat = { server, ...(await openPage(this.#browser, options)) };
    this.#all.set(seat.page, { kind, seat });
    return seat;
  }

  async #remove(seat: Seat<S>): Promise<void> {
    this.#all.delete(seat.page);
    await seat.page.context().close();
    await seat.server.stop();
  }
}

async function clear({ server, page, errors }: Seat<Serving>): Promise<void> {
  const context = page.context();
  server.heal();
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  // Not found, but of the same origin: its storage can be reached, and nothing of the screen runs any more.
  await page.goto(`${server.url}/nothing.txt`);
  await page.evaluate('localStorage.clear(); sessionStorage.clear()');
  await context.clearCookies();
  await context.clearPermissions();
  errors.length = 0;
}
