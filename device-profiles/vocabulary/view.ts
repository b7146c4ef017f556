import { z } from 'zod';
import { Alarm } from './alarm.ts';
import { CallAreaCount, CallSummary } from './call.ts';
import { Flood } from './flood.ts';
import { IncidentSummary } from './incident.ts';
import { AreaKind, Place } from './place.ts';
import { Quality, QualityReason, Value } from './reading.ts';
import { Severity } from './severity.ts';
import { TaskState } from './task.ts';
import { Text } from './text.ts';
import { Availability } from './transition.ts';
import { Category } from './profile.ts';

/** What the cloud's API returns and every screen shows: one spelling from the decoder to the pixel. Times are ms since 1970 UTC. */
const time = z.number().int();

export const roles = ['admin', 'dispatcher', 'property', 'installer', 'grid-worker', 'auditor', 'warner', 'wall'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

export const Session = z
  .strictObject({
    user: z.strictObject({ id: z.string(), account: z.string(), name: z.string() }),
    grants: z.array(z.strictObject({ area: z.string(), areaName: z.string(), role: Role })),
    /** Sent back as header `x-csrf-token` with every unsafe request. */
    csrf: z.string(),
    expiresAt: time,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** The password was right and the second factor is still owed: a code (`code`), or the factor itself (`enrol`). */
export const SecondStep = z
  .strictObject({
    step: z.enum(['code', 'enrol']),
    /** Sent back as header `x-csrf-token` with the second step. */
    csrf: z.string(),
    expiresAt: time,
  })
  .meta({ id: 'SecondStep' });
export type SecondStep = z.infer<typeof SecondStep>;

/** A new second factor, shown once: to be read into an app, then confirmed with its first code. */
export const FactorOffer = z
  .strictObject({
    /** Base 32, for typing. */
    secret: z.string(),
    uri: z.string(),
    /** The same as a QR code, SVG. */
    qr: z.string(),
  })
  .meta({ id: 'FactorOffer' });
export type FactorOffer = z.infer<typeof FactorOffer>;

/** Each gets in once where the app is not at hand; shown once. */
export const RecoveryCodes = z.strictObject({ recovery: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

export const Area = z
  .strictObject({ path: z.string(), parent: z.string().nullable(), kind: AreaKind, name: z.string() })
  .meta({ id: 'Area' });
export type Area = z.infer<typeof Area>;

export const GatewayView = z
  .strictObject({
    id: z.string(),
    name: Text,
    area: z.string(),
    state: z.enum(['unclaimed', 'online', 'offline', 'revoked']),
    lastSeenAt: time.nullable(),
    deviceCount: z.number().int(),
    /** Records the gateway says it still holds for us, per lane. */
    backlog: z.strictObject({ alarm: z.number().int(), telemetry: z.number().int() }),
    /** Gateway clock minus cloud clock, in ms. */
    clockSkewMs: z.number().int().nullable(),
  })
  .meta({ id: 'GatewayView' });
export type GatewayView = z.infer<typeof GatewayView>;

export const PointView = z
  .strictObject({
    point: z.string(),
    name: Text,
    unit: z.string(),
    symbol: z.string(),
    value: Value,
    /** Name of the enum value, where there is one. */
    valueName: Text.nullable(),
    quality: Quality,
    reason: QualityReason.nullable(),
    at: time.nullable(),
    /** Limits of the alarm rules on this point, for the chart. */
    limits: z.array(
      z.strictObject({
        alarm: z.string(),
        name: Text,
        above: z.number().nullable(),
        below: z.number().nullable(),
        severity: Severity,
      }),
    ),
    chart: z.enum(['line', 'step', 'none']),
  })
  .meta({ id: 'PointView' });
export type PointView = z.infer<typeof PointView>;

export const DeviceSummary = z
  .strictObject({
    id: z.string(),
    gateway: z.string(),
    profile: z.string(),
    name: Text,
    category: Category,
    area: z.string(),
    place: Place,
    /** One line for people: "幸福里 3栋2单元502". */
    placeText: z.string(),
    availability: Availability,
    /** Last time anything was heard of it. */
    lastAt: time.nullable(),
    activeAlarms: z.number().int(),
    worst: Severity.nullable(),
    /** The two or three values a list shows. */
    headline: z.array(
      z.strictObject({
        point: z.string(),
        name: Text,
        value: Value,
        valueName: Text.nullable(),
        symbol: z.string(),
        quality: Quality,
        at: time.nullable(),
      }),
    ),
  })
  .meta({ id: 'DeviceSummary' });
export type DeviceSummary = z.infer<typeof DeviceSummary>;

export const DeviceDetail = DeviceSummary.extend({
  profileName: Text,
  maker: Text,
  model: z.string(),
  points: z.array(PointView),
  alarms: z.array(Alarm),
  events: z.array(
    z.strictObject({
      type: z.string(),
      name: Text.nullable(),
      code: z.string().nullable(),
      at: time,
      data: z.record(z.string(), z.unknown()),
    }),
  ),
}).meta({ id: 'DeviceDetail' });
export type DeviceDetail = z.infer<typeof DeviceDetail>;

/** Columns, not rows: `at[i]` with `min[i]`, `max[i]`, `last[i]` of that bucket; null where nothing good was heard. */
export const History = z
  .strictObject({
    device: z.string(),
    point: z.string(),
    from: time,
    to: time,
    bucketMs: z.number().int(),
    at: z.array(time),
    min: z.array(z.number().nullable()),
    max: z.array(z.number().nullable()),
    last: z.array(z.number().nullable()),
  })
  .meta({ id: 'History' });
export type History = z.infer<typeof History>;

export const Responder = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: Role,
    area: z.string(),
    /** Masked unless the reader may see it. */
    phone: z.string().nullable(),
    onDuty: z.boolean(),
    /** What the person is busy with, if anything. */
    incident: z.string().nullable(),
    legState: z.string().nullable(),
    metres: z.number().nullable(),
  })
  .meta({ id: 'Responder' });
export type Responder = z.infer<typeof Responder>;

/** How many devices there are, and in what state. */
export const DeviceCounts = z.strictObject({
  total: z.number().int(),
  online: z.number().int(),
  late: z.number().int(),
  offline: z.number().int(),
  unknown: z.number().int(),
});
export type DeviceCounts = z.infer<typeof DeviceCounts>;

/** Everything the dispatcher's screen starts from; `stream` is the id to resume the event stream after. */
export const Snapshot = z
  .strictObject({
    stream: z.string(),
    at: time,
    incidents: z.array(IncidentSummary),
    gateways: z.array(GatewayView),
    responders: z.array(Responder),
    devices: DeviceCounts,
    shelved: z.number().int(),
    lastClosedAt: time.nullable(),
    /** Floods that last, by community. */
    floods: z.array(Flood).optional(),
  })
  .meta({ id: 'Snapshot' });
export type Snapshot = z.infer<typeof Snapshot>;

export const Overview = z
  .strictObject({
    at: time,
    areas: z.array(
      z.strictObject({
        path: z.string(),
        parent: z.string().nullable(),
        kind: AreaKind,
        name: z.string(),
        devices: DeviceCounts,
        activeAlarms: z.number().int(),
        worst: Severity.nullable(),
        openIncidents: z.number().int(),
      }),
    ),
    incidents: z.array(IncidentSummary),
    gateways: z.array(GatewayView),
    /** Alarms raised per hour over the last 24 h, oldest first. */
    alarmsPerHour: z.array(z.number().int()),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;

/**
 * The event stream (`text/event-stream`). `id:` is durable and ordered; after a reconnect with Last-Event-ID the
 * missed ones are replayed, or one `resync` is sent where they are gone. A comment every ≤ 5 s says "still here".
 */
export const StreamEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('incident'), at: time, incident: IncidentSummary }),
  z.strictObject({ type: z.literal('alarm'), at: time, alarm: Alarm }),
  z.strictObject({ type: z.literal('device'), at: time, device: DeviceSummary }),
  z.strictObject({ type: z.literal('gateway'), at: time, gateway: GatewayView }),
  /** A community's flood began, its groups changed, or it is over (`endedAt`). Its grouped alarms come no other way. */
  z.strictObject({ type: z.literal('flood'), at: time, flood: Flood }),
  z.strictObject({ type: z.literal('responder'), at: time, responder: Responder }),
  z.strictObject({ type: z.literal('call'), at: time, call: CallSummary }),
  /** What changed in one grid of a call: the grid itself and its buildings. */
  z.strictObject({ type: z.literal('call-count'), at: time, call: z.string(), areas: z.array(CallAreaCount) }),
  /** A task is new or changed: ask for it again. It says nothing of what it is about, since everybody in the area hears it. */
  z.strictObject({ type: z.literal('task'), at: time, task: z.string(), state: TaskState, person: z.string().nullable() }),
  /** The devices of the reader's whole scope, counted anew; at most once a second, and never replayed. */
  z.strictObject({ type: z.literal('counts'), at: time, devices: DeviceCounts }),
  z.strictObject({ type: z.literal('resync'), at: time }),
  z.strictObject({ type: z.literal('beat'), at: time }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;

/** Every error of the API: a code, a sentence for people in both languages, the fields that are wrong. */
export const Problem = z
  .strictObject({
    code: z.string(),
    message: Text,
    issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
