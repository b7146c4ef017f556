/** The only door to time in the gateway. Core code takes a Clock; tests turn it by hand. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump: a label, never a duration. */
  now(): number;
  /** Monotonic milliseconds, never back, for every duration and deadline. */
  mono(): number;
  /** Calls `run` once after `ms`. */
  after(ms: number, run: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time on a record. `untimed`: the boot during which it was written before the clock could be trusted; see `clock-trust.ts`. */
export interface Stamp {
  readonly at: number;
  readonly untimed?: string;
}

export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      const onAbort = () => {
        clearTimeout(handle);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
