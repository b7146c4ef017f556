/** The only door to chance in the gateway: numbers from 0 (inclusive) to 1 (exclusive). Tests pass a seeded one. */
export type Chance = () => number;

export const systemChance: Chance = () => Math.random();
