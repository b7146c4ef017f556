import type { ClaimAnswer } from '@yihu/device-profiles/vocabulary/claim.ts';
import { RenewAnswer } from '@yihu/device-profiles/vocabulary/claim.ts';
import { jsonAs } from '../json-as.ts';
import type { Clock } from '../clock.ts';
import { type Identity, renewalDue } from './identity.ts';

export interface RenewalOptions {
  /** Where the identity is kept. */
  readonly folder: string;
  readonly clock: Clock;
  /** Uniform in [0, 1), so that a city does not ask at once. */
  readonly chance: () => number;
  /** Says it to the cloud over the present connection; false where there is none. */
  readonly say: (word: 'renew', payload: string) => boolean;
  readonly onDone: (identity: Identity) => void;
  readonly onTrouble: (error: unknown, nextTryMs: number) => void;
}

const answerWithinMs = 30_000;
/** From a minute, doubling, to six hours: a third of ninety days holds many tries. */
const [firstPauseMs, longestPauseMs] = [60_000, 6 * 3_600_000];

/**
 * 换证: asks for a new certificate once two thirds of the old one's life are over, over the connection that the old one made.
 * Both are valid until the old one ends; the next connection shows the new one.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #attempt = 0;
  #nextMono = 0;
  #isRunning = false;
  #answer: ((answer: RenewAnswer) => void) | null = null;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Looked at now and then; begins what is due and waits for nothing. */
  async look(identity: Identity): Promise<void> {
    const { clock, onDone, onTrouble } = this.#options;
    if (this.#isRunning || !renewalDue(identity, clock.now()) || clock.mono() < this.#nextMono) return;
    this.#isRunning = true;
    try {
      // Certificates take a while to load; only this needs them.
      const { renew } = await import('./claim.ts');
      const { folder } = this.#options;
      onDone(await renew({ identity, folder, clock, ask: (present, csr) => this.#ask(present, csr) }));
      this.#attempt = 0;
    } catch (error) {
      onTrouble(error, this.#wait());
    } finally {
      this.#isRunning = false;
    }
  }

  /** What the cloud said on `certificate`. */
  hear(payload: Buffer): void {
    const answer = jsonAs(RenewAnswer, payload.toString('utf8'));
    if (answer) this.#answer?.(answer);
  }

  #wait(): number {
    const { clock, chance } = this.#options;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#attempt, 10));
    const pauseMs = Math.round(longest * (0.5 + chance() / 2));
    this.#attempt += 1;
    this.#nextMono = clock.mono() + pauseMs;
    return pauseMs;
  }

  async #ask({ gateway, connect }: Identity, csr: string): Promise<ClaimAnswer> {
    const { clock, say } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<RenewAnswer>();
    this.#answer = resolve;
    const timer = clock.after(answerWithinMs, () => reject(new Error('the cloud did not answer in time')));
    try {
      if (!say('renew', JSON.stringify({ csr }))) throw new Error('the cloud is not connected');
      const answer = await promise;
      if ('refused' in answer) throw new Error(`the cloud refuses: ${answer.refused}`);
      return { gateway, uplink: connect.url, ...answer };
    } finally {
      timer.cancel();
      this.#answer = null;
    }
  }
}
