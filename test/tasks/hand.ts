import type { Locator, Page } from 'playwright-core';
import { systemClock } from '../../cloud/clock.ts';

/** What a person's hands did: every press of a key, every click or tap, and what was written, which is one action a field. */
export interface Done {
  readonly keys: number;
  readonly clicks: number;
  /** Fields written in. */
  readonly fields: number;
  readonly seconds: number;
}

const patience = 60_000;
/** Set to a folder to keep a picture of what a task got stuck at. */
const pictures = process.env['TASK_PICTURES'];

/** A person at one page. Waiting for what is to be seen is no action, and belongs to the seconds. */
export class Hand {
  readonly page: Page;
  #keys = 0;
  #clicks = 0;
  #fields = 0;
  #begun = performance.now();

  constructor(page: Page) {
    this.page = page;
  }

  /** From here the seconds count; what was done before stays counted. */
  start(): void {
    this.#begun = performance.now();
  }

  async press(...keys: string[]): Promise<void> {
    this.#keys += keys.length;
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async click(target: Locator): Promise<void> {
    this.#clicks += 1;
    await target.first().click({ timeout: patience });
  }

  /** Writes into what has the focus. */
  async write(text: string): Promise<void> {
    this.#fields += 1;
    await this.page.keyboard.type(text);
  }

  /** Fills a field of a phone's page; the tap into it is counted with the field. */
  async fill(target: Locator, text: string): Promise<void> {
    this.#fields += 1;
    await target.fill(text, { timeout: patience });
  }

  /** A tap that opens the camera or a list of files, and what is taken there. */
  async choose(target: Locator, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    this.#clicks += 1;
    await target.setInputFiles(file, { timeout: patience });
  }

  /** A finger that stays down until something is seen: one tap. */
  async hold(target: Locator, until: Locator): Promise<void> {
    this.#clicks += 1;
    await target.hover({ timeout: patience });
    await this.page.mouse.down();
    await this.see(until);
    await this.page.mouse.up();
  }

  /** Somebody else does a part of it on another page: their actions count with these. */
  add({ keys, clicks, fields }: Done): void {
    this.#keys += keys;
    this.#clicks += clicks;
    this.#fields += fields;
  }

  async see(target: Locator, state: 'visible' | 'detached' = 'visible', timeout = patience): Promise<void> {
    await target
      .first()
      .waitFor({ state, timeout })
      .catch((error: unknown) => this.#stuck(error));
  }

  /** Until the page says that this expression holds; asked again every 20 ms. */
  async seeThat(expression: string): Promise<void> {
    const end = performance.now() + patience;
    while ((await this.page.evaluate(expression)) !== true) {
      if (performance.now() > end) await this.#stuck(new Error(`never held: ${expression}`));
      await systemClock.sleep(20);
    }
  }

  async #stuck(error: unknown): Promise<never> {
    if (pictures !== undefined) await this.page.screenshot({ path: `${pictures}/stuck-${Date.now()}.png` });
    throw error;
  }

  done(): Done {
    const seconds = (performance.now() - this.#begun) / 1000;
    return { keys: this.#keys, clicks: this.#clicks, fields: this.#fields, seconds };
  }
}
