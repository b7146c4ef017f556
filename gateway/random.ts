/** The only door to chance in the gateway: numbers from 0 (inclusive) to 1 (exclusive). Tests pass a seeded one. */
export type Chance = () => number;

export const systemChance: Chance = () => Math.random();

/** The same numbers for the same seed (a 32-bit generator; not for secrets). */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
