import type { ReaderPosition } from './rows.ts';

type Passed = ReaderPosition['passed'];

/** Ranges kept apart per reader and lane; past this the two oldest become one, with their count. */
export const maxPassedRanges = 256;

/** Notes that the reader walked over the gap `first`–`last`. Touching ranges become one. */
export function passGap(passed: Passed, first: number, last: number): void {
  const previous = passed.at(-1);
  if (previous !== undefined && previous[1] + 1 === first && previous[2] === previous[1] - previous[0] + 1) {
    previous[1] = last;
    previous[2] += last - first + 1;
  } else passed.push([first, last, last - first + 1]);
  if (passed.length > maxPassedRanges) foldOldest(passed);
}

/** How many sequences at or below the cursor were handed over as gaps. */
export function passedCount(passed: Passed): number {
  return passed.reduce((sum, [, , count]) => sum + count, 0);
}

/** The reader went back to `cursor`: what lies above it is no longer passed. */
export function rewindPassed(passed: Passed, cursor: number): Passed {
  return passed
    .filter(([first]) => first <= cursor)
    .map(([first, last, count]) =>
      last <= cursor ? [first, last, count] : [first, cursor, Math.min(count, cursor - first + 1)],
    );
}

function foldOldest(passed: Passed): void {
  const [one, two] = passed.splice(0, 2);
  if (one !== undefined && two !== undefined) passed.unshift([one[0], two[1], one[2] + two[2]]);
}
