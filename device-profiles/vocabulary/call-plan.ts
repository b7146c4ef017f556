import { z } from 'zod';
import { CallPress, CallSummary } from './call.ts';
import { TimelineLine } from './incident.ts';
import { AreaPath } from './place.ts';
import { Shape } from './registry-area.ts';
import { OccupancyRole, Tag } from './registry-person.ts';
import { Text } from './text.ts';

/** What a call is made of before it goes out: whom it is for, what it says, what it would reach. */
const time = z.number().int();
const count = z.number().int();

/** Who is called: in any of the areas or buildings, with any of the tags and any of the relations, without the exceptions. */
export const CallAudience = z.strictObject({
  areas: z.array(AreaPath).max(200).default([]),
  /** Buildings whose outline lies with its middle in this one. */
  outline: z.strictObject({ within: AreaPath, shape: Shape }).nullable().default(null),
  tags: z.array(Tag).max(12).default([]),
  roles: z.array(OccupancyRole).max(4).default([]),
  except: z
    .strictObject({ areas: z.array(AreaPath).max(200).default([]), people: z.array(z.string().max(64)).max(500).default([]) })
    .prefault({}),
});
export type CallAudience = z.infer<typeof CallAudience>;

/** How long silence may last before the next step, each from the moment the message left. */
export const CallWaits = z.strictObject({ againMs: time, headMs: time, doorMs: time });
export type CallWaits = z.infer<typeof CallWaits>;

export const CallTemplate = z
  .strictObject({
    id: z.string(),
    version: count,
    name: z.string(),
    title: z.string(),
    /** With placeholders in braces: `{集合点}`. */
    text: z.string(),
    lifeSafety: z.boolean(),
    placeholders: z.array(z.string()),
    retired: z.boolean(),
    by: z.string(),
    at: time,
  })
  .meta({ id: 'CallTemplate' });
export type CallTemplate = z.infer<typeof CallTemplate>;

export const CallPreview = z
  .strictObject({
    people: count,
    households: count,
    grids: count,
    vulnerable: count,
    /** The smallest area that holds them all. */
    area: z.string(),
    channels: z.array(z.strictObject({ channel: z.string(), people: count, households: count })),
    /** Nobody of them can be reached by any channel. */
    unreachable: z.strictObject({
      people: count,
      households: count,
      list: z.array(z.strictObject({ person: z.string(), name: z.string(), label: z.string() })),
    }),
    /** True where a second person must approve. */
    needsSecond: z.boolean(),
  })
  .meta({ id: 'CallPreview' });
export type CallPreview = z.infer<typeof CallPreview>;

export const CallDetail = CallSummary.extend({
  template: z.strictObject({ id: z.string(), version: count }).nullable(),
  audience: CallAudience,
  waits: CallWaits,
  reason: z.string().nullable(),
  moves: z.array(z.strictObject({ move: CallPress, allowed: z.boolean(), why: Text.nullable() })),
  timeline: z.array(TimelineLine),
}).meta({ id: 'CallDetail' });
export type CallDetail = z.infer<typeof CallDetail>;
