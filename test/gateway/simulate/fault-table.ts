import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { describe, it } from 'vitest';
import { loadProfiles } from '../../../gateway/site.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import type { FaultName } from '../../../gateway/simulate/faults.ts';
import { wires } from '../../../gateway/simulate/wires.ts';
import { bothEnds } from './both-ends.ts';

/**
 * What a device with a fault is seen as. `gone`: nothing of it is taken, and it is shown as offline. `hangs`: the same, and
 * it may be found again only when a long question has run out, which other tests wait for by a clock of theirs. `well`: the
 * fault is seen through, and it is read as ever. `same`: it says its old value, which is what is shown; `still`: it is there
 * and says nothing new of it. `refusing`: it is there, and its value is not good. `late`: its value comes late and is right, or, where
 * an answer cannot be told from the next one's, it is gone. `skewed`: its value is right, whatever its clock says.
 */
type Seen = 'gone' | 'hangs' | 'well' | 'same' | 'still' | 'refusing' | 'late' | 'skewed';

export interface FaultTable {
  readonly driver: string;
  readonly profile: string;
  /** Set to the first value before the fault, to the second while it lasts, to the third behind it. */
  readonly point: string;
  readonly values: readonly [NonNullable<Value>, NonNullable<Value>, NonNullable<Value>];
  /** All that can go wrong on the wire; a fault that is missing here fails. */
  readonly seen: Readonly<Partial<Record<FaultName, Seen>>>;
}

const { profiles } = await loadProfiles();
const all = [...profiles.values()];
const patience = { timeout: 30_000, interval: 25 };

/** The library's profile, with less patience than people have. */
function quick(id: string): Profile {
  const profile = profiles.get(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  const groups = Object.fromEntries(Object.keys(profile.groups).map((group) => [group, { every: 1_000 }]));
  const timing = { ...(profile.transport['timing'] as object | undefined), timeout: 300, retries: 0 };
  const transport = profile.transport['timing'] === undefined ? profile.transport : { ...profile.transport, timing };
  return { ...profile, groups, transport, availability: { lateAfter: 3_000, offlineAfter: 5_000 } };
}

/** Each fault of a wire, between a simulated device and the driver: nothing wrong is good, it is shown as what it is, it recovers. */
export function faultTable({ driver, profile: id, point, values, seen }: FaultTable): void {
  const profile = quick(id);
  const faults = wires.get(driver)?.faults(new SimulatedDevice('d', profile, {}, () => 0.5)) ?? [];
  const [first, second, third] = values;

  describe.concurrent(`${id} over ${driver}: what goes wrong`, () => {
    it('is all in the table', ({ expect }) => expect(Object.keys(seen).toSorted()).toEqual([...faults].toSorted()));

    it.for(faults)('%s', { timeout: 80_000 }, async (fault, { expect, onTestFinished }) => {
      const { simulator, readings, events, availability } = await bothEnds(profile, driver, onTestFinished, all);
      const taken = (from = 0): Reading[] => readings.slice(from).filter((reading) => reading.point === point);
      const good = (from = 0) => taken(from).flatMap(({ quality, value }) => (quality === 'good' ? [value] : []));
      // Where the wire confirms, saying it may take as long as the fault: nobody waits for it.
      const set = (value: NonNullable<Value>) => void simulator.set('d', point, value);
      await simulator.set('d', point, first);
      await expect.poll(() => good(), patience).toContain(first);
      // What it began to say by itself has been said.
      await simulator.set('d', point, first);
      const since = readings.length;

      simulator.fault('d', fault);
      const during = readings.length;
      set(second);
      const how = seen[fault];
      if (how === undefined) throw new Error(`nothing is said of ${fault}`);
      switch (how) {
        case 'gone':
        case 'hangs':
          await expect.poll(availability, patience).toBe('offline');
          expect(good(during).filter((value) => value !== first && value !== second)).toEqual([]);
          break;
        case 'well':
          await expect.poll(() => good(during), patience).toContain(second);
          expect(availability()).toBe('online');
          break;
        case 'late':
          await expect.poll(() => good(during).includes(second) || availability() === 'offline', patience).toBe(true);
          break;
        case 'same':
          await expect.poll(() => good(during).length, patience).toBeGreaterThan(0);
          expect(new Set(good(during))).toEqual(new Set([first]));
          break;
        case 'still': {
          const type = simulator.devices()[0]?.events[0] ?? '';
          await simulator.fire('d', type);
          await expect.poll(() => events.map((event) => event.type), patience).toContain(type);
          expect(good(during)).toEqual([]);
          break;
        }
        case 'refusing':
          await expect.poll(() => taken(during).at(-1)?.quality, patience).toBe('bad');
          expect(availability()).not.toBe('offline');
          break;
        case 'skewed': {
          await expect.poll(() => good(during), patience).toContain(second);
          if (profile.time === undefined) break;
          // The simulated clock is two hours ahead, which is kept beside the time it was heard.
          const ahead = () => readings.slice(during).some(({ at, deviceAt = at }) => deviceAt - at > 3_600_000);
          await expect.poll(ahead, patience).toBe(true);
          break;
        }
      }

      simulator.fault('d', null);
      if (how === 'hangs') return;
      const behind = readings.length;
      // Who was still says what has changed since.
      const last = how === 'still' ? second : third;
      set(last);
      await expect.poll(() => good(behind), patience).toContain(last);
      await expect.poll(availability, patience).toBe('online');
      const allowed = new Set<Value>([first, second, third]);
      expect(good(since).filter((value) => !allowed.has(value))).toEqual([]);
    });
  });
}
