import type { Quality } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import type {
  AskedTwice,
  DataSet,
  Form,
  ShareField,
  ShareRequest,
  ShareUse,
} from '@yihu/device-profiles/vocabulary/registry-share.ts';
import type { Doer, Within } from './areas-records.ts';

export interface NewDataSet {
  readonly id: string;
  readonly area: string;
  readonly name: string;
  readonly fields: readonly ShareField[];
  readonly basis: DataSet['basis'];
}

export interface NewShareRequest {
  readonly id: string;
  readonly dataSet: string;
  readonly consumer: string;
  readonly purpose: string;
  readonly basis: ShareRequest['basis'];
  readonly fields: readonly ShareField[];
}

export type Decision = {
  readonly to: 'approved' | 'refused' | 'ended';
  readonly reason: string | null;
  readonly untilAt: number | null;
};

/** What was made, or why not. */
export type Made<T> = { readonly value: T; readonly repeated: boolean } | 'not-found' | 'key-reused';

/** The sharing catalogue, forms, and what is known of the quality of it all; filtered by the scope. */
export interface ShareRecords {
  dataSets(scope: Within): Promise<readonly DataSet[]>;
  addDataSet(scope: Within, doer: Doer, wanted: NewDataSet, key: string): Promise<Made<DataSet>>;
  retireDataSet(scope: Within, id: string, version: number, at: number): Promise<DataSet | null | 'version'>;
  requests(scope: Within): Promise<readonly ShareRequest[]>;
  request(
    scope: Within,
    id: string,
  ): Promise<
    (ShareRequest & { readonly area: string; readonly offered: readonly ShareField[]; readonly retired: boolean }) | null
  >;
  addRequest(scope: Within, doer: Doer, wanted: NewShareRequest, key: string): Promise<Made<ShareRequest>>;
  /** False where its version or state is another by now. */
  decide(
    id: string,
    version: number,
    from: readonly ShareRequest['state'][],
    decision: Decision,
    by: string,
    at: number,
  ): Promise<boolean>;
  noteUse(request: string, use: ShareUse): Promise<void>;
  uses(request: string, limit: number): Promise<readonly ShareUse[]>;

  forms(scope: Within): Promise<readonly Form[]>;
  form(scope: Within, id: string): Promise<Form | null>;
  addForm(scope: Within, doer: Doer, wanted: Omit<Form, 'retiredAt'>, key: string, at: number): Promise<Made<Form>>;
  askedTwice(scope: Within, since: number): Promise<readonly AskedTwice[]>;
  quality(scope: Within, area: string, freshSince: number): Promise<readonly Quality[]>;
}
