/** The only door to time in the cloud. Core code takes a Clock; tests turn it by hand. */
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

/** Runs `run` every `ms`, the first time after one `ms`, until what it returns is called. */
export function every(clock: Clock, ms: number, run: () => void): () => void {
  let timer: Timer;
  const tick = (): void => {
    timer = clock.after(ms, tick);
    run();
  };
  timer = clock.after(ms, tick);
  return () => timer.cancel();
}
