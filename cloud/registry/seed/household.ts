import type { Need, OccupancyRole, Sex, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { checkCharacter, testProvince } from '../id-number.ts';
import type { PlainPerson } from '../person-check.ts';
import { fullName, surname } from './names.ts';
import type { Picker } from './pick.ts';

/** Somebody who does not exist. */
export interface SeedPerson {
  readonly id: string;
  readonly plain: PlainPerson;
  readonly tags: readonly Tag[];
  readonly area: string;
  readonly role: OccupancyRole;
}

/**
 * 160 is a range no operator was given: a number that begins with it rings nowhere. Eight digits follow, so that no two
 * of a street are alike.
 */
const testPhonePrefix = '160';

/**
 * A household of `count`. Identity numbers are right in every part but the first: their province code was never given
 * out, so none of them can be anybody's, and the registry takes none like it from a person.
 */
export function seedHousehold(pick: Picker, area: string, count: number, serial: number, thisYear: number): SeedPerson[] {
  const isLet = pick.sometimes(0.25);
  const family = surname(pick);
  // Who lives alone is often old; a couple with children is not.
  const headAge = count === 1 ? (pick.sometimes(0.4) ? pick.between(66, 94) : pick.between(23, 65)) : pick.between(28, 78);
  return Array.from({ length: count }, (_, nth) => {
    const sex: Sex = nth === 0 ? pick.one(['m', 'f']) : nth === 1 ? pick.one(['f', 'f', 'm']) : pick.one(['m', 'f']);
    const age = ageOf(pick, nth, headAge);
    const own = nth === 0 || nth > 1 ? family : surname(pick);
    const role: OccupancyRole = nth > 0 ? 'family' : isLet ? 'tenant' : 'owner';
    const plain = seedPerson(pick, {
      name: fullName(pick, sex, own),
      sex,
      age,
      alone: count === 1,
      serial: serial + nth,
      thisYear,
    });
    const tags: Tag[] =
      age >= 18 && age < 70 && pick.sometimes(0.04)
        ? ['volunteer', pick.one(['first-aid', 'medical', 'electrician', 'driver', 'lifting'])]
        : [];
    return { id: `p-seed-${pick.hex(20)}`, plain, tags, area, role };
  });
}

function ageOf(pick: Picker, nth: number, headAge: number): number {
  if (nth === 0) return headAge;
  if (nth === 1) return Math.max(20, headAge + pick.between(-6, 4));
  if (nth === 2) return Math.max(0, headAge - pick.between(24, 36));
  return Math.max(0, nth === 3 ? headAge - pick.between(24, 40) : headAge + pick.between(22, 30));
}

interface Seed {
  readonly name: string;
  readonly sex: Sex;
  readonly age: number;
  readonly alone: boolean;
  readonly serial: number;
  readonly thisYear: number;
}

function seedPerson(pick: Picker, { name, sex, age, alone, serial, thisYear }: Seed): PlainPerson {
  const birth = `${thisYear - age}-${two(pick.between(1, 12))}-${two(pick.between(1, 28))}`;
  const seventeen = `${testProvince}${String(serial % 10_000).padStart(4, '0')}${birth.replaceAll('-', '')}${orderOf(pick, sex)}`;
  const needs = needsOf(pick, age, alone);
  const contact =
    needs.length > 0
      ? {
          name: `${name.slice(0, 1)}${pick.one(['强', '伟', '丽', '敏'])}`,
          phone: phoneOf(serial + 50_000_000),
          relation: pick.one(['儿子', '女儿', '侄子', '邻居']),
        }
      : null;
  return {
    name,
    idKind: 'resident',
    idNumber: seventeen + checkCharacter(seventeen),
    phone: age >= 12 && !pick.sometimes(0.05) ? phoneOf(serial) : null,
    sex,
    birth,
    contact,
    needs,
  };
}

const two = (number: number): string => String(number).padStart(2, '0');

export function phoneOf(serial: number): string {
  return testPhonePrefix + String(serial).padStart(8, '0');
}

function orderOf(pick: Picker, sex: Sex): string {
  const order = pick.between(0, 499) * 2 + (sex === 'm' ? 1 : 0);
  return String(order).padStart(3, '0');
}

function needsOf(pick: Picker, age: number, alone: boolean): Need[] {
  const needs = new Set<Need>();
  if (age >= 70 && alone) needs.add('alone');
  if (age >= 80 && pick.sometimes(0.5)) needs.add('frail');
  if (age >= 70 && pick.sometimes(0.12)) needs.add(pick.one(['oxygen', 'wheelchair', 'bedridden', 'dementia', 'deaf']));
  if (age < 70 && pick.sometimes(0.006)) needs.add(pick.one(['wheelchair', 'blind', 'deaf', 'dialysis', 'pregnant']));
  if (age <= 2) needs.add('infant');
  return [...needs].sort();
}
