/** 打扰上限: how much one person may be told, so that people go on listening. Life safety knows no limit. */
export interface LoadLimit {
  readonly perHour: number;
  readonly perDay: number;
}

const usualLoad: LoadLimit = { perHour: 6, perDay: 20 };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * When the next message may go to a person who was sent the ones at `sentAt` (ms since 1970 UTC, any order); `now` where at
 * once. What must wait is held and counted, never dropped.
 */
export function mayReachAt(sentAt: readonly number[], now: number, limit: LoadLimit = usualLoad): number {
  return Math.max(now, freeAt(sentAt, now, limit.perHour, hourMs), freeAt(sentAt, now, limit.perDay, dayMs));
}

/** The moment the oldest of the last `most` leaves the window. */
function freeAt(sentAt: readonly number[], now: number, most: number, windowMs: number): number {
  const recent = sentAt.filter((at) => at > now - windowMs).toSorted((a, b) => b - a);
  const oldest = recent[most - 1];
  return oldest === undefined ? now : oldest + windowMs;
}
