const minute = 60_000;
const day = 24 * 60 * minute;

/** How long an alarm may be shelved. Never "for ever". */
export const shelfLimits = {
  /** Response model, rule 4: life safety is never shelved for longer. */
  lifeSafetyMs: 10 * minute,
  otherMs: day,
  /** Of one alarm in all, however often; past the first ten minutes a second person, and a third, must do it. */
  lifeSafetyAllMs: 30 * minute,
  otherAllMs: 7 * day,
  reasonLength: 200,
} as const;

/** How long an acknowledgement lasts while the alarm goes on and nobody has taken its incident up. */
export const ackLimits = {
  /** Where the person says nothing else. "I have seen it" must not be the last word on a fire. */
  lifeSafetyMs: 10 * minute,
  longestMs: day,
} as const;

/** How long a device may be out of service before somebody must say so again. */
export const serviceLimits = { longestMs: 30 * day } as const;

if (shelfLimits.lifeSafetyMs >= shelfLimits.otherMs) throw new Error('life safety may not be shelved for longer than the rest');
if (shelfLimits.lifeSafetyMs > shelfLimits.lifeSafetyAllMs || shelfLimits.otherMs > shelfLimits.otherAllMs)
  throw new Error('one shelving is within what all of them may be');
if (ackLimits.lifeSafetyMs >= ackLimits.longestMs) throw new Error('the usual time of an acknowledgement is within the longest');
