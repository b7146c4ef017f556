import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { shelfLimits } from './limits.ts';

/** All that one alarm was put aside, ms, and how much of it in a row by whom. */
type Shelved = NonNullable<Alarm['shelved']>;

interface Wish {
  readonly by: string;
  readonly at: number;
  readonly until: number;
}

type Allowed =
  | { readonly shelved: Shelved }
  | { readonly refused: { readonly code: 'shelf-spent' | 'second-person'; readonly message: Text } };

/**
 * 搁置的总量: what the alarm has been put aside for, with this. Again and again is for ever, so all of it together has an end; and
 * where lives hang on it nobody decides alone past the first ten minutes.
 */
export function shelvedWith(alarm: Pick<Alarm, 'hazard' | 'shelf' | 'shelved'>, { by, at, until }: Wish): Allowed {
  const before = given(alarm, at);
  const asked = until - at;
  const byOne = before.by === by ? before.byOneMs : 0;
  const lifeSafety = isLifeSafety(alarm.hazard);
  const most = lifeSafety ? shelfLimits.lifeSafetyAllMs : shelfLimits.otherAllMs;
  if (before.ms + asked > most) return { refused: { code: 'shelf-spent', message: spent(most, before.ms, lifeSafety) } };
  if (lifeSafety && byOne + asked > shelfLimits.lifeSafetyMs) return { refused: { code: 'second-person', message: alone } };
  return { shelved: { ms: before.ms + asked, by, byOneMs: byOne + asked } };
}

/** The alarm taken off its shelf: what was left of the time does not count as used. */
export function offShelf<A extends Pick<Alarm, 'shelf' | 'shelved'>>(alarm: A, at: number): A {
  return { ...alarm, shelf: null, ...(alarm.shelved && { shelved: given(alarm, at) }) };
}

function given({ shelf, shelved }: Pick<Alarm, 'shelf' | 'shelved'>, at: number): Shelved {
  if (!shelved) return { ms: 0, by: '', byOneMs: 0 };
  const left = shelf === null ? 0 : Math.max(0, shelf.until - at);
  return { ...shelved, ms: Math.max(0, shelved.ms - left), byOneMs: Math.max(0, shelved.byOneMs - left) };
}

const minutes = (ms: number): number => Math.floor(ms / 60_000);

function spent(most: number, used: number, lifeSafety: boolean): Text {
  const left = Math.max(0, minutes(most - used));
  const [zh, en] = lifeSafety
    ? ['请现场处置', 'Deal with it on site']
    : ['请排除原因，或让设备退出服务', 'Remove the cause, or take the device out of service'];
  return {
    zh: `这条告警累计最多搁置 ${minutes(most)} 分钟，还剩 ${left} 分钟。${zh}`,
    en: `This alarm may be shelved for ${minutes(most)} min in all, ${left} min are left. ${en}`,
  };
}

const alone: Text = {
  zh: `生命安全告警，同一人最多连续搁置 ${minutes(shelfLimits.lifeSafetyMs)} 分钟；再搁置须由另一位值班人员操作`,
  en: `A danger to life: nobody shelves it for more than ${minutes(shelfLimits.lifeSafetyMs)} min alone. A second person must do it now`,
};
