import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SnapshotOf } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Clock } from '../clock.ts';
import { limits } from './limits.ts';

interface Held {
  readonly device: string;
  readonly at: number;
  readonly jpeg: Buffer;
  readonly untilMono: number;
}

interface Raised {
  readonly of: SnapshotOf;
  readonly untilMono: number;
}

export interface Matched {
  readonly device: string;
  readonly at: number;
  readonly jpeg: Buffer;
  readonly of: readonly SnapshotOf[];
}

/**
 * Pictures that devices send with their events, and the alarms those events raised: whichever of the two comes first waits
 * a moment for the other. A picture without an alarm is nobody's business and is dropped.
 */
export class Pushed {
  readonly #clock: Clock;
  readonly #held: Held[] = [];
  readonly #raised = new Map<string, Raised>();
  dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A picture came: with the alarm it belongs to, or nothing, and it waits. */
  offer(device: string, at: number, jpeg: Buffer): Matched | undefined {
    this.#expire();
    const raised = this.#raised.get(device);
    if (raised) return { device, at, jpeg, of: [raised.of] };
    if (this.#held.length >= limits.pushed) {
      this.#held.shift();
      this.dropped += 1;
    }
    this.#held.push({ device, at, jpeg, untilMono: this.#clock.mono() + limits.pushedMs });
    return undefined;
  }

  /** Alarms were kept: with the pictures that waited for them. */
  heard(records: readonly LogRecord[], mayKeep: (device: string) => boolean): Matched[] {
    this.#expire();
    return raisedIn(records).flatMap((of) => {
      if (!mayKeep(of.device)) return [];
      // The newest alarm of a device is the last key, so that the first one is the oldest.
      this.#raised.delete(of.device);
      this.#raised.set(of.device, { of, untilMono: this.#clock.mono() + limits.pushedMs });
      const [first] = this.#raised.keys();
      if (this.#raised.size > limits.orders && first !== undefined) this.#raised.delete(first);
      return this.#takeHeld(of);
    });
  }

  #takeHeld(of: SnapshotOf): Matched[] {
    const own = this.#held.filter(({ device }) => device === of.device);
    for (const each of own) this.#held.splice(this.#held.indexOf(each), 1);
    return own.map(({ device, at, jpeg }) => ({ device, at, jpeg, of: [of] }));
  }

  #expire(): void {
    const now = this.#clock.mono();
    while (this.#held[0] && this.#held[0].untilMono <= now) {
      this.#held.shift();
      this.dropped += 1;
    }
    for (const [device, { untilMono }] of this.#raised) if (untilMono <= now) this.#raised.delete(device);
  }
}

function raisedIn(records: readonly LogRecord[]): SnapshotOf[] {
  return records.flatMap((record) => {
    if (record.kind !== 'alarm') return [];
    return record.transitions.flatMap(({ kind, hazard, alarm, episode }) =>
      kind === 'raised' && hazard !== 'communication' ? [{ device: record.device, alarm, episode }] : [],
    );
  });
}
