import { z } from 'zod';
import { Value } from './reading.ts';
import { Id, Text } from './text.ts';

/**
 * 控制状态: how far an order to a device has come. A command that no point of the device shows ends with `sent`; one that
 * can be read back ends with `confirmed` or `unknown`.
 */
export const actStates = [
  /** 待第二人确认: nothing is sent before somebody else agrees. */
  'awaiting',
  /** 已受理: on disk, about to be sent. */
  'accepted',
  /** 已下发: the device took it. */
  'sent',
  /** 已执行: read back. */
  'confirmed',
  /** 被拒绝: certainly not carried out. */
  'refused',
  /** 结果未知: perhaps carried out, perhaps not. */
  'unknown',
  /** 已过期: too old, never sent. */
  'expired',
  /** 被闭锁: an interlock forbids it now; never sent. */
  'blocked',
] as const;
export const ActState = z.enum(actStates);
export type ActState = z.infer<typeof ActState>;

/** The life of an order: state → what may follow. Nothing follows a state without a row, nor `sent` where nothing is read back. */
export const actMoves: Readonly<Partial<Record<ActState, readonly ActState[]>>> = {
  // The first of two people has agreed, or took too long for the second.
  awaiting: ['awaiting', 'accepted', 'refused', 'expired', 'blocked'],
  accepted: ['sent', 'refused', 'unknown', 'expired', 'blocked'],
  sent: ['confirmed', 'unknown'],
};

/** 联动: which rule of the site file, and which episode of which alarm had it act. */
export const ActCause = z.strictObject({
  linkage: Id,
  device: z.string().max(64),
  alarm: z.string().max(64),
  episode: z.number().int().positive(),
  on: z.enum(['raised', 'cleared']),
});
export type ActCause = z.infer<typeof ActCause>;

/** Why a state was reached, where that is not plain from the state itself. */
export const ActReason = z.strictObject({ code: z.string().max(64), zh: z.string().max(300), en: z.string().max(300) });
export type ActReason = z.infer<typeof ActReason>;

export const ActArguments = z.record(Id, z.union([z.number(), z.string().max(300), z.boolean()]));
export type ActArguments = z.infer<typeof ActArguments>;

/** One change of state of one order; the log has them all, in order. */
export const ActChange = z.strictObject({
  /** Names the order for ever: given twice, it is carried out once. */
  id: z.string().min(1).max(200),
  command: Id,
  name: Text,
  args: ActArguments,
  state: ActState,
  /** Who ordered it, and who agreed; `linkage/<rule>` where a rule did. */
  by: z.array(z.string().min(1).max(120)).min(1).max(3),
  cause: ActCause.optional(),
  reason: ActReason.optional(),
  /** What the device shows, where it is read back. */
  shown: Value.optional(),
});
export type ActChange = z.infer<typeof ActChange>;
