import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';

/** ISA-18.2 calls an alarm chattering that comes three or more times a minute; a bad contact is slower and as useless. */
const chatterLimits = { times: 5, withinMs: 10 * 60_000 } as const;

/** How often it was raised since when; past the limits it chatters, until it has been still for as long. */
export type Chatter = NonNullable<Alarm['chatter']>;

/** The count after one more raise at `at`, ms since 1970 UTC. */
export function raisedAgain(before: Chatter | undefined, at: number): Chatter {
  if (!before || at - before.lastAt > chatterLimits.withinMs) return { since: at, lastAt: at, times: 1 };
  // A slow repeat is none: only what came within the span counts as one run.
  const run = at - before.since <= chatterLimits.withinMs || chatters(before) ? before : { since: before.lastAt, times: 1 };
  return { since: run.since, lastAt: at, times: run.times + 1 };
}

export function chatters(chatter: Chatter | undefined): boolean {
  return chatter !== undefined && chatter.times >= chatterLimits.times;
}

/** True where a raise at `at` belongs to the row of an alarm that is done with: it chatters, and has not been still. */
export function chattersOn(alarm: Pick<Alarm, 'chatter'>, at: number): boolean {
  const { chatter } = alarm;
  return chatter !== undefined && chatters(raisedAgain(chatter, at)) && at - chatter.lastAt <= chatterLimits.withinMs;
}
