import { z } from 'zod';
import { FalseAlarms } from './maintenance.ts';
import { Text } from './text.ts';
import { Hazard, Severity } from './severity.ts';
import { DeviceCounts } from './view.ts';

const time = z.number().int();
const count = z.number().int();

/** Half of them were as quick or quicker, nine of ten were; ms. Null where none came to that. */
const Quickness = z.strictObject({ count, median: z.number().nullable(), ninth: z.number().nullable() });

const MeterKind = z.enum(['electricity', 'water', 'gas', 'heat']);

/** 抄表: what one meter counted in the span. `used` is null where there are no two readings to count between. */
export const MeterUse = z
  .strictObject({
    gateway: z.string(),
    device: z.string(),
    name: Text,
    place: z.string(),
    area: z.string(),
    kind: MeterKind,
    symbol: z.string(),
    first: z.number().nullable(),
    last: z.number().nullable(),
    lastAt: time.nullable(),
    used: z.number().nullable(),
    /** How often its counter began anew: a new meter, or one that was set back. */
    restarts: count,
  })
  .meta({ id: 'MeterUse' });
export type MeterUse = z.infer<typeof MeterUse>;

/** 月报 of an area: what happened in a span, how quickly people were there, and what cries wolf. Times are ms since 1970 UTC. */
export const AreaReport = z
  .strictObject({
    area: z.string(),
    areaName: z.string(),
    from: time,
    to: time,
    madeAt: time,
    alarms: z.array(
      z.strictObject({ severity: Severity, total: count, real: count, false: count, setAside: count, unjudged: count }),
    ),
    byHazard: z.array(z.strictObject({ hazard: Hazard, alarms: count, incidents: count })),
    incidents: z.array(z.strictObject({ severity: Severity, total: count, open: count, false: count })),
    toAck: Quickness,
    toDispatch: Quickness,
    toEnd: Quickness,
    windows: count,
    /** As they stand when the report is made. */
    devices: DeviceCounts,
    falseAlarms: z.array(FalseAlarms),
    /** Water, electricity, gas and heat by kind and unit; `unread`: meters of them that gave nothing to count from. */
    consumption: z.array(z.strictObject({ kind: MeterKind, symbol: z.string(), used: z.number(), meters: count, unread: count })),
    meters: z.array(MeterUse),
  })
  .meta({ id: 'AreaReport' });
export type AreaReport = z.infer<typeof AreaReport>;
