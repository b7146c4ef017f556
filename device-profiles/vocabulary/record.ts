import { z } from 'zod';
import { Place } from './place.ts';
import { DeviceEvent, Reading } from './reading.ts';
import { SiteProfile } from './site-profile.ts';
import { Text } from './text.ts';
import { Availability, Transition } from './transition.ts';

/** The log's two lanes: alarms and events in front of telemetry. Each has its own sequence, from 1. */
export const lanes = ['alarm', 'telemetry'] as const;
export const Lane = z.enum(lanes);
export type Lane = z.infer<typeof Lane>;

/** 设备清单 entry: what the cloud must know of a device before it can show it. */
export const SiteDevice = z.strictObject({
  id: z.string().max(64),
  profile: z.string().max(64),
  name: Text,
  place: Place,
});
export type SiteDevice = z.infer<typeof SiteDevice>;

const base = { device: z.string().max(64), profile: z.string().max(64), at: z.number().int() };

/** One record of the log. One frame gives at most one record in each lane, committed together. */
export const LogRecord = z.discriminatedUnion('kind', [
  /** telemetry lane */
  z.strictObject({ kind: z.literal('readings'), ...base, readings: z.array(Reading).max(1024) }),
  /** alarm lane */
  z.strictObject({
    kind: z.literal('alarm'),
    ...base,
    events: z.array(DeviceEvent).max(256),
    transitions: z.array(Transition).max(256),
    availability: Availability.optional(),
  }),
  /** alarm lane: the whole inventory, written when the site file changed */
  z.strictObject({
    kind: z.literal('site'),
    at: z.number().int(),
    hash: z.string().max(64),
    devices: z.array(SiteDevice).max(20_000),
    /** What their profiles show; the receiver keeps those its own library does not know so. */
    profiles: z.array(SiteProfile).max(256).optional(),
  }),
  /** either lane: `seq`–`through` are gone, said aloud */
  z.strictObject({
    kind: z.literal('gap'),
    at: z.number().int(),
    reason: z.enum(['evicted', 'disk-full', 'corrupt', 'expired', 'thinned']),
    count: z.number().int().positive(),
    from: z.number().int().optional(),
    to: z.number().int().optional(),
  }),
]);
export type LogRecord = z.infer<typeof LogRecord>;

/** A record with its place in the log. A gap covers `seq` to `through`; every other record covers `seq` alone. */
export interface Entry {
  seq: number;
  through: number;
  record: LogRecord;
}
