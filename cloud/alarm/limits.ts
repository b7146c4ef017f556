const minute = 60_000;

/** How long an alarm may be shelved. Never "for ever". */
export const shelfLimits = {
  /** Response model, rule 4: life safety is never shelved for longer. */
  lifeSafetyMs: 10 * minute,
  otherMs: 24 * 60 * minute,
  reasonLength: 200,
} as const;

if (shelfLimits.lifeSafetyMs >= shelfLimits.otherMs) throw new Error('life safety may not be shelved for longer than the rest');
