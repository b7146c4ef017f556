import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Clock } from '../clock.ts';
import { type Expectation, isShown } from './order.ts';

export interface Seen {
  readonly isShown: boolean;
  /** The last good value of the point since the sending, if any came. */
  readonly value?: Value;
  /** Not waited for to the end. */
  readonly isCut?: true;
}

interface Watch {
  readonly expected: Expectation;
  value: Value | undefined;
  end(seen: Seen): void;
}

/** 回读: waits until points show that something was carried out. The ports read such points first after a command. */
export class ReadBacks {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #watches = new Map<string, Set<Watch>>();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  wait(device: string, expected: Expectation): Promise<Seen> {
    const { promise, resolve } = Promise.withResolvers<Seen>();
    if (this.#signal.aborted) return Promise.resolve({ isShown: false, isCut: true });
    const cut = () => watch.end({ isShown: false, isCut: true });
    const timer = this.#clock.after(expected.withinMs, () => watch.end({ isShown: false, ...valueOf(watch) }));
    const watch: Watch = {
      expected,
      value: undefined,
      end: (seen) => {
        timer.cancel();
        this.#signal.removeEventListener('abort', cut);
        this.#leave(device, watch);
        resolve(seen);
      },
    };
    this.#signal.addEventListener('abort', cut, { once: true });
    const own = this.#watches.get(device) ?? new Set();
    this.#watches.set(device, own.add(watch));
    return promise;
  }

  heard(device: string, readings: readonly Reading[]): void {
    const own = this.#watches.get(device);
    if (!own) return;
    for (const watch of own) {
      for (const { point, value, quality } of readings) {
        if (point !== watch.expected.point || quality !== 'good') continue;
        watch.value = value;
        if (!isShown(watch.expected.is, value)) continue;
        watch.end({ isShown: true, value });
        break;
      }
    }
  }

  #leave(device: string, watch: Watch): void {
    const own = this.#watches.get(device);
    own?.delete(watch);
    if (own?.size === 0) this.#watches.delete(device);
  }
}

function valueOf({ value }: Watch): Pick<Seen, 'value'> {
  return value === undefined ? {} : { value };
}
