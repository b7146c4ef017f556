import type { DoubleReason, Erased } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import type { Within } from './areas-records.ts';
import type { FoundPerson, PeopleWork, StoredReveal } from './people-records.ts';

export interface FoundPair {
  readonly a: FoundPerson;
  readonly b: FoundPerson;
  readonly reasons: readonly DoubleReason[];
}

export interface StoredMerge {
  readonly id: string;
  readonly kept: string;
  readonly gone: string;
  /** Occupancies that went over to the kept one. */
  readonly moved: readonly string[];
  readonly undoneAt: number | null;
}

/** Bringing together and taking apart, in one transaction with the rest of the person. */
export interface MergeWork extends PeopleWork {
  /** Both held until the commit, always in the same order, whoever asks for whom first. */
  holdBoth(scope: Within, a: string, b: string): Promise<readonly [FoundPerson | null, FoundPerson | null]>;
  /** The stays of `gone` that `kept` does not have go over; `gone` is found no more. Returns which went. */
  join(kept: string, gone: string, at: number): Promise<readonly string[]>;
  noteMerge(merge: StoredMerge, by: string, at: number): Promise<void>;
  merge(id: string): Promise<StoredMerge | null>;
  /** `gone` stands by itself again, with the stays that went over. */
  part(merge: StoredMerge, at: number): Promise<void>;
  /** What the merge changed of the kept one, and the fields somebody has changed since. */
  mergeChange(merge: string, kept: string): Promise<{ before: Readonly<Record<string, unknown>>; since: readonly string[] }>;
  /** Everything of this person and of those merged into it. */
  erase(id: string, at: number): Promise<Pick<Erased, 'removed' | 'remains'>>;
  revealsOf(id: string): Promise<readonly Omit<StoredReveal, 'note'>[]>;
}

export interface MergeRecords {
  pairs(scope: Within, area: string | undefined, limit: number): Promise<readonly FoundPair[]>;
  dismiss(a: string, b: string, by: string, at: number): Promise<void>;
  atOnce<T>(run: (work: MergeWork) => Promise<T>): Promise<T>;
}
