import { z } from 'zod';
import { CallAreaCount, CallCount, CallKind } from './call.ts';
import { Flood } from './flood.ts';
import { IncidentSummary } from './incident.ts';
import { DeviceCounts, GatewayView, Overview } from './view.ts';

const time = z.number().int();
const count = z.number().int();

/** 动员 as the wall shows it: counts by grid and nobody's name. */
export const WallCall = z
  .strictObject({
    id: z.string(),
    number: z.string(),
    kind: CallKind,
    title: z.string(),
    areaName: z.string(),
    begunAt: time.nullable(),
    count: CallCount,
    grids: z.array(CallAreaCount),
  })
  .meta({ id: 'WallCall' });
export type WallCall = z.infer<typeof WallCall>;

/**
 * 大屏: everything a wall shows, for people who stand in front of it and for whoever walks past. Names are masked (王*) and
 * there is no telephone number in it. `stream` is the id to resume the event stream after.
 */
export const WallView = z
  .strictObject({
    stream: z.string(),
    at: time,
    incidents: z.array(IncidentSummary),
    areas: Overview.shape.areas,
    gateways: z.array(GatewayView),
    devices: DeviceCounts,
    /** Alarms raised per hour over the last 24 h, oldest first. */
    alarmsPerHour: z.array(count),
    /** Alarms raised in the last ten minutes, and the dispatchers on duty to deal with them. */
    alarmsTenMinutes: count,
    dispatchersOnDuty: count,
    /** People who can be sent: on duty, of those on the way, of those on scene. */
    people: z.strictObject({ onDuty: count, underWay: count, onScene: count }),
    lastClosedAt: time.nullable(),
    calls: z.array(WallCall),
    floods: z.array(Flood),
  })
  .meta({ id: 'WallView' });
export type WallView = z.infer<typeof WallView>;
