import { z } from 'zod';
import { Lane } from './record.ts';
import { Id } from './text.ts';

/** Where a receiver stands in one log: everything up to and including these sequences is committed. 0 is "nothing yet". */
export const Cursor = z.strictObject({
  epoch: z.string().max(64),
  alarm: z.number().int().nonnegative(),
  telemetry: z.number().int().nonnegative(),
  /** Set where the cloud missed something behind this cursor: send again from here. */
  rewind: z.literal(true).optional(),
  /** In answers to a hello or a beat: the cloud's clock, milliseconds since 1970 UTC. */
  at: z.number().int().optional(),
});
export type Cursor = z.infer<typeof Cursor>;

/** First words of a gateway on every connect. The cloud answers with its cursor; the gateway resumes from there. */
export const Hello = z.strictObject({
  schema: z.literal('yihu-uplink/1'),
  gateway: Id,
  epoch: z.string().max(64),
  /** Last sequence written to each lane so far. */
  last: z.strictObject({ alarm: z.number().int().nonnegative(), telemetry: z.number().int().nonnegative() }),
  /** First sequence still held in each lane (a gap record counts as held). */
  first: z.strictObject({ alarm: z.number().int().nonnegative(), telemetry: z.number().int().nonnegative() }),
  version: z.string().max(32),
  /** The gateway's clock, milliseconds since 1970 UTC, so that the cloud can show both clocks. */
  at: z.number().int(),
});
export type Hello = z.infer<typeof Hello>;

/** Header of one batch on the wire; the packed records follow it (see `pack.ts`). */
export const EnvelopeHeader = z.strictObject({
  schema: z.literal('yihu-uplink/1'),
  epoch: z.string().max(64),
  lane: Lane,
  first: z.number().int().positive(),
  last: z.number().int().positive(),
});
export type EnvelopeHeader = z.infer<typeof EnvelopeHeader>;
