import { z } from 'zod';
import { Hazard, Severity } from './severity.ts';
import { pushStates } from './site-push-view.ts';
import { Text } from './text.ts';

const time = z.number().int();

/** Limit, where it clears, and how long the condition must hold, milliseconds. */
export const Threshold = z.strictObject({ limit: z.number(), clear: z.number(), forMs: z.number().int().nonnegative() });
export type Threshold = z.infer<typeof Threshold>;

/** A rule with a limit, as one device has it. */
export const DeviceRule = z
  .strictObject({
    alarm: z.string(),
    name: Text,
    severity: Severity,
    hazard: Hazard,
    point: z.string(),
    pointName: Text,
    symbol: z.string(),
    side: z.enum(['above', 'below']),
    /** What the gateway runs with. */
    now: Threshold,
    /** What the profile says. */
    own: Threshold,
    off: z.boolean(),
    /** The last change that was sent from here, and what became of it. */
    sent: z
      .strictObject({
        to: Threshold,
        before: Threshold,
        state: z.enum(pushStates),
        at: time,
        stateAt: time,
        byName: z.string(),
        reason: Text.nullable(),
      })
      .nullable(),
    /** Whether this reader may change it, and why not: lives hang on it, or the gateway reads a profile that is not known here. */
    change: z.enum(['open', 'life-safety', 'not-yours', 'own-profile']),
  })
  .meta({ id: 'DeviceRule' });
export type DeviceRule = z.infer<typeof DeviceRule>;

const Told = z.strictObject({
  count: z.number().int(),
  /** The first of them; `to` is null where it still held at the end. */
  episodes: z.array(z.strictObject({ from: time, to: time.nullable() })),
});

/** What a threshold would have done: the gateway's own rules over what was recorded. */
export const RulePreview = z
  .strictObject({
    from: time,
    to: time,
    /** Readings that were looked at; `cut` where there were more of them than are. */
    samples: z.number().int(),
    cut: z.boolean(),
    now: Told,
    changed: Told,
  })
  .meta({ id: 'RulePreview' });
export type RulePreview = z.infer<typeof RulePreview>;
