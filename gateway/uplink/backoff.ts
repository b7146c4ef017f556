const firstMs = 500;
const longestMs = 30_000;

/** How long to wait before try number `attempt` (from 0): exponential, with full jitter, so that a city does not come back at once. */
export function backoffMs(attempt: number, chance: () => number): number {
  return Math.round(chance() * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16)));
}
