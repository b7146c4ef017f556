import { z } from 'zod';
import { Severity } from './severity.ts';
import { Id } from './text.ts';

/** 阈值 of one rule with a limit, as a device has it: what holds now, whoever set it. */
export const RuleSetting = z.strictObject({
  limit: z.number(),
  /** Where it clears: at or inside of the limit. */
  clear: z.number(),
  /** The condition must hold this long, milliseconds. */
  forMs: z.number().int().nonnegative(),
  severity: Severity.optional(),
  off: z.literal(true).optional(),
});
export type RuleSetting = z.infer<typeof RuleSetting>;

const longest = 24 * 3_600_000;

/** What an installer or manager says of one rule of one device; null: as the profile says. */
export const RuleEdit = z.strictObject({
  device: Id,
  alarm: Id,
  set: z.strictObject({ limit: z.number(), clear: z.number(), forMs: z.number().int().nonnegative().max(longest) }).nullable(),
});
export type RuleEdit = z.infer<typeof RuleEdit>;
