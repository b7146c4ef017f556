import { describe, expect, it } from 'vitest';
import { bindProfile } from '@yihu/device-profiles/library/bind.ts';
import { missingChildren } from '@yihu/device-profiles/library/check-children.ts';
import { applyVariant, loadLibrary, type LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Vector } from '@yihu/device-profiles/vocabulary/vector.ts';
import { proveProfile } from '../../gateway/prove.ts';

const { profiles, problems } = await loadLibrary(undefined, { prove: proveProfile });
const all: [string, LoadedProfile][] = [...profiles];
const taken = (profile: Profile): Vector[] => profile.vectors.filter(({ refuse }) => refuse !== true);
const only = (profile: Profile, vector: Vector): Profile => {
  const base = vector.variant === undefined ? profile : applyVariant(profile, vector.variant);
  // What a site must say itself has a stand-in here.
  const standIns = Object.fromEntries(Object.entries(base.params).map(([id, param]) => [id, param.default]));
  const bound = bindProfile(base, { params: { ...standIns, ...vector.params } });
  if ('findings' in bound) throw new Error(`${profile.id}: ${JSON.stringify(bound.findings)}`);
  return { ...bound.profile, vectors: [vector] };
};

describe('the library', () => {
  it('has no problem', () => expect(problems).toEqual([]));
  it('has the profiles of all parts', () =>
    expect(missingChildren(new Map(all.map(([id, { profile }]) => [id, profile])))).toEqual([]));
  it.each(all)('%s: every point is proven by a vector', (_id, { profile }) => {
    const proven = new Set(taken(profile).flatMap(({ expect: expected }) => Object.keys(expected)));
    expect(Object.keys(profile.points).filter((id) => !proven.has(id))).toEqual([]);
  });
  it.each(all)('%s: can be simulated in every point', (_id, { profile }) =>
    expect(Object.entries(profile.points).filter(([, { simulate }]) => simulate === undefined)).toEqual([]),
  );
  it.each(all)('%s: at once raising alarms are proven', (_id, { profile }) => {
    const immediate = Object.entries(profile.alarms).filter(
      ([, rule]) => rule.for === 0 && rule.samples === 1 && !('silent' in rule) && rule.severity === 'critical',
    );
    const proven = new Set(profile.vectors.flatMap(({ alarms }) => alarms ?? []));
    expect(immediate.map(([id]) => id).filter((id) => !proven.has(id))).toEqual([]);
  });
});

/** Each vector with one thing in it made wrong. */
function mutants(vector: Vector): Vector[] {
  const { expect: expected, history, events, children, alarms, unread } = vector;
  if (vector.refuse === true) return [{ ...vector, refuse: false }];
  return [
    { ...vector, refuse: true },
    ...Object.entries(expected).map(([point, value]) => ({ ...vector, expect: { ...expected, [point]: wrong(value) } })),
    ...eventMutants(events).map((wrongEvents) => ({ ...vector, events: wrongEvents })),
    ...historyMutants(history).map((wrongHistory) => ({ ...vector, history: wrongHistory })),
    ...(children === undefined ? [] : [{ ...vector, children: { ...children, another: 'x' } }]),
    unread === true ? { ...vector, unread: undefined } : { ...vector, unread: true as const },
    ...(alarms === undefined
      ? []
      : [{ ...vector, alarms: [...alarms, 'another'] }, ...(alarms.length > 0 ? [{ ...vector, alarms: [] }] : [])]),
  ];
}

function historyMutants(history: Vector['history']): NonNullable<Vector['history']>[] {
  const [first, ...others] = history ?? [];
  if (first === undefined) return history === undefined ? [] : [[{ at: '2020-01-01T00:00:00Z', expect: {} }]];
  const [point, value] = Object.entries(first.expect)[0] ?? [];
  const otherValue = point === undefined ? [] : [[{ ...first, expect: { [point]: wrong(value ?? null) } }, ...others]];
  return [others, [{ ...first, at: '2020-01-01T00:00:00Z' }, ...others], ...otherValue];
}

function eventMutants(events: Vector['events']): NonNullable<Vector['events']>[] {
  if (events === undefined) return [];
  return events.length === 0
    ? [[{ type: 'other' }]]
    : [[], events.map((event) => ({ ...event, type: 'other' })), [...events, ...events]];
}

function wrong(value: Vector['expect'][string]): Vector['expect'][string] {
  if (typeof value === 'number') return value + 0.1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `${value}!`;
  return value === null ? 0 : { ...value, quality: value.quality === 'bad' ? 'good' : 'bad' };
}

describe('a vector that says something else', () => {
  const cases = all.flatMap(([id, { profile }]) =>
    profile.vectors.map((vector): [string, Profile, Vector] => [`${id}: ${vector.name}`, profile, vector]),
  );
  it.each(cases)('%s', (_name, profile, vector) => {
    expect(proveProfile(only(profile, vector))).toEqual([]);
    const survivors = mutants(vector).filter((mutant) => proveProfile(only(profile, mutant)).length === 0);
    expect(survivors).toEqual([]);
  });
});

describe('a variant', () => {
  const { profile } = profiles.get('chint.ddsu666') as LoadedProfile;
  it('is the profile with its patches, its own vectors and nothing else changed', () => {
    const variant = applyVariant(profile, 'fc03');
    expect(variant.defaults.table).toBe('holding');
    expect(variant.vectors.map(({ name }) => name)).toEqual(['the same value read with function 03']);
    expect({ ...variant, defaults: profile.defaults, vectors: profile.vectors }).toEqual(profile);
    expect(profile.defaults.table).toBe('input');
  });
  it('that does not exist is a broken promise', () => expect(() => applyVariant(profile, 'fc99')).toThrow(/no variant fc99/));
});
