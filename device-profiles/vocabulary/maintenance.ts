import { z } from 'zod';
import { Hazard } from './severity.ts';

const time = z.number().int();

/** planned → running → over by the server's clock; `cancelled` by hand, before or while it runs. */
export const WindowState = z.enum(['planned', 'running', 'over', 'cancelled']);
export type WindowState = z.infer<typeof WindowState>;

/**
 * 维护窗口: work that was announced. Alarms it covers are evaluated and kept, and nobody is told of them until it ends; an
 * active life-safety alarm is told all the same, and marked. Times are ms since 1970 UTC.
 */
export const MaintenanceWindow = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    reason: z.string(),
    startsAt: time,
    endsAt: time,
    /** Each with everything below it. */
    areas: z.array(z.string()),
    /** `gateway/device`; empty: every device of the areas. */
    devices: z.array(z.string()),
    /** Empty: every kind. */
    hazards: z.array(Hazard),
    state: WindowState,
    plannedBy: z.string(),
    plannedAt: time,
    /** When it really ended, and by whom where that was by hand. */
    endedAt: time.nullable(),
    endedBy: z.string().nullable(),
    /** Alarms it keeps quiet or marks now. */
    alarmCount: z.number().int(),
  })
  .meta({ id: 'MaintenanceWindow' });
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

/** 误报率 of one device: what its alarms of a span turned out to have been. */
export const FalseAlarms = z
  .strictObject({
    gateway: z.string(),
    device: z.string(),
    deviceName: z.strictObject({ zh: z.string(), en: z.string().optional() }),
    area: z.string(),
    alarms: z.number().int(),
    real: z.number().int(),
    false: z.number().int(),
    /** Test, drill, duplicate: they say nothing of the device. */
    setAside: z.number().int(),
    unjudged: z.number().int(),
    /** False among those judged real or false, 0 to 1; null where none was. */
    rate: z.number().nullable(),
  })
  .meta({ id: 'FalseAlarms' });
export type FalseAlarms = z.infer<typeof FalseAlarms>;
