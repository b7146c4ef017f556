import type { ImportCounts, ImportPlan, ImportRow, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Within } from './areas-records.ts';
import type { FoundPerson, PeopleWork } from './people-records.ts';

export interface NewImport {
  readonly id: string;
  readonly area: string;
  readonly hash: Buffer;
  readonly columns: ImportView['columns'];
  readonly by: string;
  readonly at: number;
}

export interface SealedRow {
  readonly number: number;
  readonly cells: Buffer;
}

export interface RowOutcome {
  readonly number: number;
  readonly outcome: NonNullable<ImportRow['outcome']>;
  readonly person: string | null;
  readonly issues: ImportRow['issues'];
}

/** What people of a batch are matched by. All lists belong together by place. */
export interface MatchKeys {
  readonly ids: readonly Buffer[];
  readonly phones: readonly Buffer[];
  readonly houses: readonly { readonly area: string; readonly nameIndex: Buffer }[];
}

export interface Undone {
  readonly people: number;
  readonly kept: number;
  readonly houses: number;
}

/** Imports within a transaction that also changes people. */
export interface ImportWork extends PeopleWork {
  /** One import at a time in the whole registry; the state of this one, now that nobody else is at it. */
  alone(id: string): Promise<ImportView['state']>;
  /** Everything below the area of an import. */
  areasBelow(area: string): Promise<readonly Area[]>;
  putAreas(areas: readonly Area[]): Promise<void>;
  /** Everybody in the scope one of the keys fits. */
  match(scope: Within, keys: MatchKeys): Promise<readonly FoundPerson[]>;
  addTags(rows: readonly { readonly person: string; readonly tag: string }[]): Promise<void>;
  finish(
    id: string,
    change: {
      state: ImportView['state'];
      counts?: ImportCounts;
      plan?: ImportPlan;
      areas?: readonly string[];
      undone?: Undone;
      at: number;
    },
  ): Promise<void>;
  noteRows(id: string, rows: readonly RowOutcome[]): Promise<void>;
  /** Takes back what the import changed, where nobody has changed it since. */
  takeBack(id: string, at: number): Promise<Undone>;
}

export interface ImportRecords {
  import(scope: Within, id: string): Promise<ImportView | null>;
  imports(scope: Within): Promise<readonly ImportView[]>;
  open(wanted: NewImport): Promise<void>;
  addRows(id: string, rows: readonly SealedRow[]): Promise<void>;
  staged(id: string, rows: number): Promise<void>;
  /** Gives up an import that was not taken in; what it held is gone. */
  drop(id: string): Promise<void>;
  /** Forgets tables that nobody took in: what a stranger's file holds is not kept for later. */
  dropOld(before: number): Promise<number>;
  sealedRows(id: string, after: number, limit: number): Promise<readonly SealedRow[]>;
  rows(
    id: string,
    query: { outcome?: ImportRow['outcome'] | undefined; after: number; limit: number },
  ): Promise<{ items: readonly ImportRow[]; total: number; next: string | null }>;
  atOnce<T>(run: (work: ImportWork) => Promise<T>): Promise<T>;
}
