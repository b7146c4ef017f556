import type { Clock } from '../../clock.ts';
import { limits } from './limits.ts';

/** What the rules of identity need of a connection. */
export interface Claimant {
  /** Lets go of the device, because another connection speaks for it now. */
  superseded(device: string): void;
}

export type Claim =
  | { readonly verdict: 'mine' }
  | { readonly verdict: 'taken-over'; readonly again: boolean }
  | { readonly verdict: 'refused' };

/**
 * One live connection per device. The newest wins, because the older one is most often a connection that died unseen; two
 * devices with one identity that push each other out are seen as such, and stopped when they keep on.
 */
export class Claims {
  readonly #clock: Clock;
  readonly #holders = new Map<string, Claimant>();
  readonly #takeOvers = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  holder(device: string): Claimant | undefined {
    return this.#holders.get(device);
  }

  claim(device: string, claimant: Claimant): Claim {
    const old = this.#holders.get(device);
    if (old === claimant) return { verdict: 'mine' };
    if (!old) {
      this.#holders.set(device, claimant);
      return { verdict: 'mine' };
    }
    const now = this.#clock.mono();
    const recent = (this.#takeOvers.get(device) ?? []).filter((at) => now - at < limits.takeOverWindowMs);
    if (recent.length >= limits.takeOvers) return { verdict: 'refused' };
    this.#takeOvers.set(device, [...recent, now]);
    this.#holders.set(device, claimant);
    old.superseded(device);
    return { verdict: 'taken-over', again: recent.length > 0 };
  }

  leave(device: string, claimant: Claimant): void {
    if (this.#holders.get(device) === claimant) this.#holders.delete(device);
  }
}
