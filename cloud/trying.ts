import type { RulePreview, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { limits } from './limits.ts';
import type { Desk } from './records/commands.ts';
import { toldValues } from './records/device-rules.ts';
import { replayRule } from './replaying.ts';

export interface RuleTrial {
  readonly gateway: string;
  readonly device: string;
  readonly alarm: string;
  readonly profile: Profile;
  readonly now: Threshold;
  readonly wanted: Threshold;
}

const weekMs = 7 * 24 * 3_600_000;

/** What a threshold would have done in the last seven days, beside what the present one did. */
export async function tryRule(
  desk: Pick<Desk, 'database' | 'clock'>,
  { gateway, device, alarm, profile, now, wanted }: RuleTrial,
): Promise<RulePreview> {
  const to = desk.clock.now();
  const from = to - weekMs;
  const rule = profile.alarms[alarm];
  if (rule === undefined || !('point' in rule)) throw new Error(`${profile.id} has no rule ${alarm} on a point`);
  const most = limits.replayReadings;
  const told = await toldValues(desk, { gateway, device }, rule.point, { from, to, most: most + 1 });
  const isCut = told.length > most;
  const seen = isCut ? told.slice(0, most) : told;
  const until = isCut ? (seen.at(-1)?.at ?? to) : to;
  const rest = () => desk.clock.sleep(0);
  const replay = (threshold: Threshold) => replayRule({ profile, alarm, threshold, told: seen, to: until, rest });
  return { from, to, samples: seen.length, cut: isCut, now: await replay(now), changed: await replay(wanted) };
}
