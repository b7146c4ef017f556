import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

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

/** Puts times on records. */
export interface Stamps {
  stamp(): Stamp;
  /** Of a time that was taken from the clock before. */
  place(at: number): Stamp;
}

/** Of a clock that nobody doubts. */
export function plainStamps(clock: Pick<Clock, 'now'>): Stamps {
  return { stamp: () => ({ at: clock.now() }), place: (at) => ({ at }) };
}

export interface Timer {
  cancel(): void;
}

/** Which boot of the machine this is, and how long ago it was (milliseconds, not counting sleep). */
export interface Boot {
  readonly id: string;
  readonly uptimeMs: number;
}

export function systemBoot(): Boot {
  return { id: bootId(), uptimeMs: Number(process.hrtime.bigint() / 1_000n) / 1_000 };
}

/** Where the kernel does not say, every start of the process counts as a boot. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // The time since the start of this process then serves as well as that since the machine's.
    return randomUUID();
  }
}

/** Whether the system says that its clock follows a time server (systemd-timesyncd); not saying so proves nothing. */
export function isSystemSynchronised(): boolean {
  return existsSync('/run/systemd/timesync/synchronized');
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
