import { z } from 'zod';
import { AreaKind, AreaPath } from './place.ts';
import { Id } from './text.ts';

const time = z.number().int();

/** A place on a plan: parts of its width and height from the upper left corner, 0 to 1, whatever picture lies under it. */
const part = z.number().min(0).max(1);
export const Spot = z.tuple([part, part]);
export type Spot = z.infer<typeof Spot>;

export const planLimits = {
  items: 600,
  corners: 60,
  pictureBytes: 4 * 1024 * 1024,
  pictureSide: 12_000,
  picturePixels: 50_000_000,
} as const;

const Ring = z.array(Spot).min(3).max(planLimits.corners);

/** What a plan without a picture is drawn from. */
export const grounds = ['road', 'green', 'water', 'wall'] as const;

/** What is placed on a plan. */
export const PlanItem = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('device'), gateway: Id, device: Id, at: Spot }),
    /** 区域: a building, stairwell or flat as it lies on the plan. */
    z.strictObject({ kind: z.literal('area'), area: AreaPath, ring: Ring }),
    /** 集合点: where people gather who had to leave. */
    z.strictObject({ kind: z.literal('assembly'), name: z.string().min(1).max(40), at: Spot }),
    z.strictObject({ kind: z.literal('ground'), ground: z.enum(grounds), ring: Ring }),
  ])
  .meta({ id: 'PlanItem' });
export type PlanItem = z.infer<typeof PlanItem>;

/** 平面图: of a community, a building or one of its floors. Width and height are the picture's, or the sheet's where there is none. */
export const FloorPlanSummary = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    areaKind: AreaKind,
    /** Empty where it is of the whole area. */
    floor: z.string(),
    name: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    /** Changes with the picture; null where it is drawn from its items alone. */
    picture: z.string().nullable(),
    devices: z.number().int(),
    areas: z.number().int(),
    at: time,
    byName: z.string(),
    version: z.number().int(),
  })
  .meta({ id: 'FloorPlanSummary' });
export type FloorPlanSummary = z.infer<typeof FloorPlanSummary>;

export const FloorPlan = FloorPlanSummary.extend({ items: z.array(PlanItem) }).meta({ id: 'FloorPlan' });
export type FloorPlan = z.infer<typeof FloorPlan>;

/** The plan that shows where a device is, the closest there is: `marked` says whether it is placed itself or only its area. */
export const DevicePlan = z
  .strictObject({ plan: FloorPlan.nullable(), marked: z.enum(['device', 'area']).nullable() })
  .meta({ id: 'DevicePlan' });
export type DevicePlan = z.infer<typeof DevicePlan>;
