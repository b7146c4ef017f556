import { z } from 'zod';

/**
 * A value as it travels from decoder to screen. Integers beyond 2^53 are decimal strings, so that no
 * meter's digit is lost to a float; null is "there is no value", always with quality `bad`.
 */
export const Value = z.union([z.number(), z.string().max(4096), z.boolean(), z.null()]);
export type Value = z.infer<typeof Value>;

/** 质量. Only `good` raises or clears an alarm; the rest still reach the store and the screen. */
export const qualities = ['good', 'uncertain', 'bad'] as const;
export const Quality = z.enum(qualities);
export type Quality = z.infer<typeof Quality>;

/** Why a reading is not good. */
const qualityReasons = [
  'not-a-number',
  'out-of-range',
  'invalid-value',
  'too-short',
  'unknown-enum',
  'wrong-type',
  'no-answer',
  'exception',
  'unsupported',
  'after-timeout',
  'clock-skew',
  /** A point that this one needs was not in the same frame. */
  'missing-input',
  /** The unit it was sent in cannot be converted into the point's. */
  'wrong-unit',
  /** A broker had kept the message, for nobody knows how long. */
  'retained',
  /** Written before the clock could be trusted, in a boot that ended so: it is older than its time says. */
  'untimed',
  /** A counter that rose faster than it can, or fell. */
  'implausible',
  /** It has stood still for too long: a sensor that is stuck. */
  'stuck',
] as const;
export const QualityReason = z.enum(qualityReasons);
export type QualityReason = z.infer<typeof QualityReason>;

/** 读数: one point's value at one time. Times are milliseconds since 1970 UTC. */
export const Reading = z.strictObject({
  point: z.string().max(64),
  value: Value,
  quality: Quality,
  reason: QualityReason.optional(),
  /** When the gateway received it. */
  at: z.number().int(),
  /** When the device says it was; kept beside, never instead. */
  deviceAt: z.number().int().optional(),
  /**
   * A kept value of earlier, about `deviceAt` and not about now: it goes to the history under that time, and neither raises,
   * clears nor becomes the value that is shown.
   */
  historical: z.literal(true).optional(),
});
export type Reading = z.infer<typeof Reading>;

/** 事件: something that happened at a device, as opposed to a sampled value. */
export const DeviceEvent = z.strictObject({
  /** Normalised type, for example `door.forced`, `access.granted`. */
  type: z.string().max(64),
  /** The device's own code, as sent. */
  code: z.string().max(64).optional(),
  at: z.number().int(),
  deviceAt: z.number().int().optional(),
  /** The device's own serial number of the event, for back-fill and dedupe. */
  serial: z.string().max(64).optional(),
  data: z.record(z.string().max(64), Value).optional(),
  /** Something of earlier, sent later: it is recorded, and raises and clears nothing. */
  historical: z.literal(true).optional(),
});
export type DeviceEvent = z.infer<typeof DeviceEvent>;
