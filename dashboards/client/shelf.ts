import { cloudNow } from './clock.ts';

const minuteMs = 60_000;
/** The cloud measures by its own clock when the request arrives; a little less keeps the longest choice within its limit. */
const marginMs = 2_000;

/** When something shelved now for so many minutes comes back. */
export function shelfEnd(minutes: number): number {
  return cloudNow() + minutes * minuteMs - marginMs;
}
