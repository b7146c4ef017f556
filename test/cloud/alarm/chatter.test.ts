import { describe, expect, it } from 'vitest';
import { type Chatter, chatters, chattersOn, raisedAgain } from '../../../cloud/alarm/chatter.ts';

const minute = 60_000;

/** Raised at these minutes. */
const raised = (...minutes: number[]) =>
  minutes.reduce<Chatter | undefined>((before, at) => raisedAgain(before, at * minute), undefined);

describe('chatter', () => {
  it.each([
    ['four times in ten minutes is none', [0, 1, 2, 3], false],
    ['the fifth within ten minutes is', [0, 2, 4, 6, 8], true],
    ['five times within an hour is none', [0, 12, 24, 36, 48], false],
    ['a slow repeat is none, however long it goes on', [0, 9, 18, 27, 36, 45, 54], false],
    ['it goes on for as long as it is never still for ten minutes', [0, 1, 2, 3, 4, 12, 20, 28], true],
    ['it is over when it was still for longer', [0, 1, 2, 3, 4, 15], false],
  ])('%s', (_name, minutes, expected) => expect(chatters(raised(...minutes))).toBe(expected));

  it('holds its row from the raise that makes it one', () => {
    const chatter = raised(0, 1, 2, 3);
    if (!chatter) throw new Error('none');
    expect(chattersOn({ chatter }, 4 * minute)).toBe(true);
    expect(chattersOn({ chatter }, 14 * minute)).toBe(false);
  });
});
