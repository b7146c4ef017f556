import { describe, expect, it } from 'vitest';
import { limits } from '../../../gateway/collect/listening/limits.ts';
import { Repeats } from '../../../gateway/collect/listening/repeats.ts';
import { HandClock } from '../../hand-clock.ts';

const [one, two] = [Symbol('one'), Symbol('two')];

describe('a frame that comes again', () => {
  it('is the same while the device may be repeating its last one, on a new connection too', async () => {
    const clock = new HandClock();
    const repeats = new Repeats(clock);
    expect(repeats.isRepeat('a', '1 fire', one)).toBe(false);
    repeats.remember('a', '1 fire', one);
    expect(repeats.isRepeat('a', '1 fire', two)).toBe(true);
    expect(repeats.isRepeat('b', '1 fire', one)).toBe(false);
    expect(repeats.isRepeat('a', '2 fire', one)).toBe(false);
    await clock.advance(limits.repeatWindowMs);
    expect(repeats.isRepeat('a', '1 fire', one)).toBe(false);
  });

  it('behind another one is the same on its own connection only: elsewhere it is a device that counts anew', async () => {
    const clock = new HandClock();
    const repeats = new Repeats(clock);
    repeats.remember('a', '0 fire', one);
    repeats.remember('a', '1 restored', one);
    expect(repeats.isRepeat('a', '0 fire', one)).toBe(true);
    expect(repeats.isRepeat('a', '0 fire', two)).toBe(false);
    await clock.advance(limits.repeatOnConnectionMs);
    expect(repeats.isRepeat('a', '0 fire', one)).toBe(false);
  });

  it('is known after a restart, from what was committed with it', () => {
    const before = new Repeats(new HandClock());
    const kept = new Map(before.keep('a', '7 fire').map(([key, json]) => [key, json as string]));
    const after = new Repeats(new HandClock(), new Map([...kept, ['something else', '1']]));
    expect(after.isRepeat('a', '7 fire', one)).toBe(true);
    expect(after.isRepeat('a', '8 fire', one)).toBe(false);
  });
});
