import { z } from 'zod';
import type { AreaKind } from './place.ts';
import type { Text } from './text.ts';
import { Area } from './view.ts';

const time = z.number().int();

/** Points of an outline: enough for any grid, few enough to check every side against every other. */
const outlinePoints = 400;

const Ring = z
  .array(z.tuple([z.number(), z.number()]))
  .min(3)
  .max(outlinePoints);

/**
 * 边界: one ring without holes, not closed by repeating its first point. `lonlat` in degrees (WGS 84), `plan` in the
 * units of a floor or site plan.
 */
export const Shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lonlat'), ring: Ring }),
  z.strictObject({ kind: z.literal('plan'), plan: z.string().max(64), ring: Ring }),
]);
export type Shape = z.infer<typeof Shape>;

export const AreaDetail = Area.extend({
  /** 排序: among the areas of the same parent, the smaller first; equal ones by their path. */
  position: z.number().int(),
  shape: Shape.nullable(),
  version: z.number().int(),
}).meta({ id: 'AreaDetail' });
export type AreaDetail = z.infer<typeof AreaDetail>;

/** An area as the tree shows it: what lies below it, counted; people once for each home they have there. */
export const AreaBranch = AreaDetail.extend({
  buildings: z.number().int(),
  rooms: z.number().int(),
  residents: z.number().int(),
}).meta({ id: 'AreaBranch' });
export type AreaBranch = z.infer<typeof AreaBranch>;

export const AreaPage = z.strictObject({ area: AreaBranch, children: z.array(AreaBranch) }).meta({ id: 'AreaPage' });
export type AreaPage = z.infer<typeof AreaPage>;

/** 覆盖检查: every building of a community lies in exactly one of its grids, or is named here. */
export const Coverage = z
  .strictObject({
    community: Area,
    buildings: z.number().int(),
    /** In no grid. */
    uncovered: z.array(Area),
    /** The same building in two grids, or in a grid and beside it. */
    doubled: z.array(z.strictObject({ code: z.string(), paths: z.array(z.string()) })),
    /** Grids without a building. */
    empty: z.array(Area),
    complete: z.boolean(),
  })
  .meta({ id: 'Coverage' });
export type Coverage = z.infer<typeof Coverage>;

/** What a post is: its name, the areas it can be on, and what the public notice shows of its holder. */
export interface PostKind {
  readonly name: Text;
  readonly on: readonly AreaKind[];
  readonly notice: 'name-and-phone' | 'name';
}

/** 职务: who answers for an area, the order of the public notice. */
export const posts = {
  'community-secretary': { name: { zh: '社区书记', en: 'community secretary' }, on: ['community'], notice: 'name-and-phone' },
  'party-secretary': {
    name: { zh: '网格支部书记', en: 'secretary of the grid’s party branch' },
    on: ['grid'],
    notice: 'name-and-phone',
  },
  'grid-leader': { name: { zh: '网格长', en: 'grid leader' }, on: ['grid'], notice: 'name-and-phone' },
  'grid-guide': { name: { zh: '网格指导员', en: 'grid guide' }, on: ['grid'], notice: 'name-and-phone' },
  'grid-worker': { name: { zh: '网格员', en: 'grid worker' }, on: ['grid'], notice: 'name-and-phone' },
  'grid-police': { name: { zh: '网格民警', en: 'grid police officer' }, on: ['community', 'grid'], notice: 'name-and-phone' },
  'grid-doctor': { name: { zh: '家庭医生', en: 'family doctor' }, on: ['community', 'grid'], notice: 'name-and-phone' },
  'property-manager': {
    name: { zh: '物业负责人', en: 'property manager' },
    on: ['community', 'grid', 'building'],
    notice: 'name-and-phone',
  },
  'building-head': { name: { zh: '楼栋长', en: 'building head' }, on: ['building'], notice: 'name-and-phone' },
  'unit-head': { name: { zh: '单元长', en: 'stairwell head' }, on: ['unit'], notice: 'name' },
  'party-household': { name: { zh: '党员中心户', en: 'party household' }, on: ['building', 'unit', 'room'], notice: 'name' },
} as const satisfies Record<string, PostKind>;

export const Post = z.enum(Object.keys(posts) as [keyof typeof posts, ...(keyof typeof posts)[]]);
export type Post = z.infer<typeof Post>;

export function postKind(post: Post): PostKind {
  return posts[post];
}

/** A holder of a post, past, present or to come. The name and the duty telephone belong to the post and are no secret. */
export const AreaPost = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    post: Post,
    name: z.string(),
    phone: z.string().nullable(),
    hasPhoto: z.boolean(),
    /** The account of the same person, so that it can be sent to. */
    user: z.string().nullable(),
    fromAt: time,
    untilAt: time.nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'AreaPost' });
export type AreaPost = z.infer<typeof AreaPost>;

/** 网格公示牌: what hangs on the wall of a grid. */
export const GridNotice = z
  .strictObject({
    area: z.string(),
    name: z.string(),
    community: z.string(),
    street: z.string(),
    buildings: z.array(z.string()),
    rooms: z.number().int(),
    people: z.array(
      z.strictObject({
        post: Post,
        postName: z.string(),
        /** Where below the grid the post is, empty for the grid itself: "3栋". */
        place: z.string(),
        name: z.string(),
        phone: z.string().nullable(),
        /** A `data:` address of a JPEG or PNG. */
        photo: z.string().nullable(),
      }),
    ),
    at: time,
  })
  .meta({ id: 'GridNotice' });
export type GridNotice = z.infer<typeof GridNotice>;
