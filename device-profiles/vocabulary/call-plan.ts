import { z } from 'zod';
import { CallAreaCount, CallPoint, CallPress, CallSummary } from './call.ts';
import { ExportSignature } from './export-signature.ts';
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

/** 呼叫报告: what became of a call, for whoever has to answer for it. `call.timeline` can be checked without the server. */
export const CallReport = z
  .strictObject({
    schema: z.literal('yihu.call-report/1'),
    at: time,
    call: CallDetail,
    areas: z.array(CallAreaCount),
    /** From the first message until half, and nine in ten, of the people were accounted for; null where they never were. */
    halfMs: time.nullable(),
    ninetyMs: time.nullable(),
    /** How people answered, and who answered for them. */
    ways: z.array(z.strictObject({ via: z.string(), by: z.string(), people: count })),
    /** People called again, heads asked, people somebody had to knock for. */
    steps: z.strictObject({ again: count, head: count, door: count }),
    needs: z.strictObject({ all: count, done: count }),
    unreachable: z.array(z.strictObject({ reason: z.string(), people: count })),
    points: z.array(CallPoint),
    /** Absent where it was made before exports were signed. */
    signed: ExportSignature.optional(),
  })
  .meta({ id: 'CallReport' });
export type CallReport = z.infer<typeof CallReport>;
