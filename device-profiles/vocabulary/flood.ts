import { z } from 'zod';
import { Hazard, Severity } from './severity.ts';

const count = z.number().int();

/** Open alarms of one kind in one area, as one line of the screen while a flood lasts. */
export const FloodGroup = z
  .strictObject({
    key: z.string(),
    hazard: Hazard,
    area: z.string(),
    alarms: count,
    active: count,
    unacked: count,
    worst: Severity,
  })
  .meta({ id: 'FloodGroup' });
export type FloodGroup = z.infer<typeof FloodGroup>;

/**
 * 告警洪峰 of one community: more new alarms than its dispatchers can deal with. Nothing is dropped: life safety comes in full,
 * the rest by groups. Times are ms since 1970 UTC.
 */
export const Flood = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    startedAt: count,
    /** Null while it lasts. */
    endedAt: count.nullable(),
    /** New alarms since it began, those in full and those in groups. */
    alarms: count,
    /** Dispatchers on duty when it was last looked at. */
    operators: count,
    /** New alarms of the last ten minutes for each of them; ISA-18.2 calls more than ten a flood. */
    perOperator: z.number(),
    groups: z.array(FloodGroup).max(20),
  })
  .meta({ id: 'Flood' });
export type Flood = z.infer<typeof Flood>;
