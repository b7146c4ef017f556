import type { AreaDetail, AreaPage, Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { AreaPost, GridNotice, Post } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { GridPlan, GridProblem } from './grids.ts';

/** What the reader may see: area paths with everything below; the same as in the records. */
export interface Within {
  readonly areas: readonly string[];
}

export interface Doer {
  readonly id: string;
}

/** Why an area was not changed; `path` says which one it is about. */
export type AreaRefusal =
  | { readonly code: 'not-found' | 'version' | 'already-there' | 'key-reused'; readonly path: string }
  | { readonly code: 'grid'; readonly problem: GridProblem };

export type AreaResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: AreaRefusal };

export interface AreaChange {
  readonly name?: string | undefined;
  readonly position?: number | undefined;
  readonly shape?: Shape | null | undefined;
}

/** A cut of the grids, planned by `grids.ts` on the community as it is inside the transaction. */
export interface GridCut {
  readonly what: 'split' | 'merge' | 'assign';
  /** The grid it begins from; its version must still be `version`. */
  readonly grid: string;
  readonly version: number;
  readonly plan: (areas: readonly Area[]) => GridPlan;
  /** 划分: whoever may work in the old grid may work in the new one too, so that nobody loses sight of a house at night. */
  readonly copyGrants: boolean;
  readonly key: string;
}

export interface PostChange {
  readonly name?: string | undefined;
  readonly phone?: string | null | undefined;
  readonly photo?: Buffer | null | undefined;
  readonly user?: string | null | undefined;
  readonly fromAt?: number | undefined;
  readonly untilAt?: number | null | undefined;
}

export interface NewPost {
  readonly id: string;
  readonly area: string;
  readonly post: Post;
  readonly name: string;
  readonly phone: string | null;
  readonly photo: Buffer | null;
  readonly user: string | null;
  readonly fromAt: number;
  readonly untilAt: number | null;
}

export type NoticeData = Omit<GridNotice, 'people' | 'at'> & {
  readonly posts: readonly (Pick<AreaPost, 'area' | 'post' | 'name' | 'phone'> & {
    readonly places: string;
    readonly photo: Buffer | null;
  })[];
};

/** Areas, grids and posts in the database. Everything is filtered by the scope: what lies outside is not found. */
export interface AreaRecords {
  page(scope: Within, path: string): Promise<AreaPage | null>;
  /** The community that holds `path` with its grids and buildings; null where there is none in sight. */
  community(scope: Within, path: string): Promise<{ community: Area; areas: readonly Area[] } | null>;
  create(scope: Within, area: Area): Promise<AreaResult<AreaDetail>>;
  change(scope: Within, path: string, version: number, change: AreaChange): Promise<AreaResult<AreaDetail>>;
  cut(scope: Within, doer: Doer, cut: GridCut): Promise<AreaResult<{ areas: readonly Area[]; repeated: boolean }>>;

  posts(scope: Within, path: string, all: boolean): Promise<readonly AreaPost[]>;
  addPost(scope: Within, doer: Doer, post: NewPost, key: string): Promise<AreaResult<AreaPost>>;
  changePost(scope: Within, id: string, version: number, change: PostChange): Promise<AreaResult<AreaPost>>;
  notice(scope: Within, path: string, at: number): Promise<NoticeData | null>;
}
