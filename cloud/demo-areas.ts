import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';

/** 幸福街道 / 幸福里 with two grids, for the demonstration only; buildings and below come with the devices' places. */
export const demoAreas: readonly Area[] = [
  { path: 'xingfu', parent: null, kind: 'street', name: '幸福街道' },
  { path: 'xingfu/xfl', parent: 'xingfu', kind: 'community', name: '幸福里' },
  { path: 'xingfu/xfl/g1', parent: 'xingfu/xfl', kind: 'grid', name: '第一网格' },
  { path: 'xingfu/xfl/g2', parent: 'xingfu/xfl', kind: 'grid', name: '第二网格' },
];

/** The area of the demonstration's people, but for the administrator. */
export const demoArea = 'xingfu';
