import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Heard } from './evaluate.ts';

/** 时钟偏差: how far a device's clock may be from ours. */
export interface SkewRule {
  readonly maxMs: number;
  /** The time is a server's that may hold messages back: being behind is no fault of a clock. */
  readonly mayBeBehind: boolean;
}

export function compileSkew({ time }: Pick<Profile, 'time'>): SkewRule | undefined {
  if (time === undefined || time.trust === 'none') return undefined;
  return { maxMs: time.maxSkew, mayBeBehind: time.trust === 'network' };
}

/** A clock that was wrong is right again only when it is well inside the limit, so that one at the limit is not told of with each message. */
const backPart = 0.9;

/** How far ahead of ours (positive) or behind it the device's clock is, by the newest thing said now; undefined where nothing was. */
export function skewOf(heard: Pick<Heard, 'readings' | 'events'>): number | undefined {
  let skew: number | undefined;
  for (const { at, deviceAt, historical } of [...heard.readings, ...heard.events]) {
    if (deviceAt === undefined || historical) continue;
    const own = deviceAt - at;
    if (skew === undefined || Math.abs(own) < Math.abs(skew)) skew = own;
  }
  return skew;
}

/** Whether the clock is wrong now, and the event where that is news. */
export function judgeSkew(
  rule: SkewRule,
  wasSkewed: boolean,
  skewMs: number,
  at: number,
): { readonly isSkewed: boolean; readonly event?: DeviceEvent } {
  const off = rule.mayBeBehind ? Math.max(0, skewMs) : Math.abs(skewMs);
  const isSkewed = wasSkewed ? off > rule.maxMs * backPart : off > rule.maxMs;
  if (isSkewed === wasSkewed) return { isSkewed };
  const data = { skewMs, limitMs: rule.maxMs };
  return { isSkewed, event: { type: isSkewed ? 'clock.wrong' : 'clock.right', at, data } };
}
