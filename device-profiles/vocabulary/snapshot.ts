import { z } from 'zod';

/** A picture is at most this long, on the gateway's disk, on the wire and in the records. */
export const maxPictureBytes = 512 * 1024;

/** Alarms that share one picture: in a flood a camera is asked once for all of them. */
export const maxSnapshotAlarms = 256;

/** Names a picture for ever, made by the gateway that took it. */
export const SnapshotId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits');

/** Why there is no picture of an alarm. */
const missingReasons = [
  /** The camera did not answer in time. */
  'no-answer',
  /** Nothing is there at its address. */
  'unreachable',
  /** It wanted to send us to where the site does not allow. */
  'not-allowed',
  'wrong-login',
  /** It offers no still picture. */
  'no-source',
  'too-large',
  'not-a-picture',
  /** The camera answered with a fault of its own. */
  'refused',
  /** The gateway was away or busy until a picture would have shown something else. */
  'too-late',
  /** More alarms at once than pictures can be taken. */
  'thinned',
  /** Taken, and then had to make room before the cloud had it. */
  'dropped',
  /** The gateway's disk did not take it. */
  'not-kept',
] as const;
export const MissingReason = z.enum(missingReasons);
export type MissingReason = z.infer<typeof MissingReason>;

/** What a picture is, wherever it travels. */
export const Picture = z.strictObject({
  bytes: z.number().int().positive().max(maxPictureBytes),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  type: z.literal('image/jpeg'),
});
export type Picture = z.infer<typeof Picture>;

/** The occurrence of an alarm that a picture was taken for. */
export const SnapshotOf = z.strictObject({
  device: z.string().max(64),
  alarm: z.string().max(64),
  episode: z.number().int().positive(),
});
export type SnapshotOf = z.infer<typeof SnapshotOf>;

/** 快照记录: that a camera was asked for a picture of these alarms, and what came of it. The bytes travel beside the lanes. */
export const SnapshotRecord = z.strictObject({
  kind: z.literal('snapshot'),
  id: SnapshotId,
  camera: z.string().max(64),
  /** When the picture was taken, or given up; milliseconds since 1970 UTC by the gateway's clock. */
  at: z.number().int(),
  /** Empty where an earlier record with this id has said it. */
  of: z.array(SnapshotOf).max(maxSnapshotAlarms),
  picture: z.union([Picture, z.strictObject({ missing: MissingReason })]),
});
export type SnapshotRecord = z.infer<typeof SnapshotRecord>;
