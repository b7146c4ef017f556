/**
 * The only door to time in the screens. The cloud's clock rules: what it says in a snapshot or a beat sets the offset,
 * so that a workstation with a wrong clock still counts the right age.
 */
let offsetMs = 0;

/** This machine's clock, for ages of things this machine saw. */
export function localNow(): number {
  return Date.now();
}

/** The cloud's clock as this machine knows it. */
export function cloudNow(): number {
  return inCloudTime(Date.now());
}

/** A moment of this machine's clock by the cloud's. */
export function inCloudTime(local: number): number {
  return local + offsetMs;
}

/** The cloud has just said what time it is. Small differences are the network's and are left alone. */
export function learnCloudTime(at: number): void {
  const difference = at - Date.now();
  if (Math.abs(difference - offsetMs) > 500) offsetMs = difference;
}

/** Calls `run` every `ms`; returns what stops it. */
export function every(ms: number, run: () => void): () => void {
  const handle = setInterval(run, ms);
  return () => clearInterval(handle);
}

/** Calls `run` once after `ms`; returns what calls it off. */
export function after(ms: number, run: () => void): () => void {
  const handle = setTimeout(run, ms);
  return () => clearTimeout(handle);
}

const listeners = new Set<() => void>();
let second = Math.floor(Date.now() / 1000);
let stopTicking: (() => void) | null = null;

function tick(): void {
  const current = Math.floor(Date.now() / 1000);
  if (current === second) return;
  second = current;
  for (const listener of listeners) listener();
}

/** One ticker for the whole page; four looks a second, so that no second on the clock is skipped or doubled. */
export function onSecond(listener: () => void): () => void {
  if (stopTicking === null) {
    // Nobody looked for a while: what is drawn first is not drawn for the second of then.
    tick();
    stopTicking = every(250, tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stopTicking?.();
    stopTicking = null;
  };
}

/** The second the ticker stands at, local. */
export function currentSecond(): number {
  return second;
}
