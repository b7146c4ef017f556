import { z } from 'zod';
import { lanes } from './lanes.ts';
import { ActChange } from './act.ts';
import { SiteChange } from './site-change.ts';
import { Place } from './place.ts';
import { DeviceEvent, Reading } from './reading.ts';
import { RuleSetting } from './site-rule.ts';
import { SiteProfile } from './site-profile.ts';
import { SnapshotRecord } from './snapshot.ts';
import { Text } from './text.ts';
import { Availability, Transition } from './transition.ts';

/** The log's two lanes: alarms and events in front of telemetry. Each has its own sequence, from 1. */
export const Lane = z.enum(lanes);
export type Lane = z.infer<typeof Lane>;

/** 设备清单 entry: what the cloud must know of a device before it can show it. */
export const SiteDevice = z.strictObject({
  id: z.string().max(64),
  profile: z.string().max(64),
  name: Text,
  place: Place,
  /** The device it is a part of: a detector's panel. */
  parent: z.string().max(64).optional(),
  /** Its rules with a limit as they hold, where its site file or its parameters may have changed them; by alarm. */
  rules: z.record(z.string().max(64), RuleSetting).optional(),
});
export type SiteDevice = z.infer<typeof SiteDevice>;

/**
 * 未对时: the boot during which it was written, before the gateway's clock could be trusted. `at` is then milliseconds since
 * that boot; a `clock` record of the same boot says by how much to move it.
 */
const untimed = z.string().min(1).max(64).optional();

const base = { device: z.string().max(64), profile: z.string().max(64), at: z.number().int(), untimed };

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
  /** alarm lane: an order to a device came one state further */
  z.strictObject({ kind: z.literal('act'), ...base, ...ActChange.shape }),
  /**
   * alarm lane: the gateway's clock. `trusted`: from now on it can be trusted, and what was untimed of this boot happened
   * `shiftMs` after what its `at` says; `estimated` where that is the latest it can have been. `stepped`: a clock that was
   * trusted jumped by `shiftMs`.
   */
  z.strictObject({
    kind: z.literal('clock'),
    at: z.number().int(),
    what: z.enum(['trusted', 'stepped']),
    boot: z.string().min(1).max(64),
    shiftMs: z.number().int(),
    /** Whose word it is. */
    by: z.enum(['system', 'cloud']),
    estimated: z.literal(true).optional(),
  }),
  /** alarm lane: the whole inventory, written when the site file changed; `partial`: only what is new, the rest stays */
  z.strictObject({
    kind: z.literal('site'),
    at: z.number().int(),
    untimed,
    hash: z.string().max(64),
    partial: z.literal(true).optional(),
    devices: z.array(SiteDevice).max(20_000),
    /** What their profiles show; the receiver keeps those its own library does not know so. */
    profiles: z.array(SiteProfile).max(256).optional(),
  }),
  /** alarm lane: a change of the site file came one state further */
  z.strictObject({ kind: z.literal('change'), at: z.number().int(), untimed, ...SiteChange.shape }),
  /** alarm lane: a picture of alarms, or why there is none */
  SnapshotRecord,
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
