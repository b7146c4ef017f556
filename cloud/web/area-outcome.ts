import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { AreaResult, GridProblem } from './needs.ts';
import { Refusal } from './problem.ts';

const gridSentences: Readonly<Record<GridProblem['code'], (path: string) => Text>> = {
  'not-a-grid': (path) => ({ zh: `${path} 不是网格，请重新选择。`, en: `${path} is not a grid; choose again.` }),
  'not-a-building': (path) => ({
    zh: `${path} 不是这里的楼栋，请刷新后重新选择。`,
    en: `${path} is no building of this place; reload and choose again.`,
  }),
  'another-community': (path) => ({
    zh: `${path} 在另一个社区；网格只能在同一社区内调整。`,
    en: `${path} is in another community; grids are cut within one community.`,
  }),
  'path-taken': (path) => ({ zh: `${path} 已存在，请换一个编号。`, en: `${path} exists already; choose another code.` }),
  'nothing-left': (path) => ({
    zh: `${path} 至少要留一栋楼；要全部移走请用合并。`,
    en: `At least one building stays in ${path}; to move all of them, merge it.`,
  }),
  'same-grid': (path) => ({
    zh: `${path} 不能并入自己，请选另一个网格。`,
    en: `${path} cannot be merged into itself; choose another grid.`,
  }),
};

/** The value, or the refusal as a problem with a sentence that names the area. */
export function areaValue<T>(result: AreaResult<T>): T {
  if (result.ok) return result.value;
  const { refusal } = result;
  if (refusal.code !== 'grid') throw new Refusal(refusal.code);
  const { code, path } = refusal.problem;
  throw new Refusal('refused', { named: code, sentence: gridSentences[code](path) });
}
