import { z } from 'zod';
import { Value } from './reading.ts';
import { Hazard, Severity } from './severity.ts';
import { MissingReason } from './snapshot.ts';
import { Text } from './text.ts';
import { Latch, Reason } from './transition.ts';

/** 处置结论, given by the dispatcher at closing; feeds the false-alarm rate per device. */
export const Disposition = z.enum(['unknown', 'real', 'false', 'test', 'drill', 'duplicate']);
export type Disposition = z.infer<typeof Disposition>;

/** The ISA-18.2 state, derived from the axes for display and never stored. */
export const IsaState = z.enum([
  'normal',
  'unacked',
  'acked',
  'returned-unacked',
  'latched',
  'shelved',
  'suppressed',
  'out-of-service',
]);
export type IsaState = z.infer<typeof IsaState>;

const time = z.number().int();

/** 快照 of an alarm as screens see it; the picture itself is `GET /api/snapshots/:id`. */
export const AlarmSnapshot = z
  .strictObject({
    id: z.string(),
    camera: z.string(),
    cameraName: Text,
    /** When it was taken, or given up, by the gateway's clock. */
    at: time,
    /** `coming`: taken, and not here yet. */
    state: z.enum(['coming', 'here', 'missing']),
    missing: MissingReason.nullable(),
  })
  .meta({ id: 'AlarmSnapshot' });
export type AlarmSnapshot = z.infer<typeof AlarmSnapshot>;

/** 告警: one episode of one rule on one device, as separate axes and never one status. Times are ms since 1970 UTC. */
export const Alarm = z
  .strictObject({
    id: z.string(),
    gateway: z.string(),
    device: z.string(),
    deviceName: Text,
    area: z.string(),
    alarm: z.string(),
    name: Text,
    hazard: Hazard,
    episode: z.number().int(),
    /** condition axis: moved by the edge rule or the device, by nobody else */
    active: z.boolean(),
    severity: Severity,
    peakSeverity: Severity,
    occurrences: z.number().int(),
    raisedAt: time,
    lastAt: time,
    clearedAt: time.nullable(),
    /** When the cloud had committed it. */
    receivedAt: time,
    reason: Reason,
    value: Value.optional(),
    /** ack axis; with `until` it lasts so long while the alarm is active and nobody takes its incident up */
    ack: z.strictObject({ by: z.string(), byName: z.string(), at: time, until: time.optional() }).nullable(),
    /** latch axis */
    latch: Latch,
    latched: z.boolean(),
    /** shelf axis: ends by the server's clock, never "for ever"; `once`: earlier, where the alarm clears */
    shelf: z.strictObject({ until: time, reason: z.string(), by: z.string(), once: z.literal(true).optional() }).nullable(),
    /** 累计搁置 of this alarm, ms: in all, and in a row by the one who did it last. Nothing is shelved again and again for ever. */
    shelved: z.strictObject({ ms: time, by: z.string(), byOneMs: time }).optional(),
    /** suppression axis: each cause adds and removes itself */
    suppressedBy: z.array(z.string()),
    /** service axis */
    outOfService: z.strictObject({ until: time, reason: z.string(), by: z.string() }).nullable(),
    disposition: Disposition,
    /** 反复: how often it was raised in one run; five times within ten minutes is one alarm with a count. */
    chatter: z.strictObject({ since: time, lastAt: time, times: z.number().int() }).optional(),
    /** 根因: how many devices are unknown because of it; of a gateway, a recorder, a bus, a power feed. */
    children: z.number().int().optional(),
    incident: z.string().nullable(),
    /** The newest pictures of it, oldest first; absent where no camera looks there. */
    snapshots: z.array(AlarmSnapshot).optional(),
    /** Optimistic lock: a move states the version it saw. */
    version: z.number().int(),
    isa: IsaState,
  })
  .meta({ id: 'Alarm' });
export type Alarm = z.infer<typeof Alarm>;

const alarmMoves = ['ack', 'unack', 'shelve', 'unshelve', 'reset', 'judge', 'out-of-service', 'in-service'] as const;
export const AlarmMove = z.enum(alarmMoves);
export type AlarmMove = z.infer<typeof AlarmMove>;
