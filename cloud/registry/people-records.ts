import type {
  Basis,
  IdKind,
  OccupancyRole,
  PersonDetail,
  PersonField,
  RevealField,
  Source,
  Tag,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { AreaPost } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Within } from './areas-records.ts';

/** `repeated`: a request with this key was carried out before. `refused`: `make` said no. */
export type Once = { readonly subject: string; readonly repeated: boolean } | 'key-reused' | 'refused';

/** A person as kept: what is a Buffer is sealed or a keyed hash. Times are ms since 1970 UTC. */
export interface StoredPerson {
  readonly id: string;
  readonly name: Buffer;
  readonly nameIndex: Buffer;
  readonly nameTokens: readonly string[];
  readonly idKind: IdKind | null;
  readonly idNumber: Buffer | null;
  readonly idIndex: Buffer | null;
  readonly phone: Buffer | null;
  readonly phoneIndex: Buffer | null;
  readonly sex: 'm' | 'f' | null;
  readonly birth: Buffer | null;
  readonly birthYear: number | null;
  readonly contact: Buffer | null;
  readonly needs: Buffer | null;
  readonly hasNeeds: boolean;
  readonly test: boolean;
}

export interface PersonPlace {
  readonly area: string;
  readonly label: string;
  readonly role: OccupancyRole;
  readonly current: boolean;
}

export interface FoundPerson extends StoredPerson {
  readonly places: readonly PersonPlace[];
  readonly tags: readonly Tag[];
  readonly mergedInto: string | null;
  readonly updatedAt: number;
  readonly version: number;
}

export interface StoredOccupancy {
  readonly id: string;
  readonly person: string;
  readonly area: string;
  readonly role: OccupancyRole;
  readonly organisation: string | null;
  readonly fromAt: number | null;
  readonly untilAt: number | null;
  readonly import: string | null;
}

/** One act of collecting. `again`: the fields that were known already when they were asked. */
export interface Collected {
  readonly subject: string;
  readonly fields: readonly PersonField[];
  readonly again: readonly PersonField[];
  readonly source: Source;
  readonly basis: Basis;
  readonly form: string | null;
  readonly import: string | null;
  readonly by: string;
  readonly at: number;
}

export type ChangeKind = PersonDetail['changes'][number]['kind'];

/** What a person's columns were before a change; still sealed, in base64 where they are bytes. */
export interface PersonChange {
  readonly person: string;
  readonly kind: ChangeKind;
  readonly fields: readonly string[];
  readonly before: Readonly<Record<string, unknown>>;
  /** The import or merge it belongs to. */
  readonly cause: string | null;
  readonly by: string;
  readonly at: number;
  /** The version the person had afterwards. */
  readonly version: number;
}

export interface StoredReveal {
  readonly id: string;
  readonly person: string;
  readonly fields: readonly RevealField[];
  readonly why: string;
  readonly note: Buffer | null;
  readonly incident: string | null;
  readonly by: string;
  readonly at: number;
}

/** What people are looked for by; conditions are all of them. */
export interface PersonQuery {
  readonly area?: string | undefined;
  readonly token?: string | undefined;
  readonly idIndex?: Buffer | undefined;
  readonly phoneIndex?: Buffer | undefined;
  readonly tag?: Tag | undefined;
  /** Whether those count who have moved out and live nowhere else here; they do where it is not said. */
  readonly current?: boolean | undefined;
  /** Only those with needs: for the workers of their area, or for an incident that is open and reaches them. */
  readonly needy?: 'care' | { readonly incident: string; readonly reach: string } | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface PersonHistory {
  readonly occupancies: readonly (StoredOccupancy & { readonly label: string; readonly organisationName: string | null })[];
  readonly collected: readonly Collected[];
  readonly changes: readonly (Omit<PersonChange, 'before' | 'person' | 'version'> & { readonly id: number })[];
  readonly reveals: number;
}

/** Where an open incident reaches: its building, or the area it is about. */
export interface IncidentReach {
  readonly area: string;
  readonly reach: string;
}

/**
 * People in the database, within one transaction. Whatever takes a scope finds only whom it covers by a current
 * occupancy, or by the last one of those who have none.
 */
export interface PeopleWork {
  find(scope: Within, query: PersonQuery): Promise<{ items: readonly FoundPerson[]; total: number; next: string | null }>;
  person(scope: Within, id: string): Promise<FoundPerson | null>;
  /** Those who are there, whoever asks: for what the registry does by itself. */
  byIds(ids: readonly string[]): Promise<readonly FoundPerson[]>;
  /** The same, held until the commit, so that of two who change it one waits. */
  hold(scope: Within, id: string): Promise<FoundPerson | null>;
  history(id: string): Promise<PersonHistory>;
  /** Null where there is no such incident open in the scope, or it is none that people are in danger of. */
  openIncident(scope: Within, id: string): Promise<IncidentReach | null>;
  /** Posts held at `at` on the area and on every area that holds it, the closest first. */
  postsOver(scope: Within, area: string, at: number): Promise<readonly AreaPost[]>;
  /** Rooms of the scope among these paths, with their labels. */
  rooms(scope: Within, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;

  insert(people: readonly StoredPerson[], at: number): Promise<void>;
  /** Writes the given columns and counts the version up. */
  update(id: string, change: Partial<Omit<StoredPerson, 'id'>>, at: number): Promise<void>;
  setTags(person: string, tags: readonly Tag[]): Promise<void>;
  addOccupancies(occupancies: readonly StoredOccupancy[]): Promise<void>;
  endOccupancy(id: string, untilAt: number): Promise<void>;
  /** Where these people are looked for follows from their occupancies; called after any change of them. */
  reseat(people: readonly string[]): Promise<void>;
  collect(acts: readonly Collected[]): Promise<void>;
  noteChanges(changes: readonly PersonChange[]): Promise<void>;
  noteReveal(reveal: StoredReveal): Promise<void>;
  /** How many reveals this reader made since; counted while no other of theirs is being made. */
  revealsSince(by: string, since: number): Promise<number>;
  once(command: { actor: string; key: string; about: string; at: number }, make: () => Promise<string | null>): Promise<Once>;
}

export interface PeopleRecords extends Pick<
  PeopleWork,
  'find' | 'person' | 'byIds' | 'history' | 'openIncident' | 'postsOver' | 'rooms'
> {
  /** One transaction, run again where the database asks for it. */
  atOnce<T>(run: (work: PeopleWork) => Promise<T>): Promise<T>;
}
