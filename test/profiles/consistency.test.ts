import { describe, expect, it } from 'vitest';
import { loadLibrary } from '@yihu/device-profiles/library/load.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import { Quantity, quantityFacts } from '@yihu/device-profiles/vocabulary/quantities.ts';
import { isConvertible } from '@yihu/device-profiles/vocabulary/units.ts';
import { categories, type Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

const { profiles } = await loadLibrary();
const all: Profile[] = [...profiles.values()].map(({ profile }) => profile);

interface Use {
  readonly profile: string;
  readonly point: Point;
}

/** Every point name with the profiles that have it. */
const uses = new Map<string, Use[]>();
for (const profile of all)
  for (const [id, point] of Object.entries(profile.points))
    uses.set(id, [...(uses.get(id) ?? []), { profile: profile.id, point }]);

/** Two and two characters of a Chinese name: 门磁状态 is 门磁, 磁状, 状态. */
const pairs = (name: string) => new Set(Array.from({ length: Math.max(name.length - 1, 1) }, (_, at) => name.slice(at, at + 2)));

const told = (by: (use: Use) => string, of: readonly Use[]) => [...new Set(of.map(by))];

describe('one name means one thing in the whole library', () => {
  it.each([...uses])('%s: one unit, and one kind of value', (_id, of) => {
    // A number without a unit is a bare number.
    expect(told(({ point }) => point.unit ?? '1', of)).toHaveLength(1);
    expect(told(({ point }) => point.kind, of)).toHaveLength(1);
  });
  it.each([...uses])('%s: its Chinese names have a word in common', (_id, of) => {
    const [first = new Set<string>(), ...others] = of.map(({ point }) => pairs(point.name.zh));
    const common = others.reduce((left, next) => new Set([...left].filter((pair) => next.has(pair))), first);
    expect([...common], told(({ profile, point }) => `${profile}: ${point.name.zh}`, of).join('\n')).not.toEqual([]);
  });
});

describe('what is chosen from where a profile is made beside its device', () => {
  it.each(Quantity.options)('%s: is called, counted and kept as in the library', (id) => {
    const { zh, units, counter } = quantityFacts(id);
    const of = uses.get(id) ?? [];
    expect(of).not.toEqual([]);
    expect(told(({ point }) => point.unit ?? '1', of)).toEqual([units[0]]);
    expect(told(({ point }) => point.kind, of)).toEqual([counter === true ? 'counter' : 'gauge']);
    for (const unit of units) expect(isConvertible(units[0], unit) || isShareOf(unit)).toBe(true);
    const common = of.reduce((left, { point }) => new Set([...left].filter((pair) => pairs(point.name.zh).has(pair))), pairs(zh));
    expect([...common]).not.toEqual([]);
  });
});

/** Of a gas: shares of its explosive limit and of the air are two scales that displays both have. */
const isShareOf = (unit: string) => unit === '%LEL' || unit === 'ppm' || unit === '%vol';

describe('what people read', () => {
  it.each(all.map((profile) => [profile.id, profile] as const))('%s: is there in Chinese and in English', (_id, profile) => {
    const texts = [
      profile.name,
      profile.maker,
      ...[profile.points, profile.alarms, profile.commands, profile.params].flatMap((part) =>
        Object.values(part).map(({ name }) => name),
      ),
      ...Object.values(profile.events),
    ];
    for (const { zh, en } of texts) {
      expect(zh, en).toMatch(/\S/);
      expect(en, zh).toMatch(/^[\x20-\x7E°²³µ–’“”‘½·×≥≤Ωü]+$/u);
    }
    for (const { name } of Object.values(profile.alarms)) expect(name.zh, name.en).toMatch(/\p{Script=Han}/u);
  });
});

describe('the classes of devices', () => {
  it.each([...categories])('%s has a profile', (category) =>
    expect(all.filter((profile) => profile.category === category)).not.toEqual([]),
  );
  it('are those of seventy-five profiles or more', () => expect(all.length).toBeGreaterThanOrEqual(75));
});
