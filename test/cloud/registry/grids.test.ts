import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import {
  carriedOut,
  codeOf,
  coverageOf,
  type GridPlan,
  planAssign,
  planMerge,
  planSplit,
} from '../../../cloud/registry/grids.ts';

const community: Area = { path: 's/c', parent: 's', kind: 'community', name: '社区' };
const area = (path: string, kind: Area['kind'], name = path): Area => ({
  path,
  parent: path.slice(0, path.lastIndexOf('/')),
  kind,
  name,
});

/** Grids g0…, each with buildings of its own, every second building with a stairwell and a flat. */
const tree = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 }).map((sizes) => {
  let nth = 0;
  return [
    community,
    ...sizes.flatMap((size, grid) => [
      area(`s/c/g${grid}`, 'grid'),
      ...Array.from({ length: size }, () => {
        const building = `s/c/g${grid}/${nth++}`;
        const inner = [area(`${building}/1`, 'unit'), area(`${building}/1/101`, 'room')];
        return [area(building, 'building'), ...(nth % 2 === 0 ? inner : [])];
      }).flat(),
    ]),
  ];
});

/** What somebody does with the grids, by numbers that are folded onto what is there. */
const act = fc.record({
  what: fc.constantFrom('split', 'merge', 'assign'),
  grid: fc.nat(),
  other: fc.nat(),
  chosen: fc.array(fc.nat(), { maxLength: 5 }),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

function planFor(areas: readonly Area[], { what, grid, other, chosen }: Act, nth: number): GridPlan {
  const grids = areas.filter(({ kind }) => kind === 'grid').map(({ path }) => path);
  const pick = (list: readonly string[], number: number) => list[number % Math.max(1, list.length)] ?? 'none';
  const from = pick(grids, grid);
  if (what === 'merge') return planMerge(areas, from, pick(grids, other));
  const pool = areas.filter(({ kind, path }) => kind === 'building' && (what === 'assign' || path.startsWith(`${from}/`)));
  const buildings = chosen.map((number) =>
    pick(
      pool.map(({ path }) => path),
      number,
    ),
  );
  if (what === 'assign') return planAssign(areas, from, buildings);
  return planSplit(areas, from, { code: `n${nth}`, name: '新网格', buildings });
}

/** Everything below a building, by the building's code: what must survive any cut. */
function contents(areas: readonly Area[]): string[] {
  return areas
    .filter(({ kind }) => kind !== 'grid' && kind !== 'community')
    .map(({ path }) => path.split('/').slice(3).join('/'))
    .sort();
}

describe('cutting grids', () => {
  it('keeps every building in exactly one grid, and every flat in its building, whatever is done', () => {
    fc.assert(
      fc.property(tree, fc.array(act, { maxLength: 12 }), (start, acts) => {
        let areas: readonly Area[] = start;
        acts.forEach((one, nth) => {
          const plan = planFor(areas, one, nth);
          if (plan.ok) areas = carriedOut(areas, plan);
        });
        const coverage = coverageOf(community, areas);
        expect(coverage).toMatchObject({ complete: true, uncovered: [], doubled: [] });
        expect(contents(areas)).toEqual(contents(start));
        for (const { path, parent } of areas) if (path !== 's/c') expect(areas.map((one) => one.path)).toContain(parent);
      }),
      { numRuns: 300 },
    );
  });

  it('does what it says: a split leaves the rest, a merge leaves no grid behind', () => {
    const areas = [
      community,
      area('s/c/g1', 'grid'),
      area('s/c/g1/1', 'building'),
      area('s/c/g1/2', 'building'),
      area('s/c/g1/2/1', 'unit'),
    ];
    const split = planSplit(areas, 's/c/g1', { code: 'g2', name: '第二网格', buildings: ['s/c/g1/2'] });
    if (!split.ok) throw new Error(split.problem.code);
    const after = carriedOut(areas, split);
    expect(after.map(({ path }) => path)).toEqual(['s/c', 's/c/g1', 's/c/g1/1', 's/c/g2', 's/c/g2/2', 's/c/g2/2/1']);
    expect(after.find(({ path }) => path === 's/c/g2/2/1')?.parent).toBe('s/c/g2/2');
    const merge = planMerge(after, 's/c/g2', 's/c/g1');
    if (!merge.ok) throw new Error(merge.problem.code);
    expect(carriedOut(after, merge).map(({ path }) => path)).toEqual(areas.map(({ path }) => path));
  });

  it('names what is in no grid, what is in two, and grids without a house', () => {
    const areas = [
      community,
      area('s/c/g1', 'grid'),
      area('s/c/g1/1', 'building'),
      area('s/c/g2', 'grid'),
      area('s/c/g2/1', 'building'),
      area('s/c/9', 'building'),
      area('s/c/g3', 'grid'),
    ];
    const { uncovered, doubled, empty, complete, buildings } = coverageOf(community, areas);
    expect({ complete, buildings }).toEqual({ complete: false, buildings: 3 });
    expect(uncovered.map(({ path }) => path)).toEqual(['s/c/9']);
    expect(doubled).toEqual([{ code: '1', paths: ['s/c/g1/1', 's/c/g2/1'] }]);
    expect(empty.map(({ path }) => path)).toEqual(['s/c/g3']);
    const assigned = planAssign(areas, 's/c/g3', ['s/c/9', 's/c/g2/1']);
    if (!assigned.ok) throw new Error(assigned.problem.code);
    const after = carriedOut(areas, assigned);
    expect(after.filter(({ kind }) => kind === 'building').map(({ path }) => path)).toEqual(['s/c/g1/1', 's/c/g3/1', 's/c/g3/9']);
    expect(codeOf('s/c/g3/9')).toBe('9');
  });

  it.each([
    [
      'a house that is not of the grid',
      (all: Area[]) => planSplit(all, 's/c/g1', { code: 'n', name: 'n', buildings: ['s/c/g2/2'] }),
      'not-a-building',
    ],
    ['all houses', (all: Area[]) => planSplit(all, 's/c/g1', { code: 'n', name: 'n', buildings: ['s/c/g1/1'] }), 'nothing-left'],
    [
      'a code that is taken',
      (all: Area[]) => planSplit(all, 's/c/g1', { code: 'g2', name: 'n', buildings: ['s/c/g1/1'] }),
      'path-taken',
    ],
    ['a community', (all: Area[]) => planMerge(all, 's/c', 's/c/g1'), 'not-a-grid'],
    ['a grid into itself', (all: Area[]) => planMerge(all, 's/c/g1', 's/c/g1'), 'same-grid'],
    ['a grid of elsewhere', (all: Area[]) => planMerge(all, 's/c/g1', 's/d/g1'), 'another-community'],
    ['a flat', (all: Area[]) => planAssign(all, 's/c/g1', ['s/c/g2/2/1']), 'not-a-building'],
    ['a house of elsewhere', (all: Area[]) => planAssign(all, 's/c/g1', ['s/d/g1/5']), 'another-community'],
  ])('refuses %s', (_name, plan, code) => {
    const all = [
      community,
      area('s/c/g1', 'grid'),
      area('s/c/g1/1', 'building'),
      area('s/c/g2', 'grid'),
      area('s/c/g2/2', 'building'),
      area('s/c/g2/2/1', 'room'),
      area('s/d', 'community'),
      area('s/d/g1', 'grid'),
      area('s/d/g1/5', 'building'),
    ];
    expect(plan(all)).toMatchObject({ ok: false, problem: { code } });
  });
});
