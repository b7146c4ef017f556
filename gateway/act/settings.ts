import { ActArguments } from '@yihu/device-profiles/vocabulary/act.ts';
import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Id, Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';

/** The sections `linkage` (联动) and `interlocks` (联锁) of the site file. */

/** A name as the site file has it: in Chinese, or in both languages. */
export const Name = z.union([
  Text,
  z
    .string()
    .min(1)
    .max(120)
    .transform((zh): Text => ({ zh })),
]);

/** Which devices: named, or all of a category at a place. */
const scope = {
  devices: z.array(Id).min(1).max(256).optional(),
  category: Category.optional(),
  place: Place.optional(),
};

const value = z.union([z.number(), z.string().max(300), z.boolean()]);

/** A point that has a value, or an alarm that is active. `unknown`: what counts where nobody can tell, `block` unless said otherwise. */
export const ConditionSection = z
  .strictObject({
    device: Id,
    name: Name.optional(),
    unknown: z.enum(['block', 'act']).default('block'),
    point: Id.optional(),
    is: value.optional(),
    above: z.number().optional(),
    below: z.number().optional(),
    alarm: Id.optional(),
  })
  .refine(
    ({ point, alarm, is, above, below }) => {
      const tests = [is, above, below].filter((test) => test !== undefined).length;
      return point === undefined ? alarm !== undefined && tests === 0 : alarm === undefined && tests === 1;
    },
    { error: 'must be a point with one of is, above, below, or an alarm' },
  );
export type ConditionSection = z.output<typeof ConditionSection>;

export const TriggerSection = z
  .strictObject({
    ...scope,
    hazard: Hazard.optional(),
    alarm: Id.optional(),
    /** This grave or graver. */
    severity: Severity.default('warning'),
    edge: z.enum(['raised', 'cleared']).default('raised'),
  })
  .refine(({ hazard, alarm }) => hazard !== undefined || alarm !== undefined, { error: 'must name a hazard or an alarm' });

export const StepSection = z
  .strictObject({ ...scope, command: Id, args: ActArguments.default({}) })
  .refine(({ devices, category }) => (devices === undefined) !== (category === undefined), {
    error: 'must name devices, or a category',
  });
export type StepSection = z.output<typeof StepSection>;

export const LinkageSection = z.strictObject({
  id: Id,
  name: Name,
  when: TriggerSection,
  /** Waits this long, and acts only if the alarm is still active then. */
  after: Duration.prefault('0s'),
  unless: z.array(ConditionSection).max(16).default([]),
  do: z.array(StepSection).min(1).max(32),
  /** Acts also where a command asks for a second person. For fire alone. */
  without: z.literal('confirm').optional(),
  /** When the last of the alarms is over. */
  undo: z.array(StepSection).max(32).default([]),
});
export type LinkageSection = z.output<typeof LinkageSection>;

export const InterlockSection = z
  .strictObject({
    ...scope,
    name: Name,
    /** Default: every command. */
    commands: z.array(Id).min(1).max(32).optional(),
    unless: z.array(ConditionSection).min(1).max(16),
  })
  .refine(({ devices, category }) => (devices === undefined) !== (category === undefined), {
    error: 'must name devices, or a category',
  });
export type InterlockSection = z.output<typeof InterlockSection>;
