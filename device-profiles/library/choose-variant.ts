import type { Profile, Variant } from '../vocabulary/profile.ts';
import type { Reading } from '../vocabulary/reading.ts';
import { withVectors } from './parse.ts';

/** The profile as it is read once at commissioning: its points are the probes, in one poll group. `undefined`: it has none. */
export function probeProfile(profile: Profile): Profile | undefined {
  const probes = Object.entries(profile.probes);
  if (probes.length === 0) return undefined;
  const points = probes.map(([id, probe]) => [id, { ...probe, name: { zh: id }, group: 'probe' }]);
  return {
    ...withVectors(profile, []),
    groups: { probe: { every: 60_000 } },
    points: Object.fromEntries(points) as Profile['points'],
    alarms: {},
    commands: {},
  };
}

/**
 * The variant that the answers to the probes speak for: the first whose `when` holds; `undefined`: none, so the profile as it is
 * written. `readings`: of `probeProfile`, whatever their quality; a probe that is missing could not be read.
 */
export function chooseVariant({ variants }: Profile, readings: readonly Reading[]): string | undefined {
  return variants.find(({ when }) => when !== undefined && [when].flat().every((test) => holds(test, readings)))?.id;
}

type Test = Exclude<NonNullable<Variant['when']>, readonly unknown[]>;

function holds(test: Test, readings: readonly Reading[]): boolean {
  const reading = readings.findLast(({ point }) => point === test.probe);
  const isGood = reading?.quality === 'good';
  if ('reads' in test) return isGood === test.reads;
  if (!isGood) return false;
  if ('is' in test) return reading.value === test.is;
  const value = typeof reading.value === 'number' || typeof reading.value === 'string' ? Number(reading.value) : Number.NaN;
  return value >= test.between[0] && value <= test.between[1];
}
