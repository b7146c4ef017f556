import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from './clock.ts';
import type { Site } from './config.ts';
import { openEmbeddedHistory } from './store/embedded-history.ts';
import type { History } from './store/history.ts';
import { openInfluxHistory } from './store/influx-history.ts';
import { StoreError } from './store/log.ts';

/** The history engine that the site file names, opened with its first use: a history that is away keeps nothing else from running. */
export function openHistory(site: Site, clock: Clock, onRecovered: (movedTo: string) => void): History {
  return new ReopenedHistory(() => openEngine(site, clock, onRecovered));
}

async function openEngine({ history, data, file }: Site, clock: Clock, onRecovered: (movedTo: string) => void): Promise<History> {
  if (history.kind === 'embedded') {
    const engine = await openEmbeddedHistory({ folder: join(data, 'history'), keepDays: history.days, clock });
    if (engine.recovered !== null) onRecovered(engine.recovered);
    return engine;
  }
  const password =
    history.passwordFile === undefined ? undefined : readFileSync(resolve(dirname(file), history.passwordFile), 'utf8').trim();
  return openInfluxHistory({
    url: history.url,
    database: history.database,
    ...(history.username === undefined ? {} : { username: history.username }),
    ...(password === undefined ? {} : { password }),
  });
}

/** Opens its engine when it is asked for, and anew after an I/O error: what a broken one remembers is not to be trusted. */
export class ReopenedHistory implements History {
  readonly #open: () => Promise<History>;
  #engine: Promise<History> | null = null;

  constructor(open: () => Promise<History>) {
    this.#open = open;
  }

  write: History['write'] = (entries) => this.#use((engine) => engine.write(entries));
  read: History['read'] = (...range) => this.#use((engine) => engine.read(...range));
  latest: History['latest'] = (device) => this.#use((engine) => engine.latest(device));

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    if (engine !== null) await (await engine.catch(() => null))?.close();
  }

  async #use<T>(work: (engine: History) => Promise<T>): Promise<T> {
    this.#engine ??= this.#open();
    const engine = this.#engine;
    try {
      return await work(await engine);
    } catch (error) {
      if (this.#engine === engine && (await isBeyondUse(engine, error))) await this.#letGo();
      // «Closed» is the word of a log that is being stopped; an engine that is gone is only away.
      throw error instanceof StoreError && error.code === 'closed'
        ? new StoreError('io', error.message, { cause: error })
        : error;
    }
  }

  /** What closing it says does not matter any more. */
  async #letGo(): Promise<void> {
    await this.close().catch(() => undefined);
  }
}

async function isBeyondUse(engine: Promise<History>, error: unknown): Promise<boolean> {
  const opened = await engine.then(
    () => true,
    () => false,
  );
  return !opened || (error instanceof StoreError && (error.code === 'io' || error.code === 'closed'));
}
