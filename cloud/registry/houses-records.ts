import type {
  OrganisationKind,
  OrganisationSummary,
  RoomDetail,
  RoomSummary,
  RoomUse,
} from '@yihu/device-profiles/vocabulary/registry-house.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Doer, Within } from './areas-records.ts';
import type { FoundPerson } from './people-records.ts';
import type { RoomTail } from './search.ts';

export interface RoomChange {
  readonly floor?: string | null | undefined;
  readonly squareMetres?: number | null | undefined;
  readonly use?: RoomUse | undefined;
}

export interface StoredOrganisation {
  readonly id: string;
  readonly area: string;
  readonly name: string;
  readonly kind: OrganisationKind;
  readonly creditCode: string | null;
  /** Sealed: a name and a telephone. */
  readonly contact: Buffer | null;
  /** Name, pinyin and initials, lower case. */
  readonly search: string;
}

export interface FoundOrganisation extends OrganisationSummary {
  readonly contact: Buffer | null;
}

type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What is given is written; null clears what may be empty. */
export type OrganisationChange = Given<Omit<StoredOrganisation, 'id' | 'area'>> & {
  readonly closedAt?: number | null | undefined;
};

export type RoomFacts = Omit<RoomDetail, 'people' | 'organisations'> & { readonly organisations: readonly OrganisationSummary[] };

/** Houses and organisations in the database; filtered by the scope. */
export interface HouseRecords {
  /** Communities in sight: what the first word of a search may be. */
  communities(scope: Within): Promise<readonly Pick<Area, 'path' | 'name'>[]>;
  findRooms(scope: Within, below: readonly string[], tail: RoomTail, limit: number): Promise<readonly RoomSummary[]>;
  listRooms(
    scope: Within,
    query: { area: string; after?: string | undefined; limit: number },
  ): Promise<{ items: readonly RoomSummary[]; total: number; next: string | null }>;
  room(scope: Within, path: string): Promise<RoomFacts | null>;
  /** Null where there is no such house; false where its version is another. */
  changeRoom(scope: Within, path: string, version: number, change: RoomChange): Promise<boolean | null>;

  findOrganisations(
    scope: Within,
    below: readonly string[],
    word: string,
    limit: number,
  ): Promise<readonly OrganisationSummary[]>;
  organisation(scope: Within, id: string): Promise<FoundOrganisation | null>;
  /** People who work there now. */
  staff(scope: Within, organisation: string): Promise<readonly FoundPerson[]>;
  addOrganisation(
    scope: Within,
    doer: Doer,
    organisation: StoredOrganisation,
    key: string,
  ): Promise<{ id: string; repeated: boolean } | 'not-found' | 'key-reused'>;
  changeOrganisation(scope: Within, id: string, version: number, change: OrganisationChange): Promise<boolean | null>;
}
