import { z } from 'zod';
import { Duration } from './duration.ts';
import { Hazard, Severity } from './severity.ts';
import { Text } from './text.ts';
import { Latch } from './transition.ts';

const Value = z.union([z.boolean(), z.string().max(300), z.number()]);

const ruleBase = {
  name: Text,
  severity: Severity,
  hazard: Hazard,
  latch: Latch.default('none'),
  /** The condition must hold this long before it raises. */
  for: Duration.prefault('0s'),
  /** And must be gone this long before it clears. */
  clearFor: Duration.prefault('0s'),
  /** Or this many samples in a row. */
  samples: z.number().int().min(1).max(100).default(1),
  /**
   * 重复: raised only when the condition has been entered (an event: has come) so many times within this time. Each entry
   * counts once, whether or not it held for `for`. Cleared like any other.
   */
  repeat: z.strictObject({ times: z.number().int().min(2).max(100), within: Duration }).optional(),
  /** The clause the limit comes from. */
  ref: z.string().max(300).optional(),
};

/** 告警规则: exactly one condition; limits carry their own clear value, so that hysteresis is never forgotten. */
export const AlarmRule = z.union([
  z.strictObject({ ...ruleBase, point: z.string(), above: z.number(), clear: z.number() }),
  z.strictObject({ ...ruleBase, point: z.string(), below: z.number(), clear: z.number() }),
  /** The value is this, or one of these. */
  z.strictObject({ ...ruleBase, point: z.string(), is: z.union([Value, z.array(Value).min(1).max(32)]) }),
  /** `clearEvent`: the paired restore; `autoClear`: gone after this much silence, for devices that never send an end. */
  z.strictObject({ ...ruleBase, event: z.string(), clearEvent: z.string().optional(), autoClear: Duration.optional() }),
  /** Absence: no good reading of the point for this long. */
  z.strictObject({ ...ruleBase, point: z.string(), silent: Duration }),
  /** 数值不变: good readings came for this long and all were the same: a sensor that is stuck. The next other value clears. */
  z.strictObject({ ...ruleBase, point: z.string(), stuck: Duration }),
  /**
   * 突变: a good value differs by more than `step` from the good one before it, or, with `within`, from any good one of so
   * long ago at most. It is a moment, as an event without an end is: raised and cleared at once, the latch keeps it in
   * sight; with `autoClear`, cleared when no further step has come for so long.
   */
  z.strictObject({
    ...ruleBase,
    point: z.string(),
    step: z.number().positive(),
    within: Duration.optional(),
    autoClear: Duration.optional(),
  }),
]);
export type AlarmRule = z.output<typeof AlarmRule>;

/**
 * 测试状态: how the device says that it is being tested. What happens meanwhile is recorded, marked as a test and not
 * dispatched. A state of a point; or an event, over with `clearEvent` or after `for`.
 */
export const TestMode = z.union([
  z.strictObject({ point: z.string(), is: Value }),
  z.strictObject({ event: z.string(), clearEvent: z.string().optional(), for: Duration.optional() }),
]);
export type TestMode = z.output<typeof TestMode>;

/** 可用性: when silence becomes "late" and "offline". Fire detectors: offlineAfter ≤ 25 h (GB/T 45839-2025 5.5.2). */
export const AvailabilityRule = z
  .strictObject({
    /** How often it reports by itself. Without `lateAfter`, it is late after two and a half of them. */
    expectEvery: Duration.optional(),
    lateAfter: Duration.optional(),
    offlineAfter: Duration,
    /** Offline at once after so many failed polls in a row. */
    missedPolls: z.number().int().min(1).max(100).optional(),
    /** Channel whose payload says online/offline (MQTT last will). */
    will: z.strictObject({ channel: z.string(), online: z.string(), offline: z.string() }).optional(),
    /** 心跳位: a point that a living device keeps changing; offline when it has stood still for so long, though polls succeed. */
    beat: z.strictObject({ point: z.string(), within: Duration }).optional(),
    /** Channels whose messages are a sign of life; default: all. One that `decode` does not name is a sign of life and no more. */
    liveness: z.array(z.string()).min(1).max(16).optional(),
    /** It sleeps between its reports: it hears a command only when it speaks, so commands wait for that, and silence until `lateAfter` is no sign of anything. */
    sleeping: z.boolean().optional(),
  })
  .transform((rule) =>
    rule.lateAfter === undefined && rule.expectEvery !== undefined && rule.expectEvery * 2.5 < rule.offlineAfter
      ? { ...rule, lateAfter: Math.round(rule.expectEvery * 2.5) }
      : rule,
  );
export type AvailabilityRule = z.output<typeof AvailabilityRule>;
