import { z } from 'zod';
import { Value } from './reading.ts';
import { Hazard, Severity } from './severity.ts';
import { Text } from './text.ts';

/** 锁定: what it takes to let go of an alarm whose cause is gone. */
export const Latch = z.enum(['none', 'until-ack', 'until-reset']);
export type Latch = z.infer<typeof Latch>;

/** Why a rule decided so; shown to people, kept in the log. */
export const Reason = z.strictObject({
  code: z.enum([
    'above-limit',
    'below-limit',
    'back-within-limit',
    'state-entered',
    'state-left',
    'event',
    'clear-event',
    'auto-clear',
    'silent',
    'heard-again',
    'severity-changed',
    'rule-removed',
    /** A value that stood still, and moves again. */
    'stuck',
    'moved-again',
    /** A value that jumped. */
    'stepped',
    /** It came so many times. */
    'repeated',
    /** The device is no longer under test, and it is still so. */
    'test-over',
  ]),
  value: Value.optional(),
  limit: z.number().optional(),
  heldMs: z.number().int().nonnegative().optional(),
  times: z.number().int().positive().optional(),
});
export type Reason = z.infer<typeof Reason>;

/**
 * 告警跃迁: the condition axis of an alarm moved. Produced by the gateway's rules or by the device, by nobody else.
 * `episode` counts per (device, alarm) from 1: raise(n) < clear(n) < raise(n+1) holds in every log.
 */
export const Transition = z.strictObject({
  alarm: z.string().max(64),
  kind: z.enum(['raised', 'changed', 'cleared']),
  episode: z.number().int().positive(),
  severity: Severity,
  hazard: Hazard,
  latch: Latch,
  name: Text,
  point: z.string().max(64).optional(),
  reason: Reason,
  /** Edge time, milliseconds since 1970 UTC. */
  at: z.number().int(),
  /** 测试: the device was being tested. It is recorded and shown, and nobody is sent. */
  test: z.literal(true).optional(),
});
export type Transition = z.infer<typeof Transition>;

/** 在线状态 of a device as its profile's availability rule judges it. `unknown` after a start, or when its gateway is gone. */
export const Availability = z.enum(['online', 'late', 'offline', 'unknown']);
export type Availability = z.infer<typeof Availability>;
