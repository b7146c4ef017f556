import { describe, expect, it } from 'vitest';
import { mutants } from './mutants.ts';
import { runSeed } from './world.ts';

/** A simulation that does not find a planted bug is blind to the real one. */
describe('bugs planted on purpose are found', () => {
  for (const [name, mutant] of Object.entries(mutants)) {
    it(name, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= 300; seed++) {
        const { violations } = await runSeed(seed, mutant);
        if (violations.length > 0) return;
      }
      expect.fail('300 seeds did not find it');
    });
  }
});

describe('the simulation itself', () => {
  it('gives the same end for the same seed', async () => {
    for (const seed of [3, 30, 300]) expect((await runSeed(seed)).fingerprint).toBe((await runSeed(seed)).fingerprint);
  });
});
