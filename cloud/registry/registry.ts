import { createForms, type Forms } from './forms.ts';
import { createHouses, type Houses } from './houses.ts';
import type { HouseRecords } from './houses-records.ts';
import type { ImportRecords } from './import-records.ts';
import { createImports, type Imports } from './imports.ts';
import { createMerges, type MergeDesk, type Merges } from './merges.ts';
import { createPeople, type People } from './people.ts';
import { createReach, type Reach } from './reach.ts';
import { createReveals, type Reveals } from './reveal.ts';
import { createSharing, type ShareDesk, type Sharing } from './sharing.ts';
import { createSubjectRights, type SubjectRights } from './subject-rights.ts';

/** 人房单位: what the pages may ask of people, houses and organisations. */
export interface Registry {
  readonly people: People;
  readonly reveals: Reveals;
  readonly houses: Houses;
  readonly imports: Imports;
  readonly merges: Merges;
  readonly rights: SubjectRights;
  readonly sharing: Sharing;
  readonly forms: Forms;
  readonly reach: Reach;
}

export interface RegistryDesk extends MergeDesk, ShareDesk {
  readonly houses: HouseRecords;
  readonly imports: ImportRecords;
}

export function createRegistry(desk: RegistryDesk): Registry {
  return {
    people: createPeople(desk),
    reveals: createReveals(desk),
    houses: createHouses(desk),
    imports: createImports(desk),
    merges: createMerges(desk),
    rights: createSubjectRights(desk),
    sharing: createSharing(desk),
    forms: createForms(desk),
    reach: createReach(desk),
  };
}
