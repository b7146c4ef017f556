import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Chance } from '../../random.ts';
import { knownFields } from '../people.ts';
import type { Collected, PersonChange, StoredOccupancy, StoredPerson } from '../people-records.ts';
import { sealPerson } from '../person-sealing.ts';
import type { Sealer } from '../sealing.ts';
import { seedHousehold, type SeedPerson } from './household.ts';
import { type Picker, picker } from './pick.ts';
import { type SeedDevice, seedDevices, type SeedOrganisation, seedOrganisations, type SeedPost, seedPosts } from './things.ts';
import { type SeedGrid, type SeedSize, seedTree, share } from './tree.ts';

/** People as they are written, some thousands at a time. */
export interface SeedBatch {
  readonly people: readonly StoredPerson[];
  readonly tags: readonly { readonly person: string; readonly tag: string }[];
  readonly occupancies: readonly StoredOccupancy[];
  readonly collected: readonly Collected[];
  readonly changes: readonly PersonChange[];
}

/** Everything of a street but its people, who come in batches. */
export interface SeedStreet {
  readonly areas: readonly Area[];
  readonly posts: readonly SeedPost[];
  readonly gateways: readonly { readonly id: string; readonly area: string; readonly name: string }[];
  readonly devices: readonly SeedDevice[];
  readonly organisations: readonly SeedOrganisation[];
  people(): Generator<SeedBatch>;
}

interface Seeding {
  readonly chance: Chance;
  readonly sealer: Sealer;
  readonly street: string;
  readonly size: SeedSize;
  readonly at: number;
}

const batchHouseholds = 800;
const by = 'seed';

/** 一个街道: the same for the same seed, but for what sealing adds. */
export function seedStreet({ chance, sealer, street, size, at }: Seeding): SeedStreet {
  const pick = picker(chance);
  const { areas, grids } = seedTree(pick, street, size);
  const posts = seedPosts(pick, grids, at);
  const organisations = seedOrganisations(pick, grids);
  return {
    areas,
    posts,
    organisations,
    ...seedDevices(grids, size.devices),
    people: () => people(pick, grids, { sealer, size, at }),
  };
}

function* people(
  pick: Picker,
  grids: readonly SeedGrid[],
  { sealer, size, at }: Pick<Seeding, 'sealer' | 'size' | 'at'>,
): Generator<SeedBatch> {
  const thisYear = new Date(at).getUTCFullYear();
  const counts = householdSizes(pick, size);
  let serial = 0;
  let batch: SeedPerson[] = [];
  let households = 0;
  for (const room of grids.flatMap(({ rooms }) => rooms)) {
    const count = counts[households] ?? 0;
    batch.push(...seedHousehold(pick, room, count, serial, thisYear));
    serial += count;
    households += 1;
    if (households % batchHouseholds !== 0 && households !== size.households) continue;
    yield written(sealer, batch, at);
    batch = [];
  }
}

/** Between none and seven in a household, exactly `people` in all. */
function householdSizes(pick: Picker, { households, people: total }: SeedSize): number[] {
  const sizes = share(total, households);
  // Take from one and give to another: the sum stays, the spread comes.
  for (let turn = 0; turn < households * 2; turn += 1) {
    const [from, to] = [pick.between(0, households - 1), pick.between(0, households - 1)];
    if ((sizes[from] ?? 0) === 0 || (sizes[to] ?? 0) >= 7 || from === to) continue;
    sizes[from] = (sizes[from] ?? 0) - 1;
    sizes[to] = (sizes[to] ?? 0) + 1;
  }
  return sizes;
}

function written(sealer: Sealer, batch: readonly SeedPerson[], at: number): SeedBatch {
  const common = { source: 'property', basis: 'duty', form: null, import: null, by, at } as const;
  const fields = batch.map(({ plain, tags }) => [...knownFields(plain, tags), 'occupancy' as const]);
  return {
    people: batch.map(({ id, plain }) => sealPerson(sealer, id, plain, true)),
    tags: batch.flatMap(({ id, tags }) => tags.map((tag) => ({ person: id, tag }))),
    occupancies: batch.map(({ id, area, role }) => {
      return {
        id: id.replace('p-', 'o-'),
        person: id,
        area,
        role,
        organisation: null,
        fromAt: null,
        untilAt: null,
        import: null,
      };
    }),
    collected: batch.map(({ id }, nth) => ({ subject: id, fields: fields[nth] ?? [], again: [], ...common })),
    changes: batch.map(({ id }, nth) => ({
      person: id,
      kind: 'made' as const,
      fields: fields[nth] ?? [],
      before: {},
      cause: null,
      by,
      at,
      version: 1,
    })),
  };
}
