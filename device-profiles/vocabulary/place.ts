import { z } from 'zod';

/** 位置 inside a community: 楼宇 building, 单元 unit, 楼层 floor, 户 room; `note` where words must do ("地下车库 B1 东侧"). */
export const Place = z.strictObject({
  building: z.string().max(32).optional(),
  unit: z.string().max(32).optional(),
  floor: z.string().max(16).optional(),
  room: z.string().max(32).optional(),
  note: z.string().max(120).optional(),
});
export type Place = z.infer<typeof Place>;

/** 区域 kinds from the street down; a path is their codes joined by `/`, e.g. `xingfu/xfl/g1/3/2/502`. */
export const areaKinds = ['street', 'community', 'grid', 'building', 'unit', 'room'] as const;
export const AreaKind = z.enum(areaKinds);
export type AreaKind = z.infer<typeof AreaKind>;

export const AreaPath = z.string().regex(/^[A-Za-z0-9_-]{1,32}(\/[A-Za-z0-9_-]{1,32}){0,7}$/, 'must be codes joined by /');

/** True where `path` is `scope` itself or lies inside it. */
export function isWithin(scope: string, path: string): boolean {
  return path === scope || path.startsWith(`${scope}/`);
}
