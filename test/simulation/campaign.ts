import { describe, expect, it } from 'vitest';
import { runSeed } from './world.ts';

/** Seeds `first` to `last` in steps, one test a hundred, so that a failure names its seed and its faults. */
export function campaign(first: number, last: number): void {
  describe(`seeds ${first} to ${last}`, () => {
    for (let start = first; start <= last; start += 100) {
      it(`${start} to ${start + 99}`, { timeout: 300_000 }, async () => {
        let acked = 0;
        for (let seed = start; seed < start + 100; seed++) {
          const { violations, schedule, ...outcome } = await runSeed(seed);
          expect({ seed, violations, faults: violations.length > 0 ? schedule.faults : [] }).toEqual({
            seed,
            violations: [],
            faults: [],
          });
          acked += outcome.acked;
        }
        expect(acked).toBeGreaterThan(1_000);
      });
    }
  });
}
