import { type AreaKind, areaKinds, isWithin } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Coverage } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';

/** A subtree that goes from one path to another; where the target is there already, the two become one. */
export interface AreaMove {
  readonly from: string;
  readonly to: string;
}

/** Why the grids cannot be cut like this; `path` is the area it is about. */
export interface GridProblem {
  readonly code: 'not-a-grid' | 'not-a-building' | 'another-community' | 'path-taken' | 'nothing-left' | 'same-grid';
  readonly path: string;
}

export type GridPlan =
  | { readonly ok: true; readonly create: readonly Area[]; readonly moves: readonly AreaMove[] }
  | { readonly ok: false; readonly problem: GridProblem };

export function codeOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function parentOf(path: string): string | null {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null;
}

/** True where an area of `kind` may stand directly below one of `parent`: levels may be left out, never turned round. */
export function mayStandBelow(kind: AreaKind, parent: AreaKind | null): boolean {
  return parent === null || areaKinds.indexOf(kind) > areaKinds.indexOf(parent);
}

/** The path of the community an area lies in, itself included; null above one. `areas` holds the community's row. */
export function communityOf(areas: readonly Area[], path: string): Area | null {
  return areas.find((area) => area.kind === 'community' && isWithin(area.path, path)) ?? null;
}

const buildingsBelow = (areas: readonly Area[], path: string): Area[] =>
  areas.filter((area) => area.kind === 'building' && isWithin(path, area.path));

/** `areas`: the community with everything below it, at least down to its buildings. */
export function coverageOf(community: Area, areas: readonly Area[]): Coverage {
  const grids = areas.filter((area) => area.kind === 'grid' && isWithin(community.path, area.path));
  const buildings = buildingsBelow(areas, community.path);
  const inGrid = (building: Area) => grids.some((grid) => isWithin(grid.path, building.path));
  const byCode = new Map<string, string[]>();
  for (const { path } of buildings) byCode.set(codeOf(path), [...(byCode.get(codeOf(path)) ?? []), path]);
  const doubled = [...byCode].filter(([, paths]) => paths.length > 1).map(([code, paths]) => ({ code, paths }));
  const uncovered = buildings.filter((building) => !inGrid(building));
  const empty = grids.filter((grid) => buildingsBelow(areas, grid.path).length === 0);
  const complete = uncovered.length === 0 && doubled.length === 0;
  return { community, buildings: buildings.length, uncovered, doubled, empty, complete };
}

/** 划分: a new grid beside `grid` takes some of its buildings; at least one stays. */
export function planSplit(areas: readonly Area[], grid: string, split: Cut): GridPlan {
  const old = areas.find((area) => area.path === grid);
  if (old?.kind !== 'grid') return problem('not-a-grid', grid);
  const path = `${parentOf(grid) ?? ''}/${split.code}`;
  if (areas.some((area) => area.path === path)) return problem('path-taken', path);
  const moving = new Set(split.buildings);
  const stranger = split.buildings.find((one) => !buildingsBelow(areas, grid).some((building) => building.path === one));
  if (stranger !== undefined) return problem('not-a-building', stranger);
  if (buildingsBelow(areas, grid).every((building) => moving.has(building.path))) return problem('nothing-left', grid);
  const create: Area = { path, parent: old.parent, kind: 'grid', name: split.name };
  return { ok: true, create: [create], moves: [...moving].map((from) => ({ from, to: `${path}/${codeOf(from)}` })) };
}

interface Cut {
  readonly code: string;
  readonly name: string;
  readonly buildings: readonly string[];
}

/** 合并: everything of `grid` goes to `into`, which lies in the same community; `grid` is no more. */
export function planMerge(areas: readonly Area[], grid: string, into: string): GridPlan {
  for (const path of [grid, into]) {
    if (areas.find((area) => area.path === path)?.kind !== 'grid') return problem('not-a-grid', path);
  }
  if (grid === into) return problem('same-grid', grid);
  const community = communityOf(areas, grid);
  if (community === null || !isWithin(community.path, into)) return problem('another-community', into);
  return { ok: true, create: [], moves: [{ from: grid, to: into }] };
}

/** 归属: buildings of the same community, in another grid or in none yet, come to `grid`. */
export function planAssign(areas: readonly Area[], grid: string, buildings: readonly string[]): GridPlan {
  if (areas.find((area) => area.path === grid)?.kind !== 'grid') return problem('not-a-grid', grid);
  const community = communityOf(areas, grid);
  const moves: AreaMove[] = [];
  for (const from of new Set(buildings)) {
    if (areas.find((area) => area.path === from)?.kind !== 'building') return problem('not-a-building', from);
    if (community === null || !isWithin(community.path, from)) return problem('another-community', from);
    const to = `${grid}/${codeOf(from)}`;
    if (from !== to) moves.push({ from, to });
  }
  return { ok: true, create: [], moves };
}

function problem(code: GridProblem['code'], path: string): GridPlan {
  return { ok: false, problem: { code, path } };
}

/** Where a path is after the moves: itself, or with the moved beginning replaced. */
export function moved(path: string, moves: readonly AreaMove[]): string {
  const move = moves.find(({ from }) => isWithin(from, path));
  return move ? move.to + path.slice(move.from.length) : path;
}

/** The tree after a plan, as the database makes it: two areas that meet at one path become one. */
export function carriedOut(areas: readonly Area[], plan: { create: readonly Area[]; moves: readonly AreaMove[] }): Area[] {
  const result = new Map(plan.create.map((area) => [area.path, area]));
  for (const area of areas) if (moved(area.path, plan.moves) === area.path) result.set(area.path, area);
  for (const area of areas) {
    const path = moved(area.path, plan.moves);
    if (!result.has(path)) result.set(path, { ...area, path, parent: parentOf(path) });
  }
  return [...result.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
