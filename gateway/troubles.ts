import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

export interface Trouble {
  /** Wall clock of the last time. */
  readonly at: number;
  readonly zh: string;
  readonly en: string;
}

/** The same sentence about the same thing is logged at most this often: a device that talks nonsense must not fill the disk. */
const logEveryMs = 60_000;

/** What went wrong lately, one entry per device, port or part: for the log, `status` and the local page. */
export class Troubles {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Trouble & { loggedMono: number; times: number }>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  add(key: string, zh: string, en: string, error?: unknown): void {
    const mono = this.#clock.mono();
    const known = this.#entries.get(key);
    const again = known?.en === en ? known : undefined;
    const isDue = again === undefined || mono - again.loggedMono >= logEveryMs;
    const times = (again?.times ?? 0) + 1;
    if (isDue) this.#logger.warn({ key, err: error, ...(times > 1 && { times }) }, en);
    this.#entries.set(key, {
      at: this.#clock.now(),
      zh,
      en,
      loggedMono: isDue ? mono : (again?.loggedMono ?? mono),
      times: isDue ? 0 : times,
    });
  }

  get(key: string): Trouble | undefined {
    return this.#entries.get(key);
  }

  /** No longer true. */
  over(key: string): void {
    this.#entries.delete(key);
  }

  all(): Trouble[] {
    return [...this.#entries.values()];
  }
}
